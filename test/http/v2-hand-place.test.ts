import { beforeEach, expect, test } from 'vitest';
import { placeByHand } from '../../src/http/v2-hand-place.ts';
import type { V2App } from '../support/v2-app.ts';
import { v2App } from '../support/v2-app.ts';

let v2: V2App;
const zero = { topic: 't', partition: 0 };
const one = { topic: 't', partition: 1 };

beforeEach(async () => {
  v2 = v2App();
  await v2.broker.createTopic({ name: 't', partitionCount: 2 });
  await v2.produce('t', 0, 1, 2, 3);
});

function placed(
  autoOffsetReset: 'earliest' | 'latest' | 'none',
  partitions = [zero, one],
  before?: Awaited<ReturnType<typeof placeByHand>>['positions'],
) {
  return placeByHand(v2.broker, { group: 'g', autoOffsetReset, partitions, before });
}

test.each([
  ['earliest', [0, 0]],
  ['latest', [3, 0]],
  ['none', [undefined, undefined]],
] as const)('without a commit it stands where %s says', async (reset, offsets) => {
  const { member, assignment, positions } = await placed(reset);
  expect(member).toBeUndefined();
  expect(assignment).toEqual([{ topic: 't', partitions: [0, 1] }]);
  expect(positions.all.map(({ offset }) => offset)).toEqual(offsets);
});

test('a committed offset comes before that', async () => {
  const offsets = [{ ...zero, offset: 2, leaderEpoch: -1, metadata: '' }];
  await v2.broker.commitOffsets({ group: 'g', memberId: '', generation: -1, offsets });
  const { positions } = await placed('none');
  expect(positions.all.map(({ offset, committed }) => [offset, committed])).toEqual([
    [2, 2],
    [undefined, undefined],
  ]);
});

test('and where it stood before comes first, unless the topic is another one by now', async () => {
  const { positions: before } = await placed('earliest', [zero]);
  before.move({ ...zero, offset: 1 });
  expect((await placed('latest', [zero, one], before)).positions.of(zero)?.offset).toBe(1);
  await v2.broker.deleteTopic('t');
  await v2.broker.createTopic({ name: 't' });
  expect((await placed('latest', [zero], before)).positions.of(zero)?.offset).toBe(0);
});
