import { expect, test } from 'vitest';
import { V2Positions } from '../../src/http/v2-positions.ts';

function position(partition: number, offset: number | undefined, committed?: number) {
  return { topic: 't', topicId: 'id', partition, offset, committed };
}

test('what is not committed is what a commit of all has to say', () => {
  const positions = new V2Positions([position(0, 5, 5), position(1, 7, 3), position(2, undefined)]);
  expect(positions.uncommitted).toEqual([{ topic: 't', partition: 1, offset: 7 }]);
  positions.wereCommitted([
    { topic: 't', partition: 1, offset: 7 },
    { topic: 'other', partition: 1, offset: 9 },
  ]);
  expect(positions.uncommitted).toEqual([]);
});

test('a commit moves no reader', () => {
  const positions = new V2Positions([position(0, 5, 5)]);
  positions.wereCommitted([{ topic: 't', partition: 0, offset: 2 }]);
  expect(positions.known).toEqual([{ topic: 't', topicId: 'id', partition: 0, offset: 5 }]);
  expect(positions.uncommitted).toEqual([{ topic: 't', partition: 0, offset: 5 }]);
});

test('reads and seeks move those partitions that the instance has, and no others', () => {
  const positions = new V2Positions([position(0, undefined), position(1, 1)]);
  expect(positions.known.map(({ partition }) => partition)).toEqual([1]);
  positions.move({ topic: 't', partition: 0, offset: 4 });
  positions.move({ topic: 't', partition: 9, offset: 4 });
  positions.reach([
    { ...position(1, 8), offset: 8 },
    { ...position(5, 8), offset: 8 },
  ]);
  expect(positions.all.map(({ partition, offset }) => [partition, offset])).toEqual([
    [0, 4],
    [1, 8],
  ]);
});

test('the assignment is by topic', () => {
  const positions = new V2Positions([
    position(1, 0),
    { ...position(1, 0), topic: 'a' },
    position(0, 0),
  ]);
  expect(positions.assignment).toEqual([
    { topic: 't', partitions: [1, 0] },
    { topic: 'a', partitions: [1] },
  ]);
});
