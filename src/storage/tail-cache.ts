/**
 * The newest bytes of every partition, in memory: what tailing readers ask for is usually what
 * was just written, and a hundred of them share one copy.
 *
 * One budget for all partitions; what came first leaves first, so that each partition always holds
 * a gapless run that ends at its high watermark. Only what readers may see comes here: in the
 * weaker mode that was written and may not be on stable storage yet.
 */
import { batchBytesAt, lastOffsetAt } from '../codec/batch-header.ts';

/** What keeping a flush costs beside its bytes: single small records must not outgrow the budget. */
export const FLUSH_OVERHEAD_BYTES = 256;

/** The bytes of one flush or a part of them: whole batches with these offsets. */
interface Flushed {
  readonly baseOffset: number;
  readonly endOffset: number;
  /** Empty once it has left; arrays that are tidied later then hold nothing large. */
  bytes: Buffer;
  readonly tail: Tail;
}

export class TailCache {
  readonly #bytesMax: number;
  /** In order of arrival; the head index saves shifting a long array for each eviction. */
  #queue: Flushed[] = [];
  #head = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What it holds, overhead included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Called by `Tail.add` alone. */
  keep(flushed: Flushed): void {
    this.#queue.push(flushed);
    this.#bytes += costOf(flushed);
    while (this.#bytes > this.#bytesMax) {
      const oldest = this.#queue[this.#head] as Flushed;
      this.#head += 1;
      this.#bytes -= costOf(oldest);
      oldest.tail.dropOldest(oldest);
      oldest.bytes = NOTHING;
    }
    // Half of the array is spent: copy the rest, at a cost that is constant per flush.
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** One partition's part of the cache. */
export class Tail {
  readonly #cache: TailCache;
  #flushes: Flushed[] = [];
  #head = 0;

  constructor(cache: TailCache) {
    this.#cache = cache;
  }

  /** The bytes now belong to the cache and must not be changed any more. */
  add(baseOffset: number, endOffset: number, bytes: Buffer): void {
    const flushed = { baseOffset, endOffset, bytes, tail: this };
    this.#flushes.push(flushed);
    this.#cache.keep(flushed);
  }

  /**
   * Whole batches from the one that holds `offset`, at least one, at most `bytesMax` if more than
   * one; undefined when `offset` is not in memory. One flush's bytes are given without a copy.
   */
  read(offset: number, bytesMax: number): Buffer | undefined {
    const index = this.#find(offset);
    if (index === undefined) return undefined;
    const first = this.#flushes[index] as Flushed;
    const head = wholeBatches(first.bytes, offset, bytesMax);
    if (head.length >= bytesMax || head.byteOffset + head.length < endOf(first.bytes)) return head;
    const parts = [head];
    let bytes = head.length;
    for (let at = index + 1; at < this.#flushes.length; at += 1) {
      const next = this.#flushes[at] as Flushed;
      const whole = bytes + next.bytes.length <= bytesMax;
      const part = whole ? next.bytes : upTo(next.bytes, bytesMax - bytes);
      if (part.length > 0) parts.push(part);
      bytes += part.length;
      if (!whole) break;
    }
    return parts.length === 1 ? head : Buffer.concat(parts, bytes);
  }

  /** Called by the cache; always with this tail's oldest. */
  dropOldest(oldest: Flushed): void {
    if (this.#flushes[this.#head] !== oldest) return; // `clear` was faster.
    this.#head += 1;
    if (this.#head * 2 > this.#flushes.length) {
      this.#flushes = this.#flushes.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The bytes stay counted in the cache until their turn to leave comes. */
  clear(): void {
    this.#flushes = [];
    this.#head = 0;
  }

  #find(offset: number): number | undefined {
    const flushes = this.#flushes;
    let low = this.#head;
    let high = flushes.length;
    if (low === high || offset < (flushes[low] as Flushed).baseOffset) return undefined;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((flushes[middle] as Flushed).baseOffset <= offset) low = middle;
      else high = middle;
    }
    return offset < (flushes[low] as Flushed).endOffset ? low : undefined;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

function costOf(flushed: Flushed): number {
  return flushed.bytes.length + FLUSH_OVERHEAD_BYTES;
}

/** Of bytes known to hold `offset`: from its batch on, whole batches up to `bytesMax`. */
function wholeBatches(bytes: Buffer, offset: number, bytesMax: number): Buffer {
  let start = 0;
  while (lastOffsetAt(bytes, start) < offset) start += batchBytesAt(bytes, start);
  const rest = bytes.subarray(start);
  if (rest.length <= bytesMax) return rest;
  const some = upTo(rest, bytesMax);
  return some.length > 0 ? some : rest.subarray(0, batchBytesAt(rest, 0));
}

/** As many whole batches from the start as fit into `bytesMax`, possibly none. */
function upTo(bytes: Buffer, bytesMax: number): Buffer {
  let end = 0;
  while (end < bytes.length && end + batchBytesAt(bytes, end) <= bytesMax) {
    end += batchBytesAt(bytes, end);
  }
  return bytes.subarray(0, end);
}

function endOf(bytes: Buffer): number {
  return bytes.byteOffset + bytes.length;
}
