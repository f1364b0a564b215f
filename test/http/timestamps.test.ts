import { expect, test } from 'vitest';
import { parseTimestamp } from '../../src/http/timestamps.ts';

const SIX_O_CLOCK = Date.UTC(2026, 10, 21, 6);

test.each([
  ['0', 0],
  ['1795240800000', 1_795_240_800_000],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['2026-11-21T06:00:00Z', SIX_O_CLOCK],
  ['2026-11-21t06:00:00z', SIX_O_CLOCK],
  ['2026-11-21T06:00:00.5Z', SIX_O_CLOCK + 500],
  ['2026-11-21T06:00:00.123456789Z', SIX_O_CLOCK + 123],
  ['2026-11-21T08:30:00+02:30', SIX_O_CLOCK],
  ['2026-11-21T01:00:00-05:00', SIX_O_CLOCK],
  // A plus sign in a URL that was not written as %2B arrives as a blank.
  ['2026-11-21T07:00:00 01:00', SIX_O_CLOCK],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
])('%j is read', (text, expected) => {
  expect(parseTimestamp(text)).toBe(expected);
});

test.each([
  '',
  '-1',
  '1.5',
  '9007199254740992',
  'yesterday',
  '2026-11-21',
  '2026-11-21T06:00:00',
  '2026-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-11-21T25:00:00Z',
  '1969-12-31T23:59:59Z',
])('%j is refused', (text) => {
  expect(parseTimestamp(text)).toBeUndefined();
});
