import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INT32_MAX } from '../../src/model/limits.ts';
import { OffsetIndex } from '../../src/storage/offset-index.ts';
import { RUNS } from '../support/record-arbitraries.ts';

const BASE = 5_000_000_000;

interface Entry {
  readonly lastOffset: number;
  readonly position: number;
}

function indexOf(entries: readonly Entry[]): OffsetIndex {
  const index = new OffsetIndex(BASE);
  for (const { lastOffset, position } of entries) index.append(lastOffset, position);
  return index;
}

/** Entries rise in both fields. */
const risingEntries = fc
  .array(fc.record({ records: fc.integer({ min: 1, max: 50 }), bytes: fc.nat(9_000) }), {
    maxLength: 60,
  })
  .map((steps) => {
    let lastOffset = BASE - 1;
    let position = 0;
    return steps.map(({ records, bytes }): Entry => {
      lastOffset += records;
      position += bytes + 1;
      return { lastOffset, position };
    });
  });

describe('an offset index', () => {
  test('leads to the segment start when it is empty, or the offset lies before the first entry', () => {
    const start = { position: 0, lastOffset: undefined };
    expect(indexOf([]).entryAtOrBefore(BASE)).toEqual(start);
    expect(indexOf([{ lastOffset: BASE + 9, position: 4_200 }]).entryAtOrBefore(BASE + 8)).toEqual(
      start,
    );
  });

  test('leads to the very batch whose last offset is asked for', () => {
    const index = indexOf([
      { lastOffset: BASE + 9, position: 4_200 },
      { lastOffset: BASE + 19, position: 8_400 },
    ]);
    expect(index.entryAtOrBefore(BASE + 9)).toEqual({ lastOffset: BASE + 9, position: 4_200 });
    expect(index.entryAtOrBefore(BASE + 18)).toEqual({ lastOffset: BASE + 9, position: 4_200 });
    expect(index.entryAtOrBefore(BASE + 19)).toEqual({ lastOffset: BASE + 19, position: 8_400 });
    expect(index.entryAtOrBefore(BASE + 9_999)).toEqual({
      lastOffset: BASE + 19,
      position: 8_400,
    });
  });

  test('finds what a linear search finds', () => {
    fc.assert(
      fc.property(risingEntries, fc.nat(4_000), (entries, distance) => {
        const offset = BASE + distance;
        const linear = entries.findLast((each) => each.lastOffset <= offset);
        expect(indexOf(entries).entryAtOrBefore(offset)).toEqual(
          linear ?? { position: 0, lastOffset: undefined },
        );
      }),
      RUNS,
    );
  });

  test('has the file form of Kafka: relative last offset and position, big-endian', () => {
    const index = indexOf([{ lastOffset: BASE + 258, position: 4_097 }]);
    expect(index.stored.toString('hex')).toBe('0000010200001001');
    expect(index.bytes).toBe(8);
    expect(index.lastPosition).toBe(4_097);
  });

  test('is the same when it is read back', () => {
    fc.assert(
      fc.property(risingEntries, fc.nat(4_000), (entries, distance) => {
        const index = indexOf(entries);
        const readBack = new OffsetIndex(BASE, Buffer.from(index.stored));
        expect(readBack.entryAtOrBefore(BASE + distance)).toEqual(
          index.entryAtOrBefore(BASE + distance),
        );
        expect(readBack.lastPosition).toBe(index.lastPosition);
      }),
      RUNS,
    );
  });

  test('never changes a file form that was given out', () => {
    const index = indexOf([{ lastOffset: BASE + 1, position: 1 }]);
    const early = index.stored;
    const copy = Buffer.from(early);
    for (let more = 2; more < 200; more += 1) index.append(BASE + more, more);
    expect(early).toEqual(copy);
    expect(index.stored.subarray(0, early.length)).toEqual(copy);
  });

  test('takes int32 distances to the last one, and none beyond', () => {
    const index = new OffsetIndex(BASE);
    index.append(BASE + INT32_MAX, INT32_MAX);
    expect(index.entryAtOrBefore(BASE + INT32_MAX)).toEqual({
      lastOffset: BASE + INT32_MAX,
      position: INT32_MAX,
    });
    expect(() => index.append(BASE + INT32_MAX + 1, 1)).toThrow();
    expect(() => index.append(BASE, INT32_MAX + 1)).toThrow();
    expect(() => index.append(BASE - 1, 1)).toThrow();
  });

  test('refuses a file form with half an entry', () => {
    expect(() => new OffsetIndex(BASE, Buffer.alloc(12))).toThrow();
  });
});
