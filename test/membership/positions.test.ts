import { beforeEach, describe, expect, test } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import type { PositionWish } from '../../src/membership/positions.ts';
import { offsetByPolicy, positionsOf, uncommitted } from '../../src/membership/positions.ts';
import { MembershipScene, offsetsIn } from '../support/membership-scene.ts';

let scene: MembershipScene;
let topicId: string;

beforeEach(async () => {
  scene = new MembershipScene();
  ({ topicId } = await scene.broker.createTopic({ name: 't', partitionCount: 3 }));
  for (const partition of [0, 1, 2]) await scene.produce('t', partition, 5);
  await scene.broker.deleteRecords('t', 2, 1);
});

function positions(more: Partial<PositionWish> = {}) {
  return positionsOf(scene.broker, {
    group: 'g',
    assignment: [{ topic: 't', partitions: [0, 1, 2] }],
    autoOffsetReset: 'earliest',
    known: [],
    ...more,
  });
}

describe('a member stands', () => {
  test('where its cursor says, else at the committed offset, else at the log start', async () => {
    await scene.commit('t', 0, { offset: 2 });
    await scene.commit('t', 1, { offset: 3 });
    const known = [{ topic: 't', topicId, partition: 0, offset: 4 }];
    const found = await positions({ known });
    expect(offsetsIn(found)).toEqual(['t/0=4', 't/1=3', 't/2=1']);
    expect(found.map(({ committed }) => committed)).toEqual([2, 3, undefined]);
  });

  test('where its cursor says even when that is before the committed offset', async () => {
    await scene.commit('t', 0, { offset: 2 });
    const known = [{ topic: 't', topicId, partition: 0, offset: 0 }];
    expect((await positions({ known }))[0]?.offset).toBe(0);
  });

  test('at the end of the log with latest', async () => {
    expect(offsetsIn(await positions({ autoOffsetReset: 'latest' }))).toEqual([
      't/0=5',
      't/1=5',
      't/2=5',
    ]);
  });

  test('where the policy says when its cursor knew the topic before it was created anew', async () => {
    await scene.commit('t', 0, { offset: 2 });
    await scene.broker.deleteTopic('t');
    const anew = await scene.broker.createTopic({ name: 't', partitionCount: 3 });
    const known = [{ topic: 't', topicId, partition: 0, offset: 4 }];
    const [first] = await positions({ known });
    expect(first).toMatchObject({ topicId: anew.topicId, offset: 0, committed: undefined });
  });

  describe('where nothing is known of a partition', () => {
    /** As it is of those that could not be opened. */
    function unknown(...partitions: readonly number[]): void {
      const { broker } = scene;
      const listOffset = broker.listOffset.bind(broker);
      broker.listOffset = (topic, partition, at) =>
        partitions.includes(partition)
          ? Promise.reject(new MillraceError('KAFKA_STORAGE_ERROR', 'not open'))
          : listOffset(topic, partition, at);
    }

    test('in the others only', async () => {
      unknown(0, 2);
      await scene.commit('t', 0, { offset: 2 });
      expect(offsetsIn(await positions())).toEqual(['t/0=2', 't/1=0']);
    });

    test('nowhere, and is told so, when there are no others', async () => {
      unknown(0, 1, 2);
      await expect(positions()).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
      await expect(positions({ autoOffsetReset: 'none' })).rejects.toMatchObject({
        code: 'KAFKA_STORAGE_ERROR',
      });
      expect(await positions({ assignment: [] })).toEqual([]);
    });
  });

  test('nowhere in partitions that are not assigned to it', async () => {
    const known = [{ topic: 't', topicId, partition: 0, offset: 4 }];
    const assignment = [{ topic: 't', partitions: [1] }];
    expect(offsetsIn(await positions({ known, assignment }))).toEqual(['t/1=0']);
  });

  test('nowhere in a topic that is gone', async () => {
    await scene.broker.deleteTopic('t');
    await expect(positions()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });
});

test('none as policy leaves committed offsets alone, and says what could be committed', async () => {
  await scene.commit('t', 0, { offset: 2 });
  const wish = { autoOffsetReset: 'none' } as const;
  const first = [{ topic: 't', partitions: [0] }];
  expect(offsetsIn(await positions({ ...wish, assignment: first }))).toEqual(['t/0=2']);
  const third = [{ topic: 't', partitions: [2] }];
  await expect(positions({ ...wish, assignment: third })).rejects.toMatchObject({
    code: 'NO_COMMITTED_OFFSET',
    message: expect.stringContaining('commit one from 1 to 5'),
    details: { topic: 't', partition: 2, log_start_offset: 1, high_watermark: 5 },
  });
});

test.each([
  ['earliest', 1],
  ['latest', 5],
] as const)('%s is one end of the log', async (policy, offset) => {
  expect(await offsetByPolicy(scene.broker, { topic: 't', partition: 2 }, policy)).toBe(offset);
});

test('a cursor carries only what the committed offsets do not say', () => {
  const place = { topic: 't', topicId };
  const carried = uncommitted([
    { ...place, partition: 0, offset: 2, committed: 2 },
    { ...place, partition: 1, offset: 3, committed: 2 },
    { ...place, partition: 2, offset: 0, committed: undefined },
  ]);
  expect(carried).toEqual([
    { ...place, partition: 1, offset: 3 },
    { ...place, partition: 2, offset: 0 },
  ]);
});
