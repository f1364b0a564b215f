/**
 * Hands the bytes of a flush to the tail cache: an encoded batch from a client as it came, our own
 * bytes as a copy, because their buffer is used again at once.
 *
 * A client's batch may be a small part of the memory that its request came in, all of which it
 * would keep: then it is copied, too. So the cache keeps no more than twice what it counts.
 */
import type { BatchHeader } from '../codec/batch-header.ts';
import type { PendingFlush, SealedFlush } from './pending-flush.ts';
import type { Tail } from './tail-cache.ts';

/** Chunk by chunk: putting them together would copy what came from clients. */
export function keepFlushInTail(
  tail: Pick<Tail, 'add'>,
  flush: Pick<PendingFlush, 'isForeign'>,
  { chunks, batches }: SealedFlush,
): void {
  const inUse = new Map<ArrayBufferLike, number>();
  for (const { buffer, length } of chunks) inUse.set(buffer, (inUse.get(buffer) ?? 0) + length);
  let index = 0;
  for (const chunk of chunks) {
    const first = batches[index] as BatchHeader;
    let last = first;
    for (let bytes = 0; bytes < chunk.length; bytes += last.bytes) {
      last = batches[index] as BatchHeader;
      index += 1;
    }
    const fills = 2 * (inUse.get(chunk.buffer) as number) >= chunk.buffer.byteLength;
    const kept = flush.isForeign(chunk) && fills ? chunk : Buffer.from(chunk);
    tail.add(first.baseOffset, last.lastOffset + 1, kept);
  }
}
