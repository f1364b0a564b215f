import { describe, expect, test } from 'vitest';
import { decodeGroupRecord, encodeGroupRecord } from '../../src/codec/group-records.ts';
import type { GroupMetadataValue } from '../../src/codec/group-records.ts';
import { bytesOf, damagedCopies, refusedCount } from '../support/damaged-bytes.ts';
import { METADATA_KEY, METADATA_VALUE, METADATA_VALUES } from '../support/group-record-texts.ts';
import { refusalOf } from '../support/refusal.ts';

const GROUP = { kind: 'group-metadata', group: 'g' } as const;

function decodedFrom(value: Buffer): GroupMetadataValue | null | undefined {
  const record = decodeGroupRecord(bytesOf(METADATA_KEY), value);
  return record?.kind === 'group-metadata' ? record.value : undefined;
}

describe('the metadata of a group', () => {
  test.each(METADATA_VALUES)('of version %s is read', (_version, text, value) => {
    expect(decodedFrom(bytesOf(text))).toEqual(value);
  });

  test('is written in version 3', () => {
    const { key, value } = encodeGroupRecord({ ...GROUP, value: METADATA_VALUE });
    expect(key).toEqual(bytesOf(METADATA_KEY));
    expect(value).toEqual(bytesOf(METADATA_VALUES[3]?.[1] as string));
  });

  test('of an empty group has no protocol, no leader and no members', () => {
    const rest = { protocol: null, leader: null, currentStateTimestampMs: -1, members: [] };
    const value = { protocolType: '', generation: 0, ...rest };
    const text = '0003 0000 00000000 ffff ffff ffffffffffffffff 00000000';
    expect(encodeGroupRecord({ ...GROUP, value }).value).toEqual(bytesOf(text));
    expect(decodedFrom(bytesOf(text))).toEqual(value);
  });

  test('keeps nothing of the bytes it was read from', () => {
    const bytes = bytesOf(METADATA_VALUES[3]?.[1] as string);
    const value = decodedFrom(bytes);
    bytes.fill(0xff);
    expect(value).toEqual(METADATA_VALUE);
  });

  test.each([
    [
      'more members than fit',
      '0000 0000 00000000 ffff ffff 7fffffff',
      'GroupMetadataValue members',
    ],
    ['null for a protocol type', '0000 ffff', 'GroupMetadataValue protocolType'],
    ['bytes left over', '0000 0000 00000000 ffff ffff 00000000 00', 'value'],
  ])('with %s is refused', (_what, text, field) => {
    expect(refusalOf(() => decodedFrom(bytesOf(text)))).toMatchObject({
      code: 'CORRUPT_MESSAGE',
      details: { field },
    });
  });

  test.each(METADATA_VALUES)(
    'of version %s that is damaged anywhere is read or refused',
    (_version, text) => {
      const count = refusedCount(damagedCopies(bytesOf(text)), decodedFrom, 'CORRUPT_MESSAGE');
      expect(count).toBeGreaterThan(100);
    },
  );
});
