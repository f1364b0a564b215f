import { expect, test } from 'vitest';
import {
  decodeCooperativeUserData,
  decodeStickyUserData,
} from '../../src/codec/sticky-user-data.ts';
import { previousUserData } from '../../src/membership/sticky-memory.ts';

const had = { owned: [{ topic: 't', partitions: [0, 2] }], generation: 7 };

test('the sticky assignor is told the partitions and their generation', () => {
  expect(decodeStickyUserData(previousUserData('sticky', had))).toEqual({
    ownedPartitions: had.owned,
    generation: 7,
  });
});

test('the cooperative one is told the generation alone', () => {
  const told = previousUserData('cooperative-sticky', had);
  expect(told?.length).toBe(4);
  expect(decodeCooperativeUserData(told)).toBe(7);
});

test.each(['range', 'roundrobin', 'RoundRobinAssigner'])('%s is told nothing', (assignor) => {
  expect(previousUserData(assignor, had)).toBeNull();
});
