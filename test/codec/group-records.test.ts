import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeGroupRecord, encodeGroupRecord } from '../../src/codec/group-records.ts';
import type { GroupRecord } from '../../src/codec/group-records.ts';
import { bytesOf } from '../support/damaged-bytes.ts';
import { METADATA_KEY, OFFSET_KEY } from '../support/group-record-texts.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

const anyText = fc.string({ unit: 'grapheme', maxLength: 50 });
const anyInt32 = fc.integer({ min: -1 });
const anyInt64 = fc.maxSafeInteger();
const anyBytes = fc.uint8Array({ maxLength: 500 }).map((each) => Buffer.from(each));

const anyOffsetCommit = fc.record({
  kind: fc.constant('offset-commit' as const),
  group: anyText,
  topic: anyText,
  partition: anyInt32,
  value: fc.option(
    fc.record({
      offset: anyInt64,
      leaderEpoch: anyInt32,
      metadata: anyText,
      commitTimestampMs: anyInt64,
      topicId: fc.oneof(fc.constant(''), fc.uuid()),
    }),
  ),
});

const anyMember = fc.record({
  memberId: anyText,
  groupInstanceId: fc.option(anyText),
  clientId: anyText,
  clientHost: anyText,
  rebalanceTimeoutMs: anyInt32,
  sessionTimeoutMs: anyInt32,
  subscription: anyBytes,
  assignment: anyBytes,
});

const anyGroupMetadata = fc.record({
  kind: fc.constant('group-metadata' as const),
  group: anyText,
  value: fc.option(
    fc.record({
      protocolType: anyText,
      generation: anyInt32,
      protocol: fc.option(anyText),
      leader: fc.option(anyText),
      currentStateTimestampMs: anyInt64,
      members: fc.array(anyMember, { maxLength: 4 }),
    }),
  ),
});

describe('a record of a group', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(fc.oneof(anyOffsetCommit, anyGroupMetadata), (record: GroupRecord) => {
        const { key, value } = encodeGroupRecord(record);
        expect(decodeGroupRecord(key, value)).toEqual(record);
      }),
      RUNS,
    );
  });

  test('without a value forgets what stood under its key', () => {
    const place = { kind: 'offset-commit', group: 'g', topic: 'top', partition: 7 } as const;
    const forgotten = { key: bytesOf(OFFSET_KEY), value: null };
    expect(encodeGroupRecord({ ...place, value: null })).toEqual(forgotten);
    expect(decodeGroupRecord(forgotten.key, null)).toEqual({ ...place, value: null });
    const group = { kind: 'group-metadata', group: 'g', value: null } as const;
    const removed = { key: bytesOf(METADATA_KEY), value: null };
    expect(encodeGroupRecord(group)).toEqual(removed);
    expect(decodeGroupRecord(removed.key, null)).toEqual(group);
  });

  test.each(['0003', '0003 0001 "g"', '7fff', 'ffff'])(
    'of another kind is nothing to us: %s',
    (key) => {
      expect(decodeGroupRecord(bytesOf(key), bytesOf('00'))).toBeUndefined();
    },
  );

  test.each([
    ['an empty key', '', 'key version'],
    ['half a key version', '00', 'key version'],
    ['a commit key that is cut off', OFFSET_KEY.slice(0, -2), 'OffsetCommitKey partition'],
    ['a commit key with more behind it', `${OFFSET_KEY} 00`, 'OffsetCommitKey'],
    ['a group key that is cut off', '0002 0002 "g"', 'GroupMetadataKey group'],
    ['a group key with more behind it', `${METADATA_KEY} 00`, 'GroupMetadataKey'],
  ])('with %s is refused', (_what, key, field) => {
    expect(refusalOf(() => decodeGroupRecord(bytesOf(key), null))).toMatchObject({
      code: 'CORRUPT_MESSAGE',
      details: { field },
    });
  });

  test.each([
    ['0005 00', '5'],
    ['ffff 00', '-1'],
  ])('with a value of an unknown version is refused: %s', (value, found) => {
    for (const key of [OFFSET_KEY, METADATA_KEY]) {
      expect(refusalOf(() => decodeGroupRecord(bytesOf(key), bytesOf(value))).details).toEqual({
        field: 'value version',
        expected: '0 to 4',
        found,
      });
    }
  });
});
