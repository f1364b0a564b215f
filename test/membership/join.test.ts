import { beforeEach, describe, expect, test } from 'vitest';
import { encodeAssignment, encodeSubscription } from '../../src/codec/consumer-protocol.ts';
import { chooseAssignors } from '../../src/membership/assignors.ts';
import type { Membership } from '../../src/membership/join.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { MembershipScene, placesIn } from '../support/membership-scene.ts';

let scene: MembershipScene;

beforeEach(async () => {
  scene = new MembershipScene();
  await scene.broker.createTopic({ name: 't', partitionCount: 4 });
});

const cooperative = { assignors: chooseAssignors(['cooperative-sticky']) };
const ALL = ['t/0', 't/1', 't/2', 't/3'];

describe('members that join', () => {
  test('at once end in one generation that has every partition once', async () => {
    const members = await Promise.all([scene.join(), scene.join(), scene.join()]);
    expect(new Set(members.map(({ generation }) => generation)).size).toBe(1);
    const places = members.flatMap(({ assignment }) => placesIn(assignment));
    expect(places.toSorted()).toEqual(ALL);
    const { state, generation } = await scene.broker.describeGroup('g');
    expect([state, generation]).toEqual(['Stable', members[0]?.generation]);
    for (const member of members) await scene.read(member);
  });

  test('get what their leader gives them, also when that is none of ours', async () => {
    const metadata = encodeSubscription({
      topics: ['t'],
      userData: null,
      ownedPartitions: [],
      generation: -1,
      rackId: null,
    });
    const other = {
      group: 'g',
      memberId: '',
      clientId: 'other',
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 20_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata }],
    };
    const { memberId, generation } = await scene.broker.joinGroup(other);
    await scene.broker.syncGroup({ group: 'g', memberId, generation, assignments: [] });
    const follower = scene.join();
    await scene.untilState('PreparingRebalance');
    const led = await scene.broker.joinGroup({ ...other, memberId });
    expect(led.leader).toBe(memberId);
    await scene.broker.syncGroup({
      group: 'g',
      memberId,
      generation: led.generation,
      assignments: led.members
        .filter((each) => each.memberId !== memberId)
        .map((each) => ({
          memberId: each.memberId,
          assignment: encodeAssignment([{ topic: 't', partitions: [3] }]),
        })),
    });
    expect(placesIn((await follower).assignment)).toEqual(['t/3']);
  });

  test('may read different topics, some of them missing', async () => {
    await scene.broker.createTopic({ name: 'u', partitionCount: 2 });
    const [one, other] = await Promise.all([
      scene.join(),
      scene.join({ subscription: { kind: 'topics', topics: ['u', 'later'] } }),
    ]);
    expect(placesIn(one.assignment)).toEqual(ALL);
    expect(one.missing).toEqual([]);
    expect(placesIn(other.assignment)).toEqual(['u/0', 'u/1']);
    expect(other.missing).toEqual(['later']);
  });

  test('agree on the assignor that all of them know', async () => {
    const [one, other] = await Promise.all([
      scene.join({ assignors: chooseAssignors(['range', 'roundrobin']) }),
      scene.join({ assignors: chooseAssignors(['sticky', 'roundrobin']) }),
    ]);
    expect([one.protocol, other.protocol]).toEqual(['roundrobin', 'roundrobin']);
  });
});

describe('a join', () => {
  test('overtaken by another rebalance goes round again as the same member', async () => {
    let newcomer: Promise<Membership> | undefined;
    const joinedAs: string[] = [];
    const broker = scene.hooked({
      joinGroup: (request) => {
        joinedAs.push(request.memberId);
        return scene.broker.joinGroup(request);
      },
      syncGroup: async (request) => {
        if (newcomer === undefined) {
          newcomer = scene.join();
          await scene.untilState('PreparingRebalance');
        }
        return scene.broker.syncGroup(request);
      },
    });
    const member = await scene.join({}, broker);
    const other = await newcomer;
    expect(joinedAs).toEqual(['', member.memberId]);
    expect([member.generation, other?.generation]).toEqual([2, 2]);
    expect(await scene.memberIds()).toHaveLength(2);
  });

  test('whose member is removed meanwhile goes round again as a new one', async () => {
    let removed: string | undefined;
    const broker = scene.hooked({
      syncGroup: async (request) => {
        if (removed === undefined) {
          removed = request.memberId;
          await scene.broker.leaveGroup('g', [{ memberId: removed }]);
        }
        return scene.broker.syncGroup(request);
      },
    });
    const member = await scene.join({}, broker);
    expect(member.memberId).not.toBe(removed);
    expect(await scene.memberIds()).toEqual([member.memberId]);
  });

  test('overtaken without end gives up, and its member does not stay', async () => {
    const busy = new MillraceError('REBALANCE_IN_PROGRESS', 'again', { retriable: true });
    const broker = scene.hooked({ syncGroup: () => Promise.reject(busy) });
    await expect(scene.join({}, broker)).rejects.toBe(busy);
    expect(await scene.memberIds()).toEqual([]);
  });

  test('that fails midway leaves no member behind', async () => {
    const full = new MillraceError('DISK_FULL', 'no space', {});
    const broker = scene.hooked({ syncGroup: () => Promise.reject(full) });
    await expect(scene.join({}, broker)).rejects.toBe(full);
    expect(await scene.memberIds()).toEqual([]);
  });

  test('without a committed offset where one is wanted leaves no member behind', async () => {
    for (const partition of [0, 1, 2]) await scene.commit('t', partition, { offset: 0 });
    await expect(scene.join({ autoOffsetReset: 'none' })).rejects.toMatchObject({
      code: 'NO_COMMITTED_OFFSET',
      details: { topic: 't', partition: 3 },
    });
    expect(await scene.memberIds()).toEqual([]);
    await scene.commit('t', 3, { offset: 0 });
    expect((await scene.join({ autoOffsetReset: 'none' })).cursor.positions).toEqual([]);
  });

  test('that is refused changes nothing for those who are there', async () => {
    const member = await scene.join();
    const refused = scene.join({ assignors: chooseAssignors(['sticky']) });
    await expect(refused).rejects.toMatchObject({ code: 'INCONSISTENT_GROUP_PROTOCOL' });
    await scene.read(member);
  });
});

describe('a caller who goes', () => {
  test('while the others are awaited takes its member along', async () => {
    const first = await scene.join();
    const caller = new AbortController();
    const second = scene.join({ signal: caller.signal });
    await scene.untilState('PreparingRebalance');
    caller.abort();
    await expect(second).rejects.toBeInstanceOf(MillraceError);
    expect(await scene.memberIds()).toEqual([first.memberId]);
  });

  const leaving = async (groupInstanceId: string | undefined): Promise<string[]> => {
    const caller = new AbortController();
    const broker = scene.hooked({
      syncGroup: (request) => {
        caller.abort();
        return scene.broker.syncGroup(request);
      },
    });
    await scene.join({ signal: caller.signal, groupInstanceId }, broker);
    return scene.memberIds();
  };

  test('while the partitions are shared out takes its member along', async () => {
    expect(await leaving(undefined)).toEqual([]);
  });

  test('leaves a static member where it is', async () => {
    const [memberId] = await leaving('i');
    expect(memberId).toBeDefined();
    const again = await scene.join({ groupInstanceId: 'i' });
    expect(await scene.memberIds()).toEqual([again.memberId]);
  });

  test('between two rounds of a cooperative join takes its member along', async () => {
    const first = await scene.join(cooperative);
    const caller = new AbortController();
    const broker = scene.hooked({
      syncGroup: async (request) => {
        const synced = await scene.broker.syncGroup(request);
        caller.abort();
        return synced;
      },
    });
    const second = scene.join(cooperative);
    await scene.untilState('PreparingRebalance');
    // What the second is to get is taken from it: it would have to join once more.
    const gone = scene.again(first, { ...cooperative, signal: caller.signal }, broker);
    await expect(gone).rejects.toBeInstanceOf(MillraceError);
    expect(await scene.memberIds()).not.toContain(first.memberId);
    await second;
  });
});
