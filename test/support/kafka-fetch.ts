/** Fetch as its clients write it, and its answer as they read it. */
import type { KafkaReader } from '../../src/codec/kafka-reader.ts';
import type { KafkaWriter } from '../../src/codec/kafka-writer.ts';
import type { WireRequest } from './kafka-wire.ts';

export interface PartitionWanted {
  readonly partition?: number;
  readonly offset?: number;
  readonly maxBytes?: number;
  readonly leaderEpoch?: number;
}

export interface FetchAsked {
  readonly version?: number;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly isolationLevel?: number;
  readonly session?: readonly [id: number, epoch: number];
  /** By name, or from v13 on by id. */
  readonly topics: readonly (readonly [topic: string, ...partitions: PartitionWanted[]])[];
  readonly forgotten?: readonly (readonly [topic: string, ...partitions: number[]])[];
}

export function fetchRequest(asked: FetchAsked): WireRequest {
  const { version = 12, maxWaitMs = 0, minBytes = 1, maxBytes = 1e9 } = asked;
  const { isolationLevel = 0, session = [0, -1], topics, forgotten = [] } = asked;
  const body = (writer: KafkaWriter): void => {
    const writeTopic = (topic: string): void =>
      version <= 12 ? writer.writeString(topic) : writer.writeUuid(topic);
    if (version <= 14) writer.writeInt32(-1);
    for (const number of [maxWaitMs, minBytes, maxBytes]) writer.writeInt32(number);
    writer.writeInt8(isolationLevel);
    if (version >= 7) for (const number of session) writer.writeInt32(number);
    writer.writeArray(topics, ([topic, ...partitions]) => {
      writeTopic(topic);
      writer.writeArray(partitions, (wanted) => writePartition(writer, wanted, version));
      writer.writeTags();
    });
    if (version >= 7) {
      writer.writeArray(forgotten, ([topic, ...partitions]) => {
        writeTopic(topic);
        writer.writeArray(partitions, (partition) => writer.writeInt32(partition));
        writer.writeTags();
      });
    }
    if (version >= 11) writer.writeString('rack');
    writer.writeTags();
  };
  return { key: 1, version, body };
}

function writePartition(writer: KafkaWriter, wanted: PartitionWanted, version: number): void {
  const { partition = 0, offset = 0, maxBytes = 1e9, leaderEpoch = -1 } = wanted;
  writer.writeInt32(partition);
  if (version >= 9) writer.writeInt32(leaderEpoch);
  writer.writeInt64(offset);
  if (version >= 12) writer.writeInt32(-1);
  if (version >= 5) writer.writeInt64(-1);
  writer.writeInt32(maxBytes);
  writer.writeTags();
}

/** What a version does not have is undefined. */
export function readFetchAnswer(reader: KafkaReader, version: number) {
  const since = <T>(first: number, read: () => T): T | undefined =>
    version >= first ? read() : undefined;
  const array = <T>(read: () => T): T[] =>
    reader.readArray({ field: 'array', elementBytesMin: 1 }, () => {
      const element = read();
      reader.readTags('tags');
      return element;
    });
  const answer = {
    throttleMs: reader.readInt32('throttle_time_ms'),
    error: since(7, () => reader.readInt16('error_code')),
    sessionId: since(7, () => reader.readInt32('session_id')),
    topics: array(() => ({
      topic: version <= 12 ? reader.readString('topic') : reader.readUuid('topic_id'),
      partitions: array(() => ({
        partition: reader.readInt32('partition_index'),
        error: reader.readInt16('error_code'),
        highWatermark: reader.readInt64('high_watermark'),
        lastStableOffset: reader.readInt64('last_stable_offset'),
        logStartOffset: since(5, () => reader.readInt64('log_start_offset')),
        aborted: reader.readNullableArray({ field: 'aborted', elementBytesMin: 16 }, () => {}),
        preferredReplica: since(11, () => reader.readInt32('preferred_read_replica')),
        records: reader.readBytes('records'),
      })),
    })),
  };
  reader.readTags('tags');
  reader.readEnd('answer');
  return answer;
}
