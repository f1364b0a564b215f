import { beforeEach, describe, expect, test } from 'vitest';
import { groupLag } from '../../src/membership/lag.ts';
import type { PartitionLag } from '../../src/membership/lag.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { LAG_AGES_MAX } from '../../src/model/limits.ts';
import { FakeGroupScene } from '../support/fake-group-scene.ts';

let scene: FakeGroupScene;

beforeEach(() => {
  scene = new FakeGroupScene();
});

async function only(group = 'g'): Promise<PartitionLag> {
  const { partitions } = await groupLag(scene.broker, scene.clock, group);
  expect(partitions).toHaveLength(1);
  return partitions[0] as PartitionLag;
}

describe('with nobody online', () => {
  test('the lag goes from the committed offset to the high watermark', async () => {
    await scene.topic('t', 10);
    await scene.commit('g', 't', 0, 4);
    scene.clock.advance(2_500);
    expect(await groupLag(scene.broker, scene.clock, 'g')).toEqual({
      group: 'g',
      state: 'Empty',
      totalLag: 6,
      maxLag: 6,
      maxLagMs: 2_500,
      partitions: [
        {
          topic: 't',
          partition: 0,
          currentOffset: 4,
          logStartOffset: 0,
          logEndOffset: 10,
          lag: 6,
          lagMs: 2_500,
          owner: null,
          clientId: null,
        },
      ],
    });
  });

  test('a group that has read everything is not behind, however long ago', async () => {
    await scene.topic('t', 3);
    await scene.commit('g', 't', 0, 3);
    scene.clock.advance(60_000);
    expect(await only()).toMatchObject({ lag: 0, lagMs: 0 });
  });

  test('sums are over the partitions, and maxima of one each', async () => {
    await scene.topic('t', 5, 5, 5);
    await scene.topic('u', 9);
    scene.clock.advance(1_000);
    await scene.produce('t', 2, 1);
    for (const [partition, offset] of [1, 5, 5].entries()) {
      await scene.commit('g', 't', partition, offset);
    }
    await scene.commit('g', 'u', 0, 9);
    scene.clock.advance(1_000);
    const lag = await groupLag(scene.broker, scene.clock, 'g');
    expect(
      lag.partitions.map((each) => [each.topic, each.partition, each.lag, each.lagMs]),
    ).toEqual([
      ['t', 0, 4, 2_000],
      ['t', 1, 0, 0],
      ['t', 2, 1, 1_000],
      ['u', 0, 0, 0],
    ]);
    expect(lag).toMatchObject({ totalLag: 5, maxLag: 4, maxLagMs: 2_000 });
  });

  test('a group that is not known is said to be so', async () => {
    await expect(groupLag(scene.broker, scene.clock, 'none')).rejects.toMatchObject({
      code: 'GROUP_ID_NOT_FOUND',
    });
  });
});

describe('the age', () => {
  test('is that of the first unread record, also in the middle of a batch', async () => {
    await scene.memory.createTopic({ name: 't' });
    const now = scene.clock.wallMs();
    const records = [0, 1_000, 2_000].map((ms) => ({
      key: null,
      value: Buffer.from('x'),
      headers: [],
      timestamp: now + ms,
    }));
    await scene.memory.produce([
      { topic: 't', partition: 0, payload: { kind: 'records', records } },
    ]);
    scene.clock.advance(5_000);
    await scene.commit('g', 't', 0, 1);
    expect((await only()).lagMs).toBe(4_000);
  });

  test('is never negative, though a record may be ahead of the clock', async () => {
    await scene.topic('t', 1);
    await scene.commit('g', 't', 0, 0);
    scene.clock.jumpWall(-60_000);
    expect(await only()).toMatchObject({ lag: 1, lagMs: 0 });
  });

  test('is that of the first record still there once retention has passed the offset', async () => {
    await scene.topic('t', 2);
    scene.clock.advance(1_000);
    await scene.produce('t', 0, 1);
    await scene.commit('g', 't', 0, 0);
    await scene.memory.deleteRecords('t', 0, 2);
    scene.clock.advance(1_000);
    expect(await only()).toMatchObject({ logStartOffset: 2, lag: 3, lagMs: 1_000 });
  });

  test('is not known once all that is unread is gone', async () => {
    await scene.topic('t', 3);
    await scene.commit('g', 't', 0, 1);
    await scene.memory.deleteRecords('t', 0, -1);
    expect(await only()).toMatchObject({ currentOffset: 1, lag: 2, lagMs: null });
    expect((await groupLag(scene.broker, scene.clock, 'g')).maxLagMs).toBeNull();
  });

  test('is not known of a partition that is offline', async () => {
    await scene.topic('t', 3, 3);
    for (const partition of [0, 1]) await scene.commit('g', 't', partition, 3);
    scene.memory.setPartitionState({ topic: 't', partition: 0 }, 'offline');
    const lag = await groupLag(scene.broker, scene.clock, 'g');
    expect(lag.partitions.map(({ lagMs }) => lagMs)).toEqual([null, 0]);
    expect(lag.maxLagMs).toBe(0);
  });

  test('is not known of one that fails while it is read, and the others are told', async () => {
    await scene.topic('t', 3, 3);
    for (const partition of [0, 1]) await scene.commit('g', 't', partition, 0);
    const broker: typeof scene.broker = {
      ...scene.broker,
      fetch: async (request) => {
        const results = await scene.broker.fetch(request);
        return results.map((each) =>
          each.partition === 1
            ? { ...each, error: new MillraceError('KAFKA_STORAGE_ERROR', 'a bit flipped') }
            : each,
        );
      },
    };
    const { partitions } = await groupLag(broker, scene.clock, 'g');
    expect(partitions.map(({ lagMs }) => lagMs)).toEqual([0, null]);
  });

  test('is looked up for those furthest behind when they are too many, a few at once', async () => {
    const counts = Array.from({ length: LAG_AGES_MAX + 1 }, () => 2);
    await scene.topic('t', ...counts);
    for (const partition of counts.keys()) {
      await scene.commit('g', 't', partition, partition === 7 ? 1 : 0);
    }
    let running = 0;
    let most = 0;
    const broker: typeof scene.broker = {
      ...scene.broker,
      fetch: async (request) => {
        running += 1;
        most = Math.max(most, running);
        const results = await scene.broker.fetch(request);
        running -= 1;
        return results;
      },
    };
    const { partitions } = await groupLag(broker, scene.clock, 'g');
    const unknown = partitions.filter(({ lagMs }) => lagMs === null);
    expect(unknown.map(({ partition }) => partition)).toEqual([7]);
    expect(most).toBe(8);
  });
});

describe('with members', () => {
  test('a partition that nothing is committed in counts from the log start, with its owner', async () => {
    await scene.topic('t', 4, 5);
    await scene.memory.deleteRecords('t', 1, 2);
    scene.groups.addMember('g', 'm', [{ topic: 't', partitions: [1] }]);
    expect(await only()).toEqual({
      topic: 't',
      partition: 1,
      currentOffset: null,
      logStartOffset: 2,
      logEndOffset: 5,
      lag: 3,
      lagMs: 0,
      owner: 'm',
      clientId: 'client-of-m',
    });
  });

  test('what is assigned and gone, or not understood, is left out', async () => {
    await scene.topic('t', 1);
    scene.groups.addMember('g', 'm', [
      { topic: 'gone', partitions: [0] },
      { topic: 't', partitions: [0, 1] },
    ]);
    scene.groups.addMember('g', 'n', Buffer.from([0, 0, 0, 9, 9]));
    expect(await only()).toMatchObject({ topic: 't', partition: 0, owner: 'm' });
  });
});
