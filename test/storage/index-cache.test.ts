import { describe, expect, test } from 'vitest';
import { ENTRY_OVERHEAD_BYTES, IndexCache } from '../../src/storage/index-cache.ts';
import { OffsetIndex } from '../../src/storage/offset-index.ts';
import { SegmentIndexes } from '../../src/storage/segment.ts';
import { TimeIndex } from '../../src/storage/time-index.ts';

/** Indexes with so many offset entries of 8 bytes. */
function indexes(entries = 0): SegmentIndexes {
  const offsets = new OffsetIndex(0, Buffer.alloc(entries * 8));
  return new SegmentIndexes(offsets, new TimeIndex(0), { logBytes: 0, bytesSinceEntry: 0 });
}

function never(): Promise<SegmentIndexes> {
  throw new Error('must not be loaded');
}

describe('the index cache', () => {
  test('loads what it does not have, once', async () => {
    const cache = new IndexCache(10_000);
    const loaded = indexes();
    expect(await cache.get('a', () => Promise.resolve(loaded))).toBe(loaded);
    expect(await cache.get('a', never)).toBe(loaded);
  });

  test('loads once for all who ask at the same time', async () => {
    const cache = new IndexCache(10_000);
    const { promise, resolve } = Promise.withResolvers<SegmentIndexes>();
    let loads = 0;
    const load = (): Promise<SegmentIndexes> => {
      loads += 1;
      return promise;
    };
    const all = [cache.get('a', load), cache.get('a', load), cache.get('a', load)];
    const loaded = indexes();
    resolve(loaded);
    expect(await Promise.all(all)).toEqual([loaded, loaded, loaded]);
    expect(loads).toBe(1);
  });

  test('tells everybody of a failure, and the next one tries again', async () => {
    const cache = new IndexCache(10_000);
    const failing = (): Promise<SegmentIndexes> => Promise.reject(new Error('EIO'));
    const both = await Promise.allSettled([cache.get('a', failing), cache.get('a', never)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const loaded = indexes();
    expect(await cache.get('a', () => Promise.resolve(loaded))).toBe(loaded);
  });

  test('does not keep what was deleted while it was loaded', async () => {
    const cache = new IndexCache(10_000);
    const { promise, resolve } = Promise.withResolvers<SegmentIndexes>();
    const asked = cache.get('a', () => promise);
    cache.delete('a');
    resolve(indexes());
    await asked;
    expect(cache.bytes).toBe(0);
  });

  test('counts entries and what they cost, and keeps within its budget', () => {
    const cost = ENTRY_OVERHEAD_BYTES + 80;
    const cache = new IndexCache(3 * cost);
    for (const path of ['a', 'b', 'c']) cache.set(path, indexes(10));
    expect(cache.bytes).toBe(3 * cost);
    cache.set('d', indexes(10));
    expect(cache.bytes).toBe(3 * cost);
    cache.delete('d');
    cache.delete('d');
    expect(cache.bytes).toBe(2 * cost);
    cache.set('b', indexes(0));
    expect(cache.bytes).toBe(cost + ENTRY_OVERHEAD_BYTES);
  });

  test('lets the one go that was not used for longest', async () => {
    const cache = new IndexCache(2 * ENTRY_OVERHEAD_BYTES);
    const a = indexes();
    cache.set('a', a);
    cache.set('b', indexes());
    await cache.get('a', never);
    cache.set('c', indexes());
    expect(await cache.get('a', never)).toBe(a);
    const reloaded = indexes();
    expect(await cache.get('b', () => Promise.resolve(reloaded))).toBe(reloaded);
  });

  test('keeps the newest, however large', async () => {
    const cache = new IndexCache(1);
    const large = indexes(1_000);
    cache.set('a', indexes());
    cache.set('b', large);
    expect(await cache.get('b', never)).toBe(large);
    expect(cache.bytes).toBe(ENTRY_OVERHEAD_BYTES + 8_000);
  });
});
