import { describe, expect, test } from 'vitest';
import {
  encodeCooperativeUserData,
  encodeStickyUserData,
} from '../../src/codec/sticky-user-data.ts';
import { cooperativeClaim, eagerClaim, settleClaims } from '../../src/membership/sticky-claims.ts';
import type { Claim } from '../../src/membership/sticky-claims.ts';
import { grouped, member } from '../support/group-members.ts';

const TOPICS = [
  { name: 'a', partitionCount: 2, subscribers: [0], firstNumber: 0 },
  { name: 'b', partitionCount: 3, subscribers: [0], firstNumber: 2 },
];

function claim(generation: number, ...owned: string[]): Claim {
  return { ownedPartitions: grouped(owned), generation };
}

/** Who is believed of a-0, a-1, b-0, b-1 and b-2. */
function ownersAmong(...claims: Claim[]): number[] {
  return [...settleClaims(claims, TOPICS, 5).owners];
}

describe('of members that claim partitions', () => {
  test('each is believed where it is alone, whatever its generation', () => {
    expect(ownersAmong(claim(4, 'a-1', 'b-2'), claim(-1, 'b-0'))).toEqual([-1, 0, 1, -1, 0]);
  });

  test('the one with the highest generation is believed, in whatever order they come', () => {
    expect(ownersAmong(claim(1, 'a-0'), claim(3, 'a-0'), claim(2, 'a-0'))[0]).toBe(1);
    expect(ownersAmong(claim(3, 'a-0'), claim(-1, 'a-0'))[0]).toBe(0);
  });

  test('none is believed of two with the highest, nor one below them', () => {
    expect(ownersAmong(claim(3, 'a-0'), claim(3, 'a-0'), claim(2, 'a-0'))[0]).toBe(-1);
    expect(ownersAmong(claim(2, 'a-0'), claim(3, 'a-0'), claim(3, 'a-0'))[0]).toBe(-1);
    expect(ownersAmong(claim(3, 'a-0'), claim(3, 'a-0'), claim(4, 'a-0'))[0]).toBe(2);
    expect(ownersAmong(claim(-1, 'a-0'), claim(-1, 'a-0'))[0]).toBe(-1);
  });

  test('one that names a partition twice does not contradict itself', () => {
    expect(ownersAmong(claim(1, 'a-0', 'a-0'))[0]).toBe(0);
  });

  test('partitions that do not exist are passed over', () => {
    const { owners, isClaimed } = settleClaims([claim(1, 'a-2', 'c-0')], TOPICS, 5);
    expect([...owners]).toEqual([-1, -1, -1, -1, -1]);
    expect([...isClaimed]).toEqual([0, 0, 0, 0, 0]);
    const odd = { generation: 1, ownedPartitions: [{ topic: 'b', partitions: [-1, 3, 2 ** 31] }] };
    expect(ownersAmong(odd)).toEqual([-1, -1, -1, -1, -1]);
  });

  test('a partition counts as claimed also where nobody is believed', () => {
    const { isClaimed } = settleClaims([claim(1, 'a-0', 'b-1'), claim(1, 'a-0')], TOPICS, 5);
    expect([...isClaimed]).toEqual([1, 0, 0, 1, 0]);
  });
});

describe('what a member had', () => {
  const topics = ['a'];
  const owned = ['a-0'];

  test('is told by the user data of an eager one, whatever else it says', () => {
    const userData = encodeStickyUserData(grouped(['a-1']), 4);
    expect(eagerClaim(member('m', { topics, owned, generation: 5, userData }))).toEqual(
      claim(4, 'a-1'),
    );
    // As clients before KIP-341 write it.
    const old = userData.subarray(0, -4);
    expect(eagerClaim(member('m', { topics, userData: old }))).toEqual(claim(-1, 'a-1'));
  });

  test('is told by the subscription of an eager one whose user data says nothing', () => {
    for (const userData of [undefined, Uint8Array.of(0, 0), Uint8Array.of(0x7f, 255, 255, 255)]) {
      const words = { topics, owned, generation: 5 };
      const each = member('m', userData === undefined ? words : { ...words, userData });
      expect(eagerClaim(each)).toEqual(claim(5, 'a-0'));
    }
  });

  test('is told by the subscription of a cooperative one, and its generation if need be by the user data', () => {
    const userData = encodeCooperativeUserData(4);
    const words = { topics, owned, userData };
    expect(cooperativeClaim(member('m', { ...words, generation: 5 }))).toEqual(claim(5, 'a-0'));
    expect(cooperativeClaim(member('m', words))).toEqual(claim(4, 'a-0'));
    expect(cooperativeClaim(member('m', { topics, owned }))).toEqual(claim(-1, 'a-0'));
  });
});
