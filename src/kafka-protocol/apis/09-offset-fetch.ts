/**
 * OffsetFetch: v1-8. What a group has committed.
 *
 * - Of a partition without a commit: offset -1 and no error, whether it exists or not.
 * - All that is kept, where no topics are named (null, from v2).
 * - `require_stable` asks for offsets of open transactions to be waited for; there are none.
 *
 * v1
 * v2: null = all; an error of the group
 * v3: throttle_time_ms
 * v4: as v3
 * v5: committed_leader_epoch (KIP-320)
 * v6: flexible (KIP-482)
 * v7: require_stable (KIP-447)
 * v8: many groups at once (KIP-709)
 */
import type { CommittedOffset } from '../../broker/groups.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { GROUPS_MAX, OFFSETS_PER_GROUP_MAX } from '../../model/limits.ts';
import type { Call, KafkaApi } from '../api.ts';
import { NO_LEADER_EPOCH } from '../cluster.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { refusalNumber } from '../group-fields.ts';
import {
  byTopic,
  placeKey,
  readNullableNumbers,
  readNumbers,
  writeTopics,
} from '../topic-partitions.ts';
import type { InTopic } from '../topic-partitions.ts';

interface GroupAsked {
  readonly group: string;
  /** Null = all. */
  readonly topics: readonly InTopic<number>[] | null;
}

interface GroupAnswer {
  readonly group: string;
  readonly error: number;
  readonly topics: readonly InTopic<Committed>[];
}

type Committed = Pick<CommittedOffset, 'partition' | 'offset' | 'leaderEpoch' | 'metadata'>;

export const OFFSET_FETCH: KafkaApi<readonly GroupAsked[], readonly GroupAnswer[]> = {
  key: 9,
  name: 'OffsetFetch',
  versions: { min: 1, max: 8 },
  flexibleFrom: 6,
  readRequest,
  handle: (call, groups) => Promise.all(groups.map((each) => answerOf(call, each))),
  writeResponse,
};

async function answerOf({ context }: Call, { group, topics }: GroupAsked): Promise<GroupAnswer> {
  try {
    const committed = await context.broker.fetchOffsets(group);
    const error = KAFKA_ERROR.NONE;
    if (topics === null) return { group, error, topics: byTopic(committed) };
    const known = new Map(committed.map((each) => [placeKey(each), each]));
    return { group, error, topics: shownOf(topics, (place) => known.get(place)) };
  } catch (error) {
    const topicsShown = shownOf(topics ?? [], () => undefined);
    return { group, error: refusalNumber(error), topics: topicsShown };
  }
}

function shownOf(
  topics: readonly InTopic<number>[],
  find: (place: string) => Committed | undefined,
): InTopic<Committed>[] {
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(
      (partition) => find(placeKey({ topic, partition })) ?? none(partition),
    ),
  }));
}

function none(partition: number): Committed {
  return { partition, offset: -1, leaderEpoch: NO_LEADER_EPOCH, metadata: '' };
}

/**
 *     v1-7     group_id string
 *              topics with bare numbers, see ../topic-partitions.ts, nullable from v2
 *     v8+      groups array of
 *                group_id string, topics of the same, nullable
 *                tags
 *     v7+      require_stable boolean
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): GroupAsked[] {
  const readGroup = (): GroupAsked => ({
    group: reader.readString('group_id'),
    topics:
      version >= 2
        ? readNullableNumbers(reader, OFFSETS_PER_GROUP_MAX)
        : readNumbers(reader, OFFSETS_PER_GROUP_MAX),
  });
  const bounds = { field: 'groups', elementBytesMin: 2, countMax: GROUPS_MAX };
  const groups =
    version < 8
      ? [readGroup()]
      : reader.readArray(bounds, () => {
          const group = readGroup();
          reader.readTags('tags of a group');
          return group;
        });
  if (version >= 7) reader.readBoolean('require_stable');
  reader.readTags('tags');
  return groups;
}

/**
 *     v3+      throttle_time_ms int32
 *     v1-7     topics, see writeTopic
 *     v2-7     error_code int16
 *     v8+      groups array of
 *                group_id string, topics, error_code int16
 *                tags
 *     tags
 */
function writeResponse(writer: KafkaWriter, groups: readonly GroupAnswer[], version: number): void {
  if (version >= 3) writer.writeInt32(0);
  if (version >= 8) {
    writer.writeArray(groups, (each) => {
      writer.writeString(each.group);
      writeAnswer(writer, each, version);
      writer.writeTags();
    });
  } else {
    for (const only of groups) writeAnswer(writer, only, version);
  }
  writer.writeTags();
}

/**
 *     topics, of
 *              partition_index int32, committed_offset int64
 *       v5+    committed_leader_epoch int32
 *              metadata nullable string, error_code int16
 *     v2+      error_code int16
 *
 * Where there is no place for an error of the group, each partition has it; before v8 all do.
 */
function writeAnswer(writer: KafkaWriter, { error, topics }: GroupAnswer, version: number): void {
  const errorOfPartition = version >= 8 ? KAFKA_ERROR.NONE : error;
  writeTopics(writer, topics, ({ partition, offset, leaderEpoch, metadata }) => {
    writer.writeInt32(partition);
    writer.writeInt64(offset);
    if (version >= 5) writer.writeInt32(leaderEpoch);
    writer.writeNullableString(metadata);
    writer.writeInt16(errorOfPartition);
  });
  if (version >= 2) writer.writeInt16(error);
}
