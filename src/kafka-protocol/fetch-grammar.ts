/**
 * How Fetch stands on the wire, v4-16; what it does is in apis/01-fetch.ts.
 */
import type { KafkaReader } from '../codec/kafka-reader.ts';
import type { KafkaWriter } from '../codec/kafka-writer.ts';
import { PARTITIONS_MAX, TOPICS_MAX } from '../model/limits.ts';
import { NO_LEADER_EPOCH, NO_TOPIC_ID } from './cluster.ts';

const READ_COMMITTED = 1;
const NO_REPLICA = -1;

export interface FetchRequest {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel: number;
  readonly sessionEpoch: number;
  readonly topics: readonly TopicAsked[];
}

/** By name up to v12, from v13 on by id. */
export interface TopicAsked {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly PartitionAsked[];
}

export interface PartitionAsked {
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly offset: number;
  readonly maxBytes: number;
}

export interface FetchResponse {
  readonly error: number;
  /** Of the request. */
  readonly isolationLevel: number;
  readonly topics: readonly TopicAnswer[];
  /** Gives back what it is made of. */
  readonly release: () => void;
}

export interface TopicAnswer extends Pick<TopicAsked, 'name' | 'topicId'> {
  readonly partitions: readonly PartitionAnswer[];
}

export interface PartitionAnswer {
  readonly partition: number;
  readonly error: number;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  /** Batches, back to back. */
  readonly pieces: readonly Buffer[];
}

/**
 *     v4-14    replica_id int32
 *     max_wait_ms int32, min_bytes int32, max_bytes int32, isolation_level int8
 *     v7+      session_id int32, session_epoch int32
 *     topics array of
 *       v4-12    topic string
 *       v13+     topic_id uuid
 *                partitions array, see readPartition
 *                tags
 *     v7+      forgotten_topics_data array of
 *       v7-12    topic string
 *       v13+     topic_id uuid
 *                partitions array of int32
 *                tags
 *     v11+     rack_id string
 *     tags
 */
export function readFetchRequest(reader: KafkaReader, version: number): FetchRequest {
  if (version <= 14) reader.readInt32('replica_id');
  const bounds = {
    maxWaitMs: reader.readInt32('max_wait_ms'),
    minBytes: reader.readInt32('min_bytes'),
    maxBytes: reader.readInt32('max_bytes'),
    isolationLevel: reader.readInt8('isolation_level'),
  };
  if (version >= 7) reader.readInt32('session_id');
  const sessionEpoch = version >= 7 ? reader.readInt32('session_epoch') : 0;
  let left = PARTITIONS_MAX;
  const topics = reader.readArray(topicBounds('topics'), () => {
    const topic = readTopic(reader, version);
    const countMax = { field: 'partitions', elementBytesMin: 16, countMax: left };
    const partitions = reader.readArray(countMax, () => readPartition(reader, version));
    left -= partitions.length;
    reader.readTags('tags of a topic');
    return { ...topic, partitions };
  });
  if (version >= 7) skipForgotten(reader, version);
  if (version >= 11) reader.readString('rack_id');
  reader.readTags('tags');
  return { ...bounds, sessionEpoch, topics };
}

function topicBounds(field: string) {
  return { field, elementBytesMin: 2, countMax: TOPICS_MAX };
}

function readTopic(reader: KafkaReader, version: number): Pick<TopicAsked, 'name' | 'topicId'> {
  return version <= 12
    ? { name: reader.readString('topic'), topicId: NO_TOPIC_ID }
    : { name: '', topicId: reader.readUuid('topic_id') };
}

/**
 *                partition int32
 *       v9+      current_leader_epoch int32
 *                fetch_offset int64
 *       v12+     last_fetched_epoch int32
 *       v5+      log_start_offset int64
 *                partition_max_bytes int32
 *                tags
 */
function readPartition(reader: KafkaReader, version: number): PartitionAsked {
  const partition = reader.readInt32('partition');
  const leaderEpoch = version >= 9 ? reader.readInt32('current_leader_epoch') : NO_LEADER_EPOCH;
  const offset = reader.readInt64('fetch_offset');
  if (version >= 12) reader.readInt32('last_fetched_epoch');
  if (version >= 5) reader.readInt64('log_start_offset');
  const maxBytes = reader.readInt32('partition_max_bytes');
  reader.readTags('tags of a partition');
  return { partition, leaderEpoch, offset, maxBytes };
}

/** Of a session, and there are none. */
function skipForgotten(reader: KafkaReader, version: number): void {
  reader.readArray(topicBounds('forgotten_topics_data'), () => {
    readTopic(reader, version);
    const bounds = { field: 'forgotten partitions', elementBytesMin: 4 };
    reader.readArray(bounds, () => reader.readInt32('forgotten partition'));
    reader.readTags('tags of a forgotten topic');
  });
}

/**
 *     throttle_time_ms int32
 *     v7+      error_code int16, session_id int32
 *     responses array of
 *       v4-12    topic string
 *       v13+     topic_id uuid
 *                partitions array, see writePartition
 *                tags
 *     tags
 */
export function writeFetchResponse(
  writer: KafkaWriter,
  { error, isolationLevel, topics }: FetchResponse,
  version: number,
): void {
  writer.writeInt32(0);
  if (version >= 7) {
    writer.writeInt16(error);
    writer.writeInt32(0);
  }
  const aborted = isolationLevel === READ_COMMITTED ? [] : null;
  writer.writeArray(topics, ({ name, topicId, partitions }) => {
    if (version <= 12) writer.writeString(name);
    else writer.writeUuid(topicId);
    writer.writeArray(partitions, (answer) => writePartition(writer, { answer, aborted, version }));
    writer.writeTags();
  });
  writer.writeTags();
}

interface PartitionToWrite {
  readonly answer: PartitionAnswer;
  readonly aborted: readonly never[] | null;
  readonly version: number;
}

/**
 *                partition_index int32, error_code int16
 *                high_watermark int64, last_stable_offset int64
 *       v5+      log_start_offset int64
 *                aborted_transactions nullable array
 *       v11+     preferred_read_replica int32
 *                records nullable bytes
 *                tags
 */
function writePartition(writer: KafkaWriter, { answer, aborted, version }: PartitionToWrite): void {
  writer.writeInt32(answer.partition);
  writer.writeInt16(answer.error);
  writer.writeInt64(answer.highWatermark);
  writer.writeInt64(answer.highWatermark);
  if (version >= 5) writer.writeInt64(answer.logStartOffset);
  writer.writeNullableArray(aborted, () => {});
  if (version >= 11) writer.writeInt32(NO_REPLICA);
  writer.writeSharedBytes(answer.pieces);
  writer.writeTags();
}
