/** Any records, for property tests. The seed is fixed: a run that failed fails again. */
import * as fc from 'fast-check';
import type { Record, RecordHeader } from '../../src/model/record.ts';

export const RUNS = { seed: 20_261_121, numRuns: 300 } as const;

const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each));

/** Null, empty and other bytes. */
const anyBytes: fc.Arbitrary<Buffer | null> = fc.option(bytes, { freq: 4 });

const anyHeader: fc.Arbitrary<RecordHeader> = fc.record({
  key: fc.string({ unit: 'grapheme', maxLength: 20 }),
  value: anyBytes,
});

/** Timestamps go back as well as forward, near and far. */
const anyTimestamp = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_200 }),
  fc.integer({ min: 0, max: 2 ** 42 }),
);

export const anyRecord: fc.Arbitrary<Record> = fc.record({
  key: anyBytes,
  value: anyBytes,
  headers: fc.array(anyHeader, { maxLength: 5 }),
  timestamp: anyTimestamp,
});

export const anyRecords: fc.Arbitrary<Record[]> = fc.array(anyRecord, {
  minLength: 1,
  maxLength: 30,
});
