import { beforeEach, describe, expect, test } from 'vitest';
import { resetOffsets } from '../../src/membership/offset-reset.ts';
import type { ResetWish } from '../../src/membership/offset-reset.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { FakeGroupScene } from '../support/fake-group-scene.ts';

let scene: FakeGroupScene;

beforeEach(async () => {
  scene = new FakeGroupScene();
  await scene.topic('t', 10, 10);
  await scene.memory.deleteRecords('t', 0, 2);
});

function reset(to: ResetWish['to'], more: Partial<ResetWish> = {}) {
  return resetOffsets(scene.broker, {
    group: 'g',
    topic: 't',
    partitions: undefined,
    to,
    dryRun: false,
    ...more,
  });
}

test.each<[string, ResetWish['to'], readonly number[], readonly boolean[]]>([
  ['the beginning', 'earliest', [2, 0], [false, false]],
  ['the end', 'latest', [10, 10], [false, false]],
  ['an offset', { offset: 7 }, [7, 7], [false, false]],
  ['an offset below the log start', { offset: 1 }, [2, 1], [true, false]],
  ['an offset above the high watermark', { offset: 11 }, [10, 10], [true, true]],
  ['both ends', { offset: 10 }, [10, 10], [false, false]],
  ['a few records on', { shift: 3 }, [8, 8], [false, false]],
  ['a few records back', { shift: -4 }, [2, 1], [true, false]],
  ['far back', { shift: Number.MIN_SAFE_INTEGER }, [2, 0], [true, true]],
])('%s', async (_, to, after, clamped) => {
  for (const partition of [0, 1]) await scene.commit('g', 't', partition, 5);
  const resets = await reset(to);
  expect(resets.map((each) => each.before)).toEqual([5, 5]);
  expect(resets.map((each) => each.after)).toEqual(after);
  expect(resets.map((each) => each.clamped)).toEqual(clamped);
  expect(await scene.committed('g')).toEqual(after.map((offset, p) => `t/${p}=${offset}`));
});

test('a time leads to the first record of then or later, else to the end', async () => {
  scene.clock.advance(1_000);
  await scene.produce('t', 1, 5);
  expect((await reset({ timestamp: scene.clock.wallMs() })).map((each) => each.after)).toEqual([
    10, 10,
  ]);
  expect((await reset({ timestamp: scene.clock.wallMs() - 500 }))[1]?.after).toBe(10);
  expect((await reset({ timestamp: scene.clock.wallMs() + 1 }))[1]?.after).toBe(15);
  expect((await reset({ timestamp: 0 })).map((each) => each.after)).toEqual([2, 0]);
});

test('a group that has committed nothing is made, and shows nothing before', async () => {
  expect(await reset('latest', { partitions: [1] })).toEqual([
    { partition: 1, before: null, after: 10, clamped: false, logStartOffset: 0, highWatermark: 10 },
  ]);
  expect(await scene.committed('g')).toEqual(['t/1=10']);
});

test('only the partitions asked for are moved, in that order', async () => {
  await scene.topic('u', 1);
  await scene.commit('g', 'u', 0, 1);
  await scene.commit('g', 't', 0, 5);
  expect((await reset('latest', { partitions: [1] })).map((each) => each.partition)).toEqual([1]);
  expect(await scene.committed('g')).toEqual(['t/0=5', 't/1=10', 'u/0=1']);
  expect((await reset('latest', { partitions: [1, 0] })).map((each) => each.partition)).toEqual([
    1, 0,
  ]);
});

describe('a dry run', () => {
  test('shows the same and changes nothing', async () => {
    await scene.commit('g', 't', 1, 5);
    const shown = await reset('earliest', { dryRun: true });
    expect(await scene.committed('g')).toEqual(['t/1=5']);
    expect(await reset('earliest')).toEqual(shown);
  });

  test('may be made while the group has members', async () => {
    scene.groups.addMember('g', 'm');
    expect(await reset('latest', { dryRun: true })).toHaveLength(2);
    await expect(reset('latest')).rejects.toMatchObject({ code: 'NON_EMPTY_GROUP' });
    expect(await scene.committed('g')).toEqual([]);
  });
});

describe('is refused', () => {
  test('in a topic or partition that is not there', async () => {
    await expect(reset('latest', { topic: 'none' })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    await expect(reset('latest', { partitions: [0, 2] })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      details: { topic: 't', partition: 2, partition_count: 2 },
    });
    expect(scene.groups.commits).toEqual([]);
  });

  test('as a shift where nothing is committed, with the bounds', async () => {
    await scene.commit('g', 't', 1, 5);
    await expect(reset({ shift: 1 })).rejects.toMatchObject({
      code: 'NO_COMMITTED_OFFSET',
      details: { topic: 't', partition: 0, log_start_offset: 2, high_watermark: 10 },
    });
    expect((await reset({ shift: 1 }, { partitions: [1] }))[0]?.after).toBe(6);
  });

  test('where a partition is offline, and the others can be named', async () => {
    scene.memory.setPartitionState({ topic: 't', partition: 0 }, 'offline', 'a bit flipped');
    await expect(reset('latest')).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
    expect(await reset('latest', { partitions: [1] })).toHaveLength(1);
  });

  test('when the commit is, in its words', async () => {
    scene.groups.failNextOutcome(new MillraceError('UNKNOWN_TOPIC_OR_PARTITION', 'just deleted'));
    await expect(reset('latest')).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      details: { not_committed_count: 1, not_committed: [{ topic: 't', partition: 0 }] },
    });
  });
});
