import { beforeEach, describe, expect, test } from 'vitest';
import { readAssigned } from '../../src/membership/assigned-read.ts';
import type { ReadBounds } from '../../src/membership/assigned-read.ts';
import type { Cursor } from '../../src/membership/cursor.ts';
import type { GroupBroker } from '../../src/membership/group-broker.ts';
import { bounds, MembershipScene, offsetsIn } from '../support/membership-scene.ts';

let scene: MembershipScene;

beforeEach(async () => {
  scene = new MembershipScene();
  await scene.broker.createTopic({ name: 't', partitionCount: 3 });
});

interface Wish extends Partial<ReadBounds> {
  readonly partitions?: readonly number[];
  readonly autoOffsetReset?: Cursor['autoOffsetReset'];
  readonly broker?: GroupBroker;
}

function read({ partitions = [0, 1, 2], broker = scene.broker, ...more }: Wish = {}) {
  const cursor: Cursor = {
    group: 'g',
    subscription: { kind: 'topics', topics: ['t'] },
    autoOffsetReset: more.autoOffsetReset ?? 'earliest',
    fingerprint: 0,
    assigned: [],
    generation: 1,
    positions: [],
  };
  const assignment = partitions.length === 0 ? [] : [{ topic: 't', partitions }];
  return readAssigned(broker, { ...bounds(), cursor, ...more }, assignment);
}

/** The partitions that gave records. */
function full({ partitions }: Awaited<ReturnType<typeof read>>): number[] {
  return partitions.filter(({ batches }) => batches.length > 0).map(({ partition }) => partition);
}

describe('one read', () => {
  test('answers every assigned partition, those with records first', async () => {
    await scene.produce('t', 2, 1);
    const { partitions, reset } = await read();
    expect(partitions.map(({ partition }) => partition)).toEqual([2, 0, 1]);
    expect(partitions[0]).toMatchObject({ offset: 0, logStartOffset: 0, highWatermark: 1 });
    expect(reset).toEqual([]);
  });

  test('gives another partition the first word in each turn', async () => {
    for (const partition of [0, 1, 2]) await scene.produce('t', partition, 1);
    const firsts: number[][] = [];
    // So few bytes that only the first batch of all comes.
    for (let turn = 0; turn < 4; turn += 1) firsts.push(full(await read({ turn, bytesMax: 1 })));
    expect(firsts).toEqual([[0], [1], [2], [0]]);
  });

  test.each([0, 1, 2, 3])('keeps results and partitions together in turn %d', async (turn) => {
    await scene.produce('t', 1, 1);
    await scene.produce('t', 2, 2);
    const { partitions } = await read({ turn });
    const ends = new Map(partitions.map((each) => [each.partition, each.highWatermark]));
    expect([ends.get(0), ends.get(1), ends.get(2)]).toEqual([0, 1, 2]);
  });

  test('stops waiting when the caller goes', async () => {
    const caller = new AbortController();
    const waiting = read({ waitMs: 30_000, signal: caller.signal });
    await scene.untilParked();
    caller.abort();
    expect(full(await waiting)).toEqual([]);
    expect(scene.broker.stats().parkedFetches).toBe(0);
  });

  test('of no partitions waits all the same, so that nobody asks without end', async () => {
    const waiting = read({ partitions: [], waitMs: 1_000 });
    await scene.untilParked();
    scene.clock.advance(1_000);
    expect(await waiting).toEqual({ partitions: [], reset: [] });
  });

  test('of a partition that is offline fails, unless there are records in another', async () => {
    scene.broker.setPartitionState({ topic: 't', partition: 1 }, 'offline');
    await expect(read()).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
    await scene.produce('t', 0, 1);
    expect(full(await read())).toEqual([0]);
  });
});

describe('where retention has passed by', () => {
  beforeEach(async () => {
    for (const partition of [0, 1]) await scene.produce('t', partition, 4);
    for (const partition of [0, 1]) await scene.commit('t', partition, { offset: 1 });
    await scene.broker.deleteRecords('t', 1, 3);
  });

  test('earliest jumps to the log start and says so; the others stay where they are', async () => {
    const { partitions, reset } = await read();
    expect(reset).toEqual([{ topic: 't', partition: 1, from: 1, to: 3 }]);
    expect(offsetsIn(partitions).toSorted()).toEqual(['t/0=1', 't/1=3', 't/2=0']);
    expect(full({ partitions, reset })).toEqual([0, 1]);
  });

  test('latest jumps to the end', async () => {
    const { reset } = await read({ autoOffsetReset: 'latest' });
    expect(reset).toEqual([{ topic: 't', partition: 1, from: 1, to: 4 }]);
  });

  test('none jumps nowhere', async () => {
    await expect(read({ autoOffsetReset: 'none', partitions: [1] })).rejects.toMatchObject({
      code: 'NO_COMMITTED_OFFSET',
      details: { topic: 't', partition: 1, log_start_offset: 3, high_watermark: 4 },
    });
  });

  /** Deletes a record behind each look at the log start. */
  function overtaking(times: number): GroupBroker {
    let left = times;
    return scene.hooked({
      listOffset: async (topic, partition, at) => {
        const found = await scene.broker.listOffset(topic, partition, at);
        if (partition === 1 && left > 0) {
          left -= 1;
          await scene.broker.deleteRecords(topic, partition, found.offset + 1);
        }
        return found;
      },
    });
  }

  test('it looks again when retention is faster, and tells the last jump', async () => {
    const { reset, partitions } = await read({ broker: overtaking(1), partitions: [1] });
    expect(reset).toMatchObject([{ partition: 1, to: 4 }]);
    expect(offsetsIn(partitions)).toEqual(['t/1=4']);
  });

  test('it does not chase retention for ever', async () => {
    await scene.produce('t', 1, 10);
    const chased = read({ broker: overtaking(10), partitions: [1] });
    await expect(chased).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  });

  test('an error of another partition does not keep it from jumping', async () => {
    scene.broker.setPartitionState({ topic: 't', partition: 2 }, 'offline');
    expect((await read()).reset).toEqual([{ topic: 't', partition: 1, from: 1, to: 3 }]);
  });
});
