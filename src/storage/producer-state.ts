/**
 * What a partition remembers of its idempotent producers, to recognise what is sent twice and to
 * refuse what comes out of order. Pure: no I/O, and `now` is an argument.
 *
 * Rules (KIP-98, Kafka's ProducerStateManager): sequences count records from 0 and wrap after
 * 2^31-1. A producer without state may begin anywhere. A higher epoch begins at 0 and fences the
 * lower ones. Each of the last five batches is recognised when it comes again.
 *
 * Batches that are appended but not yet acknowledged count at once; `rollback` takes them back
 * when their flush fails.
 */
import { MillraceError } from '../model/errors.ts';
import {
  INT32_MAX,
  PRODUCER_BATCHES_REMEMBERED,
  PRODUCER_EXPIRATION_MS,
  PRODUCERS_PER_PARTITION_MAX,
} from '../model/limits.ts';

/** One batch as the producer knows it. */
export interface SequencedBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

interface RememberedBatch {
  readonly epoch: number;
  readonly baseSequence: number;
  readonly count: number;
  readonly baseOffset: number;
}

interface Producer {
  /** Oldest first; never empty. */
  batches: RememberedBatch[];
  lastAppendMs: number;
}

/** [producer id, last append ms, [epoch, base sequence, count, base offset][]] */
export type ProducerSnapshot = readonly [number, number, readonly (readonly number[])[]];

export class ProducerState {
  /** Kept in order of the last append: the longest silent producer is the first. */
  readonly #producers = new Map<number, Producer>();

  get size(): number {
    return this.#producers.size;
  }

  /**
   * The base offset of an earlier batch that this one repeats, or undefined when it is the next.
   * Throws INVALID_PRODUCER_EPOCH or OUT_OF_ORDER_SEQUENCE_NUMBER, with `written: 'no'`.
   */
  duplicateOf(batch: SequencedBatch): number | undefined {
    return earlierOf(batch, this.#producers.get(batch.producerId)?.batches)?.baseOffset;
  }

  /** Throws for the first of these that `duplicateOf` would refuse, had those before it been added. */
  checkInOrder(batches: readonly SequencedBatch[]): void {
    const tried = new Map<number, RememberedBatch[]>();
    for (const batch of batches) {
      const { producerId } = batch;
      const known = tried.get(producerId) ?? this.#producers.get(producerId)?.batches ?? [];
      if (earlierOf(batch, known) !== undefined) continue;
      tried.set(producerId, [...known, remembered(batch, -1)]);
    }
  }

  /** Remembers a batch that `duplicateOf` let pass and that is being appended at `baseOffset`. */
  add(batch: SequencedBatch, baseOffset: number, nowMs: number): void {
    const producer = this.#producers.get(batch.producerId) ?? { batches: [], lastAppendMs: nowMs };
    producer.batches.push(remembered(batch, baseOffset));
    producer.lastAppendMs = nowMs;
    this.#producers.delete(batch.producerId);
    this.#producers.set(batch.producerId, producer);
  }

  /** Forgets what is no longer needed of one producer, now that all below `durableOffset` holds. */
  settle(producerId: number, durableOffset: number): void {
    const producer = this.#producers.get(producerId);
    if (producer === undefined) return;
    const durable = producer.batches.filter((each) => each.baseOffset < durableOffset).length;
    const surplus = durable - PRODUCER_BATCHES_REMEMBERED;
    if (surplus > 0) producer.batches.splice(0, surplus);
  }

  /** Takes back every batch at or above `offset`: it was never acknowledged and is gone. */
  rollback(offset: number): void {
    for (const [producerId, producer] of this.#producers) {
      if ((producer.batches.at(-1) as RememberedBatch).baseOffset < offset) continue;
      producer.batches = producer.batches.filter((each) => each.baseOffset < offset);
      if (producer.batches.length === 0) this.#producers.delete(producerId);
    }
  }

  /** Forgets producers silent for a day, and the longest silent ones beyond the bound. */
  expire(nowMs: number): void {
    for (const [producerId, producer] of this.#producers) {
      const silent = nowMs - producer.lastAppendMs > PRODUCER_EXPIRATION_MS;
      if (!silent && this.#producers.size <= PRODUCERS_PER_PARTITION_MAX) break;
      this.#producers.delete(producerId);
    }
  }

  /** What is durable of it, for the checkpoint. */
  snapshot(durableOffset: number): ProducerSnapshot[] {
    const rows: ProducerSnapshot[] = [];
    for (const [producerId, producer] of this.#producers) {
      const durable = producer.batches
        .filter((each) => each.baseOffset < durableOffset)
        .slice(-PRODUCER_BATCHES_REMEMBERED);
      if (durable.length === 0) continue;
      rows.push([
        producerId,
        producer.lastAppendMs,
        durable.map((each) => [each.epoch, each.baseSequence, each.count, each.baseOffset]),
      ]);
    }
    return rows;
  }

  static restore(rows: readonly ProducerSnapshot[]): ProducerState {
    const state = new ProducerState();
    for (const [producerId, lastAppendMs, batches] of rows) {
      for (const row of batches) {
        const [producerEpoch, baseSequence, recordCount, baseOffset] = row as [
          number,
          number,
          number,
          number,
        ];
        const batch = { producerId, producerEpoch, baseSequence, recordCount };
        state.add(batch, baseOffset, lastAppendMs);
      }
    }
    return state;
  }
}

function remembered(batch: SequencedBatch, baseOffset: number): RememberedBatch {
  const { producerEpoch: epoch, baseSequence, recordCount: count } = batch;
  return { epoch, baseSequence, count, baseOffset };
}

/** Which of a producer's batches `batch` repeats; undefined when it is the next. */
function earlierOf(
  batch: SequencedBatch,
  batches: readonly RememberedBatch[] = [],
): RememberedBatch | undefined {
  const last = batches.at(-1);
  if (last === undefined) return undefined;
  if (batch.producerEpoch < last.epoch) throw fenced(batch, last.epoch);
  if (batch.producerEpoch > last.epoch) {
    if (batch.baseSequence !== 0) throw outOfOrder(batch, 0);
    return undefined;
  }
  const expected = sequenceAfter(last);
  if (batch.baseSequence === expected) return undefined;
  const earlier = batches.find(
    (each) =>
      each.epoch === batch.producerEpoch &&
      each.baseSequence === batch.baseSequence &&
      each.count === batch.recordCount,
  );
  if (earlier === undefined) throw outOfOrder(batch, expected);
  return earlier;
}

/** Sequences wrap to 0 behind 2^31-1 (DefaultRecordBatch.incrementSequence). */
function sequenceAfter(batch: RememberedBatch): number {
  const next = batch.baseSequence + batch.count;
  return next > INT32_MAX ? next - INT32_MAX - 1 : next;
}

function outOfOrder(batch: SequencedBatch, expected: number): MillraceError {
  return new MillraceError(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `producer ${batch.producerId} sent sequence ${batch.baseSequence}; ${expected} is expected next`,
    {
      written: 'no',
      details: { producer_id: batch.producerId, expected, received: batch.baseSequence },
    },
  );
}

function fenced(batch: SequencedBatch, current: number): MillraceError {
  return new MillraceError(
    'INVALID_PRODUCER_EPOCH',
    `producer ${batch.producerId} has epoch ${batch.producerEpoch}; epoch ${current} has taken over`,
    {
      written: 'no',
      details: { producer_id: batch.producerId, current, received: batch.producerEpoch },
    },
  );
}
