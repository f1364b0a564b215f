import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INT32_MAX } from '../../src/model/limits.ts';
import { TimeIndex } from '../../src/storage/time-index.ts';
import { RUNS } from '../support/record-arbitraries.ts';

const BASE = 700;

interface Entry {
  readonly timestamp: number;
  readonly lastOffset: number;
}

function indexOf(entries: readonly Entry[]): TimeIndex {
  const index = new TimeIndex(BASE);
  for (const { timestamp, lastOffset } of entries) index.appendIfLater(timestamp, lastOffset);
  return index;
}

describe('a time index', () => {
  test('keeps only entries whose timestamp has risen', () => {
    const index = indexOf([
      { timestamp: 10, lastOffset: 700 },
      { timestamp: 10, lastOffset: 701 },
      { timestamp: 9, lastOffset: 702 },
      { timestamp: 11, lastOffset: 703 },
    ]);
    expect(index.bytes).toBe(24);
    expect(index.stored.toString('hex')).toBe('000000000000000a00000000000000000000000b00000003');
  });

  test('begins the search at the segment start when no entry is older', () => {
    expect(indexOf([]).offsetToSearchFrom(5)).toBe(BASE);
    expect(indexOf([{ timestamp: 10, lastOffset: 750 }]).offsetToSearchFrom(10)).toBe(BASE);
    expect(indexOf([{ timestamp: 10, lastOffset: 750 }]).offsetToSearchFrom(11)).toBe(750);
  });

  test('never skips a record that is not older, wherever it stands', () => {
    // A batch per element; an entry now and then, of the largest timestamp until there.
    const batches = fc.array(fc.record({ timestamp: fc.nat(100), isIndexed: fc.boolean() }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(batches, fc.nat(101), (log, wanted) => {
        const index = new TimeIndex(BASE);
        let largest = -1;
        let largestAt = BASE;
        for (const [at, { timestamp, isIndexed }] of log.entries()) {
          if (timestamp > largest) [largest, largestAt] = [timestamp, BASE + at];
          if (isIndexed) index.appendIfLater(largest, largestAt);
        }
        const first = log.findIndex(({ timestamp }) => timestamp >= wanted);
        const from = index.offsetToSearchFrom(wanted);
        if (first !== -1) expect(from).toBeLessThanOrEqual(BASE + first);
        expect(from).toBeGreaterThanOrEqual(BASE);
      }),
      RUNS,
    );
  });

  test('is the same when it is read back, and goes on from there', () => {
    const index = indexOf([{ timestamp: 1_780_000_000_000, lastOffset: 720 }]);
    const readBack = new TimeIndex(BASE, Buffer.from(index.stored));
    expect(readBack.offsetToSearchFrom(1_780_000_000_001)).toBe(720);
    readBack.appendIfLater(1_780_000_000_000, 730);
    expect(readBack.bytes).toBe(12);
    readBack.appendIfLater(1_780_000_000_001, 730);
    expect(readBack.bytes).toBe(24);
  });

  test('never changes a file form that was given out', () => {
    const index = indexOf([{ timestamp: 1, lastOffset: BASE }]);
    const early = index.stored;
    const copy = Buffer.from(early);
    for (let more = 2; more < 100; more += 1) index.appendIfLater(more, BASE + more);
    expect(early).toEqual(copy);
  });

  test('takes int32 distances to the last one, and none beyond', () => {
    const index = new TimeIndex(BASE);
    index.appendIfLater(1, BASE + INT32_MAX);
    expect(index.offsetToSearchFrom(2)).toBe(BASE + INT32_MAX);
    expect(() => index.appendIfLater(2, BASE + INT32_MAX + 1)).toThrow();
    expect(() => index.appendIfLater(2, BASE - 1)).toThrow();
  });
});
