/**
 * Which partition each record goes to: the one it names (or the URL does), else by its key as
 * every Kafka client would choose, else one that all keyless records of the request share and
 * that changes from request to request.
 */
import type { ProducePart, ProducerSequence, Topic } from '../broker/broker.ts';
import { partitionForKey } from '../codec/murmur2.ts';
import { TOPICS_MAX } from '../model/limits.ts';
import type { Record } from '../model/record.ts';
import type { ProduceInput } from './produce-input.ts';
import { ANY_PARTITION } from './produce-input.ts';
import { RecordFaults } from './record-faults.ts';

export interface Placement {
  readonly parts: readonly ProducePart[];
  /** For each record of the request the index of its part; undefined when there is one part. */
  readonly partOf: readonly number[] | undefined;
}

/** A part without its records: what is still needed of them once the log has them. */
export interface Share {
  readonly partition: number;
  /** Of its records, in their order; encoded batches are not looked into. */
  readonly timestamps: readonly number[];
}

/**
 * What an answer is made from. It is kept while the disk is at work, and the records are not: a
 * thousand of them that live so long cost the garbage collector a fifth of the server's time.
 */
export interface Shares {
  readonly shares: readonly Share[];
  /** As in the placement. */
  readonly partOf: readonly number[] | undefined;
}

export function sharesOf({ parts, partOf }: Placement): Shares {
  const shares = parts.map(({ partition, payload }) => ({
    partition,
    timestamps: payload.kind === 'records' ? payload.records.map(({ timestamp }) => timestamp) : [],
  }));
  return { shares, partOf };
}

/** Where a request is sent, beyond its topic. */
export interface PlacementWish {
  /** Of the URL; undefined on a topic's route. */
  readonly partition: number | undefined;
  readonly producer: ProducerSequence | undefined;
}

/** Throws INVALID_RECORD for records that name a partition which cannot be theirs. */
export function placeRecords(
  topic: Topic,
  input: ProduceInput,
  { partition, producer }: PlacementWish,
  sticky: StickyPartitions,
): Placement {
  const { records } = input;
  if (input.partitions !== undefined) checkNamed(topic, input.partitions, partition);
  const only = partition ?? (topic.partitionCount === 1 ? 0 : undefined);
  if (only !== undefined) return onePart(topic, only, records, producer);
  const chosen = choosePartitions(topic, input, sticky);
  const [first = 0] = chosen;
  // Very common: one record, or no keys.
  if (chosen.every((each) => each === first)) return onePart(topic, first, records, producer);
  return manyParts(topic, records, chosen);
}

/** Encoded batches: one partition, chosen by their sender. */
export function placeBatches(topic: Topic, bytes: Uint8Array, partition: number): Placement {
  const payload = { kind: 'batches', bytes } as const;
  return { parts: [{ topic: topic.name, partition, payload }], partOf: undefined };
}

function checkNamed(topic: Topic, named: readonly number[], partition: number | undefined): void {
  const faults = new RecordFaults();
  named.forEach((each, index) => {
    if (each === ANY_PARTITION || each === partition) return;
    if (partition !== undefined) {
      faults.refuse(index, 'partition', `is ${each}; the URL names partition ${partition}`);
    } else if (each >= topic.partitionCount) {
      const last = topic.partitionCount - 1;
      faults.refuse(index, 'partition', `is ${each}; topic ${topic.name} has 0 to ${last}`);
    }
  });
  faults.throwIfAny();
}

function onePart(
  topic: Topic,
  partition: number,
  records: readonly Record[],
  producer: ProducerSequence | undefined,
): Placement {
  const payload = { kind: 'records', records } as const;
  return { parts: [{ topic: topic.name, partition, payload, producer }], partOf: undefined };
}

function choosePartitions(
  topic: Topic,
  { records, partitions }: ProduceInput,
  sticky: StickyPartitions,
): number[] {
  let shared = ANY_PARTITION;
  return records.map(({ key }, index) => {
    const named = partitions === undefined ? ANY_PARTITION : (partitions[index] as number);
    if (named !== ANY_PARTITION) return named;
    if (key !== null) return partitionForKey(key, topic.partitionCount);
    if (shared === ANY_PARTITION) shared = sticky.next(topic);
    return shared;
  });
}

/** Records of one partition keep their order. */
function manyParts(topic: Topic, records: readonly Record[], chosen: readonly number[]): Placement {
  const indexes = new Map<number, number>();
  const lists: Record[][] = [];
  const partOf = chosen.map((partition, index) => {
    let part = indexes.get(partition);
    if (part === undefined) {
      part = lists.push([]) - 1;
      indexes.set(partition, part);
    }
    (lists[part] as Record[]).push(records[index] as Record);
    return part;
  });
  const parts = [...indexes].map(([partition, part]) => ({
    topic: topic.name,
    partition,
    payload: { kind: 'records' as const, records: lists[part] as Record[] },
  }));
  return { parts, partOf };
}

/** The next partition for keyless records of each topic, in turn. */
export class StickyPartitions {
  readonly #next = new Map<string, number>();

  next({ topicId, partitionCount }: Pick<Topic, 'topicId' | 'partitionCount'>): number {
    const next = (this.#next.get(topicId) ?? 0) % partitionCount;
    // Deleted topics would stay for ever; beginning anew costs nothing but the turn.
    if (this.#next.size > TOPICS_MAX) this.#next.clear();
    this.#next.set(topicId, next + 1);
    return next;
  }
}
