/**
 * CreatePartitions: v0-3. Gives topics more partitions, up to a count in all (KIP-195).
 *
 * - A count that is not above the present one is refused with 37.
 * - Replicas placed by hand: one list for each partition that is new, each of the one broker; else
 *   39.
 * - A name that is there twice is refused with 42, once.
 * - The time limit is not looked at: all of a topic's partitions are added or none.
 *
 * v1: as v0
 * v2: flexible (KIP-482)
 * v3: as v2, but for THROTTLING_QUOTA_EXCEEDED (KIP-599)
 */
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { PARTITIONS_PER_TOPIC_MAX, TOPICS_MAX } from '../../model/limits.ts';
import { quote } from '../../model/names.ts';
import type { Call, KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { KafkaRefusal, namedTwice, outcomeOf } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import { badAssignment, checkReplicas, readBrokers } from '../replica-assignment.ts';

export interface CreatePartitionsRequest {
  readonly topics: readonly Growth[];
  readonly validateOnly: boolean;
}

interface Growth {
  readonly name: string;
  /** In all. */
  readonly count: number;
  /** By new partition. Null = as the server likes. */
  readonly assignments: readonly (readonly number[])[] | null;
}

export interface CreatePartitionsResponse {
  readonly topics: readonly ({ readonly name: string } & Outcome)[];
}

export const CREATE_PARTITIONS: KafkaApi<CreatePartitionsRequest, CreatePartitionsResponse> = {
  key: 37,
  name: 'CreatePartitions',
  versions: { min: 0, max: 3 },
  flexibleFrom: 2,
  readRequest,
  async handle(call, { topics, validateOnly }) {
    const twice = namedTwice(topics.map(({ name }) => name));
    const named = new Map(topics.map((growth) => [growth.name, growth]));
    const answers = [...named.values()].map(async (growth) => {
      const { name } = growth;
      const outcome = await outcomeOf(async () => {
        if (twice.has(name)) {
          throw new KafkaRefusal(
            KAFKA_ERROR.INVALID_REQUEST,
            `${quote(name)} is named more than once`,
          );
        }
        await grow(call, growth, validateOnly);
      });
      return { name, ...outcome };
    });
    return { topics: await Promise.all(answers) };
  },
  writeResponse,
};

async function grow(
  { context: { broker } }: Call,
  { name, count, assignments }: Growth,
  validateOnly: boolean,
): Promise<void> {
  const { partitionCount } = await broker.topic(name);
  if (count <= partitionCount) {
    const message = `topic ${quote(name)} has ${partitionCount} partitions; ${count} would not be more`;
    throw new KafkaRefusal(KAFKA_ERROR.INVALID_PARTITIONS, message);
  }
  if (assignments !== null) checkAssignments(assignments, { from: partitionCount, to: count });
  await broker.addPartitions(name, count, { validateOnly });
}

function checkAssignments(
  assignments: readonly (readonly number[])[],
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (assignments.length !== to - from) {
    const given = `replicas are placed for ${assignments.length} partitions`;
    throw badAssignment(`${given}, and ${to - from} are to be added`);
  }
  assignments.forEach((brokers, index) => checkReplicas(brokers, from + index));
}

/**
 *     topics array of
 *                name string, count int32
 *                assignments nullable array of (broker_ids array of int32, tags)
 *                tags
 *     timeout_ms int32, validate_only boolean, tags
 */
function readRequest(reader: KafkaReader): CreatePartitionsRequest {
  const bounds = {
    field: 'assignments',
    elementBytesMin: 1,
    countMax: PARTITIONS_PER_TOPIC_MAX,
  };
  const topics = reader.readArray(
    { field: 'topics', elementBytesMin: 6, countMax: TOPICS_MAX },
    () => {
      const name = reader.readString('name');
      const count = reader.readInt32('count');
      const assignments = reader.readNullableArray(bounds, () => {
        const brokers = readBrokers(reader);
        reader.readTags('tags of an assignment');
        return brokers;
      });
      reader.readTags('tags of a topic');
      return { name, count, assignments };
    },
  );
  reader.readInt32('timeout_ms');
  const validateOnly = reader.readBoolean('validate_only');
  reader.readTags('tags');
  return { topics, validateOnly };
}

/**
 *     throttle_time_ms int32
 *     results array of
 *                name string, error_code int16, error_message nullable string, tags
 *     tags
 */
function writeResponse(writer: KafkaWriter, { topics }: CreatePartitionsResponse): void {
  writer.writeInt32(0);
  writer.writeArray(topics, ({ name, error, message }) => {
    writer.writeString(name);
    writer.writeInt16(error);
    writer.writeNullableString(message);
    writer.writeTags();
  });
  writer.writeTags();
}
