import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../src/codec/consumer-protocol.ts';
import type { Subscription, SubscriptionVersion } from '../../src/codec/consumer-protocol.ts';
import { bytesOf, damagedCopies, refusedCount } from '../support/damaged-bytes.ts';
import { anyTopicPartitions } from '../support/group-arbitraries.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

const SUBSCRIPTION: Subscription = {
  topics: ['a', 'bb'],
  userData: Buffer.from('u'),
  ownedPartitions: [{ topic: 'a', partitions: [0, 2] }],
  generation: 5,
  rackId: 'r1',
};

// Two topics, then user data of one byte.
const TOPICS = '00000002 0001 "a" 0002 "bb"';
const USER_DATA = '00000001 "u"';
// One topic, its partitions 0 and 2.
const OWNED = '00000001 0001 "a" 00000002 00000000 00000002';
const GENERATION = '00000005';
const RACK = '0002 "r1"';

const SUBSCRIPTIONS: readonly (readonly [SubscriptionVersion, string, Partial<Subscription>])[] = [
  [0, `0000 ${TOPICS} ${USER_DATA}`, { ownedPartitions: [], generation: -1, rackId: null }],
  [1, `0001 ${TOPICS} ${USER_DATA} ${OWNED}`, { generation: -1, rackId: null }],
  [2, `0002 ${TOPICS} ${USER_DATA} ${OWNED} ${GENERATION}`, { rackId: null }],
  [3, `0003 ${TOPICS} ${USER_DATA} ${OWNED} ${GENERATION} ${RACK}`, {}],
];

describe('a subscription', () => {
  test.each(SUBSCRIPTIONS)('of version %s', (version, text, without) => {
    expect(encodeSubscription(SUBSCRIPTION, version)).toEqual(bytesOf(text));
    expect(decodeSubscription(bytesOf(text))).toEqual({ ...SUBSCRIPTION, ...without });
  });

  test('is written in version 1 when nothing else is asked for', () => {
    expect(encodeSubscription(SUBSCRIPTION)).toEqual(encodeSubscription(SUBSCRIPTION, 1));
  });

  test('may say nothing but that it is there', () => {
    const empty = { topics: [], userData: null, ownedPartitions: [], generation: -1, rackId: null };
    const text = '0003 00000000 ffffffff 00000000 ffffffff ffff';
    expect(encodeSubscription(empty, 3)).toEqual(bytesOf(text));
    expect(decodeSubscription(bytesOf(text))).toEqual(empty);
  });

  test('of a later version is read as the last known, whatever follows', () => {
    const later = bytesOf(`7fff ${SUBSCRIPTIONS[3]?.[1].slice(4)} 0102030405`);
    expect(decodeSubscription(later)).toEqual(SUBSCRIPTION);
  });

  test('may lack the fields of its version: old Go clients leave them out', () => {
    const nothing = { ownedPartitions: [], generation: -1, rackId: null };
    const short = `${TOPICS} ${USER_DATA}`;
    expect(decodeSubscription(bytesOf(`0001 ${short}`))).toEqual({ ...SUBSCRIPTION, ...nothing });
    expect(decodeSubscription(bytesOf(`0003 ${short}`))).toEqual({ ...SUBSCRIPTION, ...nothing });
    expect(decodeSubscription(bytesOf(`0003 ${short} ${OWNED}`))).toMatchObject({
      ownedPartitions: SUBSCRIPTION.ownedPartitions,
      generation: -1,
      rackId: null,
    });
  });

  test('of kafkajs, which writes version 0 and empty user data', () => {
    expect(decodeSubscription(bytesOf('0000 00000001 0005 "clock" 00000000'))).toEqual({
      topics: ['clock'],
      userData: Buffer.alloc(0),
      ownedPartitions: [],
      generation: -1,
      rackId: null,
    });
  });

  const anySubscription: fc.Arbitrary<Subscription> = fc.record({
    topics: fc.array(fc.string({ unit: 'grapheme' })),
    userData: fc.option(fc.uint8Array().map((each) => Buffer.from(each))),
    ownedPartitions: anyTopicPartitions,
    generation: fc.integer({ min: -1 }),
    rackId: fc.option(fc.string({ unit: 'grapheme' })),
  });

  test('any comes back', () => {
    fc.assert(
      fc.property(anySubscription, (subscription) => {
        expect(decodeSubscription(encodeSubscription(subscription, 3))).toEqual(subscription);
      }),
      RUNS,
    );
  });

  test.each([
    ['of nothing', '', 'subscription version: expected 2 bytes, found 0 bytes to the end'],
    ['of a negative version', 'ffff', 'subscription version: expected at least 0, found -1'],
    [
      'of more topics than bytes',
      '0000 7fffffff 0001 "a"',
      'subscription topics: expected 0 to 1 elements for the 3 bytes left, found 2147483647',
    ],
    [
      'with a topic that is cut off',
      '0000 00000001 0003 "ab"',
      'subscription topic: expected 3 bytes, found 2 bytes to the end',
    ],
    [
      'with more owned topics than bytes',
      `0001 ${TOPICS} ${USER_DATA} 00000002 0001 "a" 00000001 00000000`,
      'subscription ownedPartitions: expected 0 to 1 elements for the 11 bytes left, found 2',
    ],
    [
      'with more partitions than bytes',
      `0001 ${TOPICS} ${USER_DATA} 00000001 0001 "a" 00000002 00000000`,
      'subscription ownedPartitions partitions: expected 0 to 1 elements for the 4 bytes left, found 2',
    ],
  ])('%s is refused', (_what, text, message) => {
    expect(refusalOf(() => decodeSubscription(bytesOf(text)))).toMatchObject({
      code: 'INVALID_REQUEST',
      message,
    });
  });

  test('that is damaged anywhere is read or refused', () => {
    const copies = damagedCopies(encodeSubscription(SUBSCRIPTION, 3));
    expect(refusedCount(copies, decodeSubscription, 'INVALID_REQUEST')).toBeGreaterThan(100);
  });
});

describe('an assignment', () => {
  const ASSIGNED = [
    { topic: 'a', partitions: [0, 2] },
    { topic: 'bb', partitions: [] },
  ];
  const TEXT = '00000002 0001 "a" 00000002 00000000 00000002 0002 "bb" 00000000';

  test('is written in version 0, without user data unless some is given', () => {
    expect(encodeAssignment(ASSIGNED)).toEqual(bytesOf(`0000 ${TEXT} ffffffff`));
    expect(encodeAssignment(ASSIGNED, Buffer.from('u'))).toEqual(
      bytesOf(`0000 ${TEXT} ${USER_DATA}`),
    );
  });

  test.each(['0000', '0001', '0003', '7fff'])('of version %s is read alike', (version) => {
    expect(decodeAssignment(bytesOf(`${version} ${TEXT} ${USER_DATA}`))).toEqual({
      assignedPartitions: ASSIGNED,
      userData: Buffer.from('u'),
    });
  });

  test('is read whatever follows', () => {
    // Java's clients of one time wrote an error code there.
    expect(decodeAssignment(bytesOf(`0001 ${TEXT} ffffffff 0000`))).toEqual({
      assignedPartitions: ASSIGNED,
      userData: null,
    });
  });

  test('of no bytes is of no partitions: the leader left the member out', () => {
    expect(decodeAssignment(new Uint8Array())).toEqual({ assignedPartitions: [], userData: null });
  });

  test('any comes back', () => {
    const anyUserData = fc.option(fc.uint8Array().map((each) => Buffer.from(each)));
    fc.assert(
      fc.property(anyTopicPartitions, anyUserData, (assignedPartitions, userData) => {
        const bytes = encodeAssignment(assignedPartitions, userData);
        expect(decodeAssignment(bytes)).toEqual({ assignedPartitions, userData });
      }),
      RUNS,
    );
  });

  test('of a negative version is refused', () => {
    const { message } = refusalOf(() => decodeAssignment(bytesOf('8000 00000000 ffffffff')));
    expect(message).toBe('assignment version: expected at least 0, found -32768');
  });

  test('that is damaged anywhere is read or refused', () => {
    const copies = damagedCopies(encodeAssignment(ASSIGNED, Buffer.from('u')));
    expect(refusedCount(copies, decodeAssignment, 'INVALID_REQUEST')).toBeGreaterThan(100);
  });
});
