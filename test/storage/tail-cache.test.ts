import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FLUSH_OVERHEAD_BYTES, Tail, TailCache } from '../../src/storage/tail-cache.ts';
import { batchesIn } from '../support/batches.ts';
import { placedBatch } from '../support/placed-batches.ts';
import { RUNS } from '../support/record-arbitraries.ts';

/** A flush of batches with so many records each, from `baseOffset` on. */
function flush(baseOffset: number, ...counts: readonly number[]) {
  let endOffset = baseOffset;
  const batches = counts.map((count) => {
    const texts = Array.from({ length: count }, (_, at) => `record ${endOffset + at}`);
    const bytes = placedBatch({ baseOffset: endOffset, texts });
    endOffset += count;
    return bytes;
  });
  return { baseOffset, endOffset, bytes: Buffer.concat(batches), batches };
}

function add(tail: Tail, flushed: ReturnType<typeof flush>): void {
  tail.add(flushed.baseOffset, flushed.endOffset, flushed.bytes);
}

describe('a tail', () => {
  test('knows nothing below its first flush and at or above its end', () => {
    const tail = new Tail(new TailCache(1e6));
    expect(tail.read(0, 1e6)).toBeUndefined();
    add(tail, flush(10, 2));
    expect(tail.read(9, 1e6)).toBeUndefined();
    expect(tail.read(12, 1e6)).toBeUndefined();
    expect(tail.read(11, 1e6)).toEqual(flush(10, 2).bytes);
  });

  test('begins with the batch that holds the offset', () => {
    const tail = new Tail(new TailCache(1e6));
    const { batches } = flush(0, 2, 3, 1);
    add(tail, flush(0, 2, 3, 1));
    expect(tail.read(3, 1e6)).toEqual(Buffer.concat(batches.slice(1)));
    expect(tail.read(5, 1e6)).toEqual(batches[2]);
  });

  test('gives the first batch however large, and no second one that does not fit', () => {
    const tail = new Tail(new TailCache(1e6));
    const { batches, bytes } = flush(0, 5, 1);
    add(tail, flush(0, 5, 1));
    add(tail, flush(6, 1));
    expect(tail.read(0, 0)).toEqual(batches[0]);
    expect(tail.read(0, bytes.length - 1)).toEqual(batches[0]);
    expect(tail.read(0, bytes.length)).toEqual(bytes);
    expect(tail.read(0, bytes.length + 1)).toEqual(bytes);
  });

  test('goes on into later flushes, up to the last batch that fits', () => {
    const tail = new Tail(new TailCache(1e6));
    const [first, second] = [flush(0, 1), flush(1, 1, 1)];
    add(tail, first);
    add(tail, second);
    const two = Buffer.concat([first.bytes, second.batches[0] as Buffer]);
    expect(tail.read(0, two.length)).toEqual(two);
    expect(tail.read(0, 1e6)).toEqual(Buffer.concat([first.bytes, second.bytes]));
  });

  test('gives the bytes of one flush without a copy', () => {
    const tail = new Tail(new TailCache(1e6));
    const { bytes, ...place } = flush(0, 3);
    tail.add(place.baseOffset, place.endOffset, bytes);
    expect(tail.read(1, 1e6)?.buffer).toBe(bytes.buffer);
  });

  test('holds nothing after it was cleared, and begins anew', () => {
    const cache = new TailCache(1e6);
    const tail = new Tail(cache);
    add(tail, flush(0, 3));
    tail.clear();
    expect(tail.read(0, 1e6)).toBeUndefined();
    add(tail, flush(3, 1));
    expect(tail.read(3, 1e6)).toEqual(flush(3, 1).bytes);
  });
});

describe('the budget of all tails', () => {
  test('is kept by letting the oldest flush of all leave, overhead counted', () => {
    const size = flush(0, 1).bytes.length + FLUSH_OVERHEAD_BYTES;
    const cache = new TailCache(2 * size);
    const [one, other] = [new Tail(cache), new Tail(cache)];
    add(one, flush(0, 1));
    add(other, flush(0, 1));
    expect(cache.bytes).toBe(2 * size);
    add(other, flush(1, 1));
    expect(cache.bytes).toBe(2 * size);
    expect(one.read(0, 1e6)).toBeUndefined();
    expect(other.read(0, 1e6)).toEqual(Buffer.concat([flush(0, 1).bytes, flush(1, 1).bytes]));
  });

  test('holds nothing of a flush that is larger than itself', () => {
    const cache = new TailCache(300);
    const tail = new Tail(cache);
    add(tail, flush(0, 50));
    expect(cache.bytes).toBe(0);
    expect(tail.read(0, 1e6)).toBeUndefined();
  });

  test('is told of a cleared tail when its flushes would have left', () => {
    const size = flush(0, 1).bytes.length + FLUSH_OVERHEAD_BYTES;
    const cache = new TailCache(2 * size);
    const [gone, tail] = [new Tail(cache), new Tail(cache)];
    add(gone, flush(0, 1));
    gone.clear();
    add(tail, flush(0, 1));
    add(tail, flush(1, 1));
    expect(cache.bytes).toBe(2 * size);
    expect(tail.read(0, 1e6)?.length).toBe(2 * flush(0, 1).bytes.length);
  });

  test('is kept for as long as flushes come, and what it holds is right all the time', () => {
    const size = flush(0, 1).bytes.length + FLUSH_OVERHEAD_BYTES;
    const cache = new TailCache(10 * size + 100);
    const tails = [new Tail(cache), new Tail(cache)] as const;
    for (let at = 0; at < 3_000; at += 1) {
      for (const tail of tails) add(tail, flush(at, 1));
      expect(cache.bytes).toBeLessThanOrEqual(10 * size + 100);
      for (const tail of tails) expect(tail.read(at, 1e6)).toEqual(flush(at, 1).bytes);
    }
    for (const tail of tails) {
      expect(tail.read(2_990, 1e6)).toBeUndefined();
      expect(batchesIn(tail.read(2_996, 1e6) as Buffer)).toHaveLength(4);
    }
  });

  test('lets go of a partition all of whose flushes have left', async () => {
    const cache = new TailCache(10_000);
    const gone = weakTail(cache);
    const tail = new Tail(cache);
    for (let at = 0; at < 3_000; at += 1) add(tail, flush(at, 1));
    await collectGarbage();
    expect(gone.deref()).toBeUndefined();
  });

  test('lets go of the memory at once', async () => {
    const cache = new TailCache(1_000_000);
    const tail = new Tail(cache);
    const weak: WeakRef<ArrayBufferLike>[] = [];
    for (let at = 0; at < 40; at += 1) {
      const bytes = Buffer.allocUnsafeSlow(300_000);
      placedBatch({ baseOffset: at, texts: ['x'.repeat(299_000)] }).copy(bytes);
      weak.push(new WeakRef(bytes.buffer));
      tail.add(at, at + 1, bytes);
    }
    await collectGarbage();
    // Three fit the budget; a few more may still stand on the stack.
    expect(weak.filter((each) => each.deref() !== undefined).length).toBeLessThan(8);
    expect(tail.read(39, 1)).toBeDefined();
  });

  test('agrees with a model of everything ever added, whatever is asked', () => {
    const step = fc.record({
      partition: fc.nat(2),
      counts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      clear: fc.integer({ min: 0, max: 15 }).map((drawn) => drawn === 0),
    });
    const question = fc.record({
      partition: fc.nat(2),
      offset: fc.nat(60),
      bytesMax: fc.nat(900),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.array(question, { maxLength: 10 }),
        fc.integer({ min: 300, max: 6_000 }),
        (steps, questions, budget) => {
          const cache = new TailCache(budget);
          const tails = [0, 1, 2].map(() => new Tail(cache));
          const logs: Buffer[][] = [[], [], []];
          const ends = [0, 0, 0];
          for (const { partition, counts, clear } of steps) {
            const flushed = flush(ends[partition] as number, ...counts);
            ends[partition] = flushed.endOffset;
            logs[partition]?.push(...flushed.batches);
            if (clear) tails[partition]?.clear();
            add(tails[partition] as Tail, flushed);
            expect(cache.bytes).toBeLessThanOrEqual(budget);
          }
          for (const { partition, offset, bytesMax } of questions) {
            const found = tails[partition]?.read(offset, bytesMax);
            if (found === undefined) continue;
            expect(offset).toBeLessThan(ends[partition] as number);
            expect(found).toEqual(expectedRead(logs[partition] as Buffer[], offset, bytesMax));
          }
        },
      ),
      RUNS,
    );
  });
});

/** Of a partition that is deleted: only the cache may still hold it. */
function weakTail(cache: TailCache): WeakRef<Tail> {
  const tail = new Tail(cache);
  add(tail, flush(0, 1));
  return new WeakRef(tail);
}

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await new Promise((resolve) => setImmediate(resolve));
  collect();
}

/** Whole batches from the one that holds `offset`: at least one, as many as fit. */
function expectedRead(batches: readonly Buffer[], offset: number, bytesMax: number): Buffer {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (const batch of batches) {
    const [only] = batchesIn(batch) as [Buffer];
    const lastOffset = Number(only.readBigInt64BE(0)) + only.readInt32BE(23);
    if (lastOffset < offset) continue;
    if (parts.length > 0 && bytes + batch.length > bytesMax) break;
    parts.push(batch);
    bytes += batch.length;
  }
  return Buffer.concat(parts);
}
