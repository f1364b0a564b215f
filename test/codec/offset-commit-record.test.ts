import { describe, expect, test } from 'vitest';
import { decodeGroupRecord, encodeGroupRecord } from '../../src/codec/group-records.ts';
import type { OffsetCommitValue } from '../../src/codec/group-records.ts';
import { bytesOf, damagedCopies, refusedCount } from '../support/damaged-bytes.ts';
import { OFFSET, OFFSET_KEY, OFFSET_VALUES } from '../support/group-record-texts.ts';
import { refusalOf } from '../support/refusal.ts';

const PLACE = { kind: 'offset-commit', group: 'g', topic: 'top', partition: 7 } as const;

function decoded(valueText: string): OffsetCommitValue | null | undefined {
  const record = decodeGroupRecord(bytesOf(OFFSET_KEY), bytesOf(valueText));
  return record?.kind === 'offset-commit' ? record.value : undefined;
}

describe('a committed offset', () => {
  test.each(OFFSET_VALUES)('of version %s is read', (_version, text, value) => {
    expect(decoded(text)).toEqual(value);
  });

  test('is written in version 4, with the topic id', () => {
    const { key, value } = encodeGroupRecord({ ...PLACE, value: OFFSET });
    expect(key).toEqual(bytesOf(OFFSET_KEY));
    expect(value).toEqual(bytesOf(OFFSET_VALUES[4]?.[1] as string));
  });

  test('without a topic id has no tag', () => {
    const value = { ...OFFSET, offset: 0, leaderEpoch: -1, metadata: '', topicId: '' };
    const text = '0004 0000000000000000 ffffffff 01 0000018bcfe56800 00';
    expect(encodeGroupRecord({ ...PLACE, value }).value).toEqual(bytesOf(text));
    expect(decoded(text)).toEqual(value);
  });

  test('with the topic id zero has none', () => {
    const text = `0004 0000000000000102 00000003 04 "mü" 0000018bcfe56800 01 00 10 ${'00'.repeat(16)}`;
    expect(decoded(text)).toEqual({ ...OFFSET, topicId: '' });
  });

  test('keeps its topic id between tags that are not known', () => {
    const id = '00 10 0123456789abcdef0011223344556677';
    const text = `0004 0000000000000102 00000003 04 "mü" 0000018bcfe56800 02 ${id} 05 01 ff`;
    expect(decoded(text)).toEqual(OFFSET);
  });

  test('under a key of version 0 is the same', () => {
    const key = bytesOf(`0000 ${OFFSET_KEY.slice(4)}`);
    expect(decodeGroupRecord(key, null)).toEqual({ ...PLACE, value: null });
  });

  test.each([
    [
      'an offset beyond the safe integers',
      '0003 0020000000000000 00000003 0000 0000000000000000',
      'OffsetCommitValue offset',
    ],
    ['metadata that is cut off', '0002 0000000000000000 0003 "m"', 'OffsetCommitValue metadata'],
    [
      'null for metadata',
      '0002 0000000000000000 ffff 0000000000000000',
      'OffsetCommitValue metadata',
    ],
    [
      'a topic id that is too short',
      '0004 0000000000000000 00000003 01 0000000000000000 01 00 01 00',
      'OffsetCommitValue topicId',
    ],
    ['bytes left over', '0002 0000000000000000 0000 0000000000000000 00', 'value'],
  ])('with %s is refused', (_what, text, field) => {
    expect(refusalOf(() => decoded(text))).toMatchObject({
      code: 'CORRUPT_MESSAGE',
      details: { field },
    });
  });

  test('that is damaged anywhere is read or refused', () => {
    const { key, value } = encodeGroupRecord({ ...PLACE, value: OFFSET });
    const keys = damagedCopies(key);
    const values = damagedCopies(value as Buffer);
    const withKey = (bytes: Buffer): unknown => decodeGroupRecord(bytes, value);
    const withValue = (bytes: Buffer): unknown => decodeGroupRecord(key, bytes);
    expect(refusedCount(keys, withKey, 'CORRUPT_MESSAGE')).toBeGreaterThan(20);
    expect(refusedCount(values, withValue, 'CORRUPT_MESSAGE')).toBeGreaterThan(50);
  });
});
