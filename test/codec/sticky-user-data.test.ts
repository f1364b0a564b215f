import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeCooperativeUserData,
  decodeStickyUserData,
  encodeCooperativeUserData,
  encodeStickyUserData,
} from '../../src/codec/sticky-user-data.ts';
import { bytesOf, damagedCopies, refusedCount } from '../support/damaged-bytes.ts';
import { anyTopicPartitions } from '../support/group-arbitraries.ts';
import { RUNS } from '../support/record-arbitraries.ts';

const OWNED = [{ topic: 'a', partitions: [0, 2] }];
// One topic of two partitions.
const OWNED_TEXT = '00000001 0001 "a" 00000002 00000000 00000002';

describe('user data of the sticky assignor', () => {
  test('is what the member had, and when', () => {
    const bytes = bytesOf(`${OWNED_TEXT} 00000007`);
    expect(encodeStickyUserData(OWNED, 7)).toEqual(bytes);
    expect(decodeStickyUserData(bytes)).toEqual({ ownedPartitions: OWNED, generation: 7 });
  });

  test('may come without the generation, from old clients', () => {
    const expected = { ownedPartitions: OWNED, generation: -1 };
    expect(decodeStickyUserData(bytesOf(OWNED_TEXT))).toEqual(expected);
    // Not whole, so it is not one: Java falls back to the older form.
    expect(decodeStickyUserData(bytesOf(`${OWNED_TEXT} 0000`))).toEqual(expected);
  });

  test('may have more behind it', () => {
    const later = bytesOf(`${OWNED_TEXT} 00000007 0102`);
    expect(decodeStickyUserData(later)?.generation).toBe(7);
  });

  test.each([
    ['null', null],
    ['empty', Buffer.alloc(0)],
    ['cut off', bytesOf(OWNED_TEXT).subarray(0, -1)],
    ['something else', Buffer.from('something else')],
  ])('says nothing when it is %s', (_what, userData) => {
    expect(decodeStickyUserData(userData)).toBeUndefined();
  });

  test('any comes back', () => {
    const anyGeneration = fc.integer({ min: -1 });
    fc.assert(
      fc.property(anyTopicPartitions, anyGeneration, (ownedPartitions, generation) => {
        const bytes = encodeStickyUserData(ownedPartitions, generation);
        expect(decodeStickyUserData(bytes)).toEqual({ ownedPartitions, generation });
      }),
      RUNS,
    );
  });

  test('never stops anything, whatever the damage', () => {
    const copies = damagedCopies(encodeStickyUserData(OWNED, 7));
    expect(refusedCount(copies, decodeStickyUserData, 'INVALID_REQUEST')).toBe(0);
  });

  test('that is no bytes at all is a mistake of the caller', () => {
    expect(() => decodeStickyUserData({ length: 9 } as Uint8Array)).toThrow(TypeError);
  });
});

describe('user data of the cooperative sticky assignor', () => {
  test('is the generation', () => {
    expect(encodeCooperativeUserData(7)).toEqual(bytesOf('00000007'));
    expect(decodeCooperativeUserData(bytesOf('00000007'))).toBe(7);
    expect(decodeCooperativeUserData(encodeCooperativeUserData(-1))).toBe(-1);
  });

  test('may have more behind it', () => {
    expect(decodeCooperativeUserData(bytesOf('00000007 01'))).toBe(7);
  });

  test.each([null, Buffer.alloc(0), Buffer.from([0, 0, 7])])(
    'says nothing when it is %s',
    (bytes) => {
      expect(decodeCooperativeUserData(bytes)).toBeUndefined();
    },
  );
});
