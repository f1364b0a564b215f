import { expect, it } from 'vitest';
import { RECORD_BYTES_MIN, recordJson, writtenBy } from '../../src/cli/bench-records.ts';

const WRITTEN = { writer: 12, sequence: 345_678, sentMs: 1_234.5 };

it('a record says who wrote it, as the how manieth, and when', () => {
  const json = recordJson('ab12', WRITTEN, { bytes: 100, key: 'k' });
  const { key, value } = JSON.parse(json);
  expect(key).toBe('k');
  expect(writtenBy('ab12', value)).toEqual(WRITTEN);
});

it('its stored value has the size that was asked for', () => {
  for (const bytes of [RECORD_BYTES_MIN, 1_000]) {
    const { value, ...more } = JSON.parse(recordJson('ab12', WRITTEN, { bytes, key: undefined }));
    expect(JSON.stringify(value)).toHaveLength(bytes);
    expect(more).toEqual({});
  }
});

it('all that it says has room in the smallest, also late in a long run', () => {
  const late = { writer: 9_999, sequence: 99_999_999, sentMs: 999_999_999.999 };
  const json = recordJson('0123abcd', late, { bytes: RECORD_BYTES_MIN, key: undefined });
  expect(JSON.stringify(JSON.parse(json).value)).toHaveLength(RECORD_BYTES_MIN);
});

it.each([['cd34 1 2 3.000 '], ['ab1'], [''], [null], [7], [undefined]])(
  '%j is not of this run',
  (value) => {
    expect(writtenBy('ab12', value)).toBeUndefined();
  },
);
