import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { MemberRead, ReadWish } from '../../src/membership/read.ts';
import { advanced, readWithoutJoining } from '../../src/membership/read.ts';
import {
  bounds,
  MembershipScene,
  offsetsIn,
  placesIn,
  SESSION_TIMEOUT_MS,
} from '../support/membership-scene.ts';

let scene: MembershipScene;

beforeEach(async () => {
  scene = new MembershipScene();
  await scene.broker.createTopic({ name: 't', partitionCount: 2 });
});

describe('a member reads', () => {
  test('from its cursor on, and with the next cursor behind what it has reached', async () => {
    await scene.produce('t', 0, 3);
    const member = await scene.join();
    const first = await scene.read(member);
    expect(placesIn(first.assignment)).toEqual(['t/0', 't/1']);
    const reached = first.partitions.map((each) => ({ ...each, offset: each.highWatermark }));
    const cursor = advanced(first, member.generation, reached);
    expect(offsetsIn((await scene.read(member, { cursor })).partitions)).toEqual([
      't/0=3',
      't/1=0',
    ]);
  });

  test('from the committed offset on when its cursor knew the topic before it was created anew', async () => {
    const member = await scene.join();
    await scene.produce('t', 0, 3);
    const cursor = {
      ...member.cursor,
      positions: [{ topic: 't', topicId: 'another', partition: 0, offset: 2 }],
    };
    await scene.commit('t', 0, { offset: 1, by: member });
    expect(offsetsIn((await scene.read(member, { cursor })).partitions)).toContain('t/0=1');
  });

  test('without a cursor what its group knows of it', async () => {
    const member = await scene.join({ autoOffsetReset: 'latest' });
    await scene.produce('t', 1, 3);
    await scene.commit('t', 1, { offset: 2, by: member });
    const { cursor, partitions, assignment } = await scene.read(member, { cursor: undefined });
    expect(cursor).toEqual({
      group: 'g',
      subscription: { kind: 'topics', topics: ['t'] },
      autoOffsetReset: 'earliest',
      fingerprint: member.cursor.fingerprint,
      assigned: [],
      generation: member.generation,
      positions: [],
    });
    expect(offsetsIn(partitions)).toEqual(['t/1=2', 't/0=0']);
    const next = advanced({ cursor, assignment }, member.generation, partitions);
    await scene.read(member, { cursor: next });
    await scene.broker.addPartitions('t', 3);
    await expect(scene.read(member, { cursor: next })).rejects.toMatchObject({
      code: 'REBALANCE_IN_PROGRESS',
    });
  });

  test('nothing as somebody who is not there, or in another generation', async () => {
    const member = await scene.join();
    await expect(scene.read({ ...member, memberId: 'nobody' })).rejects.toMatchObject({
      code: 'UNKNOWN_MEMBER_ID',
    });
    await expect(scene.read({ ...member, generation: 2 })).rejects.toMatchObject({
      code: 'ILLEGAL_GENERATION',
    });
  });

  test('nothing more once a rebalance has begun, even what came at the same time', async () => {
    const member = await scene.join();
    const waiting = scene.read(member, { waitMs: 30_000 });
    await scene.untilParked();
    const newcomer = scene.join();
    await expect(waiting).rejects.toMatchObject({
      code: 'REBALANCE_IN_PROGRESS',
      retriable: true,
      details: { group: 'g' },
    });
    await Promise.all([scene.again(member), newcomer]);
  });

  test('is told at once when it leaves meanwhile', async () => {
    const member = await scene.join();
    const waiting = scene.read(member, { waitMs: 30_000 });
    await scene.untilParked();
    await scene.leave(member);
    await expect(waiting).rejects.toMatchObject({ code: 'REBALANCE_IN_PROGRESS' });
  });
});

describe('a read is a sign of life', () => {
  test('as long as it waits', async () => {
    const member = await scene.join();
    const waiting = scene.read(member, { waitMs: 3 * SESSION_TIMEOUT_MS });
    await scene.untilParked();
    scene.clock.advance(3 * SESSION_TIMEOUT_MS - 1);
    expect(await scene.memberIds()).toEqual([member.memberId]);
    scene.clock.advance(1);
    await waiting;
  });

  const waysOut: [string, Partial<ReadWish>, (read: Promise<MemberRead>) => Promise<unknown>][] = [
    ['answered', {}, (read) => read],
    [
      'over its time',
      { waitMs: 1_000 },
      async (read) => {
        await scene.untilParked();
        scene.clock.advance(1_000);
        await read;
      },
    ],
    [
      'refused because of its topics',
      {},
      async (read) => {
        await expect(read).rejects.toMatchObject({ code: 'REBALANCE_IN_PROGRESS' });
      },
    ],
    [
      'failed',
      {},
      async (read) => {
        await expect(read).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
      },
    ],
  ];

  test.each(waysOut)('and no longer: %s', async (name, wish, out) => {
    const member = await scene.join();
    if (name === 'failed') {
      scene.broker.setPartitionState({ topic: 't', partition: 0 }, 'offline');
    }
    if (name === 'refused because of its topics') await scene.broker.addPartitions('t', 3);
    await out(scene.read(member, wish));
    scene.clock.advance(SESSION_TIMEOUT_MS - 1);
    expect(await scene.memberIds()).toEqual([member.memberId]);
    scene.clock.advance(1);
    expect(await scene.memberIds()).toEqual([]);
  });

  test('and no longer: its caller has gone', async () => {
    const caller = new AbortController();
    const member = await scene.join();
    const waiting = scene.read(member, { waitMs: 30_000, signal: caller.signal });
    await scene.untilParked();
    caller.abort();
    await waiting;
    scene.clock.advance(SESSION_TIMEOUT_MS);
    expect(await scene.memberIds()).toEqual([]);
  });
});

describe('without joining', () => {
  function read(more: Partial<Parameters<typeof readWithoutJoining>[1]> = {}) {
    const wish = { ...bounds(), group: 'g', topic: 't', cursor: undefined };
    return readWithoutJoining(scene.broker, { ...wish, ...more });
  }

  test('all partitions are read on from the committed offsets, and no group comes of it', async () => {
    await scene.produce('t', 0, 2);
    const found = await read();
    expect(placesIn(found.assignment)).toEqual(['t/0', 't/1']);
    expect(offsetsIn(found.partitions)).toEqual(['t/0=0', 't/1=0']);
    expect(found.cursor).toMatchObject({ group: 'g', generation: -1, autoOffsetReset: 'earliest' });
    expect(await scene.broker.listGroups()).toEqual([]);
    await scene.commit('t', 0, { offset: 1 });
    expect(offsetsIn((await read()).partitions)).toEqual(['t/0=1', 't/1=0']);
  });

  test('the cursor goes on where it was, and new partitions come by themselves', async () => {
    await scene.produce('t', 0, 2);
    const found = await read();
    const reached = found.partitions.map((each) => ({ ...each, offset: each.highWatermark }));
    const cursor = advanced(found, -1, reached);
    await scene.broker.addPartitions('t', 3);
    expect(offsetsIn((await read({ cursor })).partitions)).toEqual(['t/0=2', 't/1=0', 't/2=0']);
  });

  test('a topic that is not there is refused, and not created', async () => {
    await expect(read({ topic: 'nothing' })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    expect((await scene.broker.listTopics()).map(({ name }) => name)).toEqual(['t']);
  });

  test('it waits for records without being in anybody’s way', async () => {
    const waiting = read({ waitMs: 30_000 });
    await scene.untilParked();
    await scene.join();
    await nextTurn();
    await scene.produce('t', 1, 1);
    expect((await waiting).partitions[0]).toMatchObject({ partition: 1, highWatermark: 1 });
  });
});

test('the cursor to go on from carries the assignment, its generation and what is not committed', async () => {
  const member = await scene.join();
  const { topicId } = await scene.broker.topic('t');
  const place = { topic: 't', topicId };
  const { cursor } = member;
  const assignment = [{ topic: 't', partitions: [0] }];
  const next = advanced({ cursor, assignment }, 9, [
    { ...place, partition: 0, offset: 4, committed: 4 },
    { ...place, partition: 1, offset: 5, committed: 4 },
  ]);
  const positions = [{ ...place, partition: 1, offset: 5 }];
  expect(next).toEqual({ ...cursor, assigned: assignment, generation: 9, positions });
});
