/**
 * Stored batches on their way out as they are. What the broker gives is shared with other readers
 * and carries the distance to its flush start as leader epoch (the log's own business), so whatever
 * leaves has epoch 0: batches that have it already, the first of each flush, go as they are, others
 * as a copy. The CRC does not cover that field. Measured: copying everything costs a third of the
 * server's time at this.
 */
import {
  baseOffsetAt,
  lastOffsetAt,
  leaderEpochAt,
  recordCountAt,
  setBatchPlace,
} from './batch-header.ts';
import { batchEndAt } from './batch-reader.ts';
import { asBuffer } from './bytes.ts';
import { BATCH_COPY_BYTES } from '../model/limits.ts';

export class BatchCopies {
  /** Bytes of all that will leave. */
  readonly bytes: number;
  /** Behind the last of them; where the read began when there are none. */
  readonly nextOffset: number;
  readonly #batches: Buffer;
  #at = 0;

  /** Takes batches up to the one that holds the `recordsMax`-th record at or above `from`. */
  constructor(batches: Uint8Array, from: number, recordsMax = Number.MAX_SAFE_INTEGER) {
    this.#batches = asBuffer(batches);
    let records = 0;
    let end = 0;
    this.nextOffset = from;
    while (end < this.#batches.length && records < recordsMax) {
      const start = end;
      end = batchEndAt(this.#batches, start);
      const below = Math.max(0, from - baseOffsetAt(this.#batches, start));
      records += Math.max(0, recordCountAt(this.#batches, start) - below);
      this.nextOffset = Math.max(from, lastOffsetAt(this.#batches, start) + 1);
    }
    this.bytes = end;
  }

  /** The next whole batches, about BATCH_COPY_BYTES or one batch; undefined at the end. */
  next(): Buffer | undefined {
    const start = this.#at;
    if (start === this.bytes) return undefined;
    let hasEpoch = false;
    let end = start;
    do {
      hasEpoch ||= leaderEpochAt(this.#batches, end) !== 0;
      end = batchEndAt(this.#batches, end);
    } while (end < this.bytes && end - start < BATCH_COPY_BYTES);
    this.#at = end;
    const shared = this.#batches.subarray(start, end);
    return hasEpoch ? withoutEpochs(shared) : shared;
  }
}

function withoutEpochs(batches: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(batches.length);
  batches.copy(copy);
  for (let at = 0; at < copy.length; at = batchEndAt(copy, at)) {
    setBatchPlace(copy, at, { baseOffset: baseOffsetAt(copy, at), leaderEpoch: 0 });
  }
  return copy;
}
