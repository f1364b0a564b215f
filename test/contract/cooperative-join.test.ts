/** What members keep through a rebalance, and what they hand over: `join.ts` with its cursors. */
import { beforeEach, describe, expect, test } from 'vitest';
import { chooseAssignors } from '../../src/membership/assignors.ts';
import type { Membership } from '../../src/membership/join.ts';
import { MembershipScene, offsetsIn, placesIn } from '../support/membership-scene.ts';

let scene: MembershipScene;

beforeEach(async () => {
  scene = new MembershipScene();
  await scene.broker.createTopic({ name: 't', partitionCount: 4 });
});

const cooperative = { assignors: chooseAssignors(['cooperative-sticky']) };
const ALL = ['t/0', 't/1', 't/2', 't/3'];

describe('positions', () => {
  async function known(partition: number, offset: number) {
    const { topicId } = await scene.broker.topic('t');
    return { topic: 't', topicId, partition, offset };
  }

  beforeEach(async () => {
    for (const partition of [0, 1, 2, 3]) await scene.produce('t', partition, 5);
  });

  test('of an eager member come from commits alone when it joins again', async () => {
    const member = await scene.join();
    await scene.commit('t', 0, { offset: 2, by: member });
    const cursor = { ...member.cursor, positions: [await known(0, 4), await known(1, 4)] };
    const again = await scene.again({ ...member, cursor });
    expect(offsetsIn((await scene.read(again)).partitions)).toEqual([
      't/0=2',
      't/1=0',
      't/2=0',
      't/3=0',
    ]);
  });

  test('of a cooperative member go on in what it keeps', async () => {
    const first = await scene.join(cooperative);
    await scene.commit('t', 0, { offset: 2, by: first });
    const reached = await Promise.all([0, 1, 2, 3].map((partition) => known(partition, 4)));
    const cursor = { ...first.cursor, positions: reached };
    const second = scene.join(cooperative);
    await scene.untilState('PreparingRebalance');
    const keeping = scene.again({ ...first, cursor }, cooperative);
    const early = await second;
    await scene.untilState('PreparingRebalance');
    // What it says of partitions that it did not own counts for nothing.
    const boast = { ...early, cursor: { ...early.cursor, positions: reached } };
    const [kept, other] = await Promise.all([keeping, scene.again(boast, cooperative)]);
    const places = placesIn(kept.assignment);
    expect(places).toHaveLength(2);
    expect(offsetsIn(kept.cursor.positions)).toEqual(places.map((each) => `${each}=4`));
    expect(offsetsIn(other.cursor.positions).every((each) => each.endsWith('=0'))).toBe(true);
  });

  test('of a cooperative member that joins anew come from commits alone', async () => {
    const member = await scene.join(cooperative);
    const cursor = { ...member.cursor, positions: [await known(0, 1)] };
    // Its time passes, and somebody else reads on.
    await scene.leave(member);
    await scene.commit('t', 0, { offset: 5 });
    const anew = await scene.join({ ...cooperative, cursor });
    expect(anew.cursor.positions.map(({ partition }) => partition)).toEqual([1, 2, 3]);
    const removedMeanwhile = scene.hooked({
      syncGroup: async (request) => {
        if (request.memberId === anew.memberId) await scene.leave(anew);
        return scene.broker.syncGroup(request);
      },
    });
    const again = scene.again({ ...anew, cursor }, cooperative, removedMeanwhile);
    expect((await again).cursor.positions.map(({ partition }) => partition)).toEqual([1, 2, 3]);
  });
});

describe('cooperative members', () => {
  test('hand a partition over only when its owner has joined again without it', async () => {
    const first = await scene.join(cooperative);
    expect(placesIn(first.assignment)).toEqual(ALL);
    const newcomer = scene.join(cooperative);
    await scene.untilState('PreparingRebalance');
    const keeping = scene.again(first, cooperative);
    const early = await newcomer;
    expect([early.generation, early.assignment]).toEqual([2, []]);
    // The owner gives up what it lost by joining once more, for which the newcomer is called.
    await scene.untilState('PreparingRebalance');
    await expect(scene.read(early)).rejects.toMatchObject({ code: 'REBALANCE_IN_PROGRESS' });
    const [kept, late] = await Promise.all([keeping, scene.again(early, cooperative)]);
    expect([kept.generation, late.generation]).toEqual([3, 3]);
    expect([placesIn(kept.assignment).length, placesIn(late.assignment).length]).toEqual([2, 2]);
    const both = [...placesIn(kept.assignment), ...placesIn(late.assignment)];
    expect(both.toSorted()).toEqual(ALL);
  });

  test('make room for a third, each going on where it was in what stays', async () => {
    await scene.broker.addPartitions('t', 6);
    const [first, second] = await pair();
    const third = scene.join(cooperative);
    await scene.untilState('PreparingRebalance');
    const keeping = [first, second].map((each) => scene.again(each, cooperative));
    const early = await third;
    expect(early.assignment).toEqual([]);
    await scene.untilState('PreparingRebalance');
    const late = scene.again(early, cooperative);
    const members = await Promise.all([...keeping, late]);
    const places = members.map(({ assignment }) => placesIn(assignment));
    expect(places.map((each) => each.length)).toEqual([2, 2, 2]);
    expect(new Set(places.flat()).size).toBe(6);
    for (const [index, before] of [first, second].entries()) {
      expect(placesIn(before.assignment)).toEqual(expect.arrayContaining(places[index] ?? []));
    }
  });

  /** Two that share everything. */
  async function pair(): Promise<readonly [Membership, Membership]> {
    const alone = await scene.join(cooperative);
    const newcomer = scene.join(cooperative);
    await scene.untilState('PreparingRebalance');
    const keeping = scene.again(alone, cooperative);
    const early = await newcomer;
    await scene.untilState('PreparingRebalance');
    return Promise.all([keeping, scene.again(early, cooperative)]);
  }
});
