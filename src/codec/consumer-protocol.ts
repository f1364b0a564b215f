/**
 * What the members of a consumer group tell one another in the bytes that a broker passes on:
 * Kafka's ConsumerProtocolSubscription (in a join, to the leader) and ConsumerProtocolAssignment
 * (in a sync, from the leader). Types are drawn in `kafka-reader.ts`, always in the plain form:
 *
 *     Subscription                                Assignment
 *     version           int16                     version             int16
 *     topics            array of string           assignedPartitions  array of TopicPartitions
 *     userData          bytes or null             userData            bytes or null
 *     ownedPartitions   array of TopicPartitions
 *                       from version 1            TopicPartitions
 *     generation        int32, from version 2     topic               string
 *     rackId            string or null,           partitions          array of int32
 *                       from version 3
 *
 * Reading is as tolerant as it can be, for one member that is not understood stops its whole group.
 * A version above 3 is read as 3 and what follows is ignored: Kafka promises that new versions only
 * add fields at the end. And what a version has more than version 0 may be missing from the end
 * on: old Go clients write version 1 without its field, and sarama reads that too.
 *
 * What names and numbers say is not looked at. Damaged bytes are refused with INVALID_REQUEST.
 */
import { KafkaReader } from './kafka-reader.ts';
import { KafkaWriter } from './kafka-writer.ts';

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface Subscription {
  readonly topics: readonly string[];
  /** The assignor's own, such as in `sticky-user-data.ts`. */
  readonly userData: Uint8Array | null;
  /** What the member has not given up while it joins: in cooperative rebalances (KIP-429). */
  readonly ownedPartitions: readonly TopicPartitions[];
  /** The one that it owned them in; -1 = none, or not said. */
  readonly generation: number;
  readonly rackId: string | null;
}

export interface Assignment {
  readonly assignedPartitions: readonly TopicPartitions[];
  readonly userData: Uint8Array | null;
}

export type SubscriptionVersion = 0 | 1 | 2 | 3;

/**
 * The lowest that can carry owned partitions, without which no cooperative rebalance works. Not
 * higher, because sarama and kafka-go check that no byte is left over and learnt the later versions
 * years later; the generation reaches the sticky assignors in their user data all the same.
 */
const SUBSCRIPTION_VERSION_DEFAULT = 1;
/** All versions of it have the same bytes, and every client knows this one. */
const ASSIGNMENT_VERSION = 0;

/** The lengths of a topic and of its partitions. */
const TOPIC_PARTITIONS_BYTES_MIN = 6;
const STRING_BYTES_MIN = 2;
const INT32_BYTES = 4;

/** Fields that the version does not have are left out. */
export function encodeSubscription(
  subscription: Subscription,
  version: SubscriptionVersion = SUBSCRIPTION_VERSION_DEFAULT,
): Buffer {
  const writer = new KafkaWriter();
  writer.writeInt16(version);
  writer.writeArray(subscription.topics, (topic) => writer.writeString(topic));
  writer.writeNullableBytes(subscription.userData);
  if (version >= 1) writeTopicPartitions(writer, subscription.ownedPartitions);
  if (version >= 2) writer.writeInt32(subscription.generation);
  if (version >= 3) writer.writeNullableString(subscription.rackId);
  return writer.written();
}

/** `userData` lies in the memory of `bytes`. */
export function decodeSubscription(bytes: Uint8Array): Subscription {
  const reader = new KafkaReader(bytes, 'INVALID_REQUEST');
  const version = readVersion(reader, 'subscription version');
  const field = 'subscription topics';
  const topics = reader.readArray({ field, elementBytesMin: STRING_BYTES_MIN }, () =>
    reader.readString('subscription topic'),
  );
  const userData = reader.readNullableBytes('subscription userData');
  const has = (since: SubscriptionVersion): boolean => version >= since && reader.left > 0;
  return {
    topics,
    userData,
    ownedPartitions: has(1) ? readTopicPartitions(reader, 'subscription ownedPartitions') : [],
    generation: has(2) ? reader.readInt32('subscription generationId') : -1,
    rackId: has(3) ? reader.readNullableString('subscription rackId') : null,
  };
}

export function encodeAssignment(
  assignedPartitions: readonly TopicPartitions[],
  userData: Uint8Array | null = null,
): Buffer {
  const writer = new KafkaWriter();
  writer.writeInt16(ASSIGNMENT_VERSION);
  writeTopicPartitions(writer, assignedPartitions);
  writer.writeNullableBytes(userData);
  return writer.written();
}

/** No bytes are what a member gets that its leader left out: nothing. Else like a subscription. */
export function decodeAssignment(bytes: Uint8Array): Assignment {
  if (bytes.length === 0) return { assignedPartitions: [], userData: null };
  const reader = new KafkaReader(bytes, 'INVALID_REQUEST');
  readVersion(reader, 'assignment version');
  const assignedPartitions = readTopicPartitions(reader, 'assignment assignedPartitions');
  return { assignedPartitions, userData: reader.readNullableBytes('assignment userData') };
}

/** Also what the user data of the sticky assignor is made of. */
export function writeTopicPartitions(writer: KafkaWriter, all: readonly TopicPartitions[]): void {
  writer.writeArray(all, ({ topic, partitions }) => {
    writer.writeString(topic);
    writer.writeArray(partitions, (partition) => writer.writeInt32(partition));
  });
}

export function readTopicPartitions(reader: KafkaReader, field: string): TopicPartitions[] {
  return reader.readArray({ field, elementBytesMin: TOPIC_PARTITIONS_BYTES_MIN }, () => {
    const topic = reader.readString(`${field} topic`);
    const partitionsField = { field: `${field} partitions`, elementBytesMin: INT32_BYTES };
    const partitions = reader.readArray(partitionsField, () =>
      reader.readInt32(`${field} partition`),
    );
    return { topic, partitions };
  });
}

/** Kafka knows no negative ones either. */
function readVersion(reader: KafkaReader, field: string): number {
  const version = reader.readInt16(field);
  if (version >= 0) return version;
  throw reader.fault(field, 'at least 0', String(version));
}
