/**
 * Stored batches on their way out as they are (`application/vnd.kafka.recordbatch`). What the
 * broker gives is shared with other readers and carries the distance to its flush start as
 * leader epoch (the log's own business), so every copy that leaves gets epoch 0; the CRC does not
 * cover that field.
 */
import { baseOffsetAt, lastOffsetAt, recordCountAt, setBatchPlace } from '../codec/batch-header.ts';
import { batchEndAt } from '../codec/batch-reader.ts';
import { asBuffer } from '../codec/bytes.ts';
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

  /** A copy of the next whole batches, about BATCH_COPY_BYTES or one batch; undefined at the end. */
  next(): Buffer | undefined {
    const start = this.#at;
    if (start === this.bytes) return undefined;
    let end = start;
    do end = batchEndAt(this.#batches, end);
    while (end < this.bytes && end - start < BATCH_COPY_BYTES);
    const copy = Buffer.allocUnsafeSlow(end - start);
    this.#batches.copy(copy, 0, start, end);
    for (let at = 0; at < copy.length; at = batchEndAt(copy, at)) {
      setBatchPlace(copy, at, { baseOffset: baseOffsetAt(copy, at), leaderEpoch: 0 });
    }
    this.#at = end;
    return copy;
  }
}
