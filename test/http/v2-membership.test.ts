import { beforeEach, describe, expect, test } from 'vitest';
import { isOvertaken, V2Membership } from '../../src/http/v2-membership.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { V2App } from '../support/v2-app.ts';
import { expel, membersOf, settled, v2App } from '../support/v2-app.ts';

let v2: V2App;
let ended: string[];

beforeEach(async () => {
  v2 = v2App();
  await v2.broker.createTopic({ name: 't', partitionCount: 2 });
  ended = [];
});

function membership(clientId: string): V2Membership {
  const subscription = { kind: 'topics', topics: ['t'] } as const;
  const wish = { group: 'g', subscription, autoOffsetReset: 'earliest' as const };
  const { broker, clock } = v2;
  const means = { broker, clock, onEnded: () => void ended.push(clientId) };
  return new V2Membership(means, { ...wish, clientId, clientHost: '/::1' });
}

async function memberCount(): Promise<number> {
  return (await membersOf(v2)).length;
}

test('one join serves all who ask for the place, and the place stays until it ends', async () => {
  const a = membership('a');
  expect([a.isFresh, a.current]).toEqual([false, undefined]);
  const [one, other] = await Promise.all([a.place(), a.place()]);
  expect(one).toBe(other);
  expect(await a.place()).toBe(one);
  expect(one.assignment).toEqual([{ topic: 't', partitions: [0, 1] }]);
  expect(one.positions.known.map(({ offset }) => offset)).toEqual([0, 0]);
  expect([a.isFresh, ended, await memberCount()]).toEqual([true, [], 1]);
});

test('a rebalance ends the place, which is kept for commits until the next join', async () => {
  const a = membership('a');
  const first = await a.place();
  const joining = membership('b').place();
  await settled();
  expect([a.isFresh, a.current, ended]).toEqual([false, first, ['a']]);
  const [second] = await Promise.all([a.place(), joining]);
  expect(second.member?.memberId).toBe(first.member?.memberId);
  expect(second.assignment).toEqual([{ topic: 't', partitions: [0] }]);
});

describe('a place that is overtaken', () => {
  test.each(['syncGroup', 'holdMember'] as const)('at the %s is joined for again', async (call) => {
    v2.levers.refuse(call, 'REBALANCE_IN_PROGRESS');
    const a = membership('a');
    await a.place();
    expect([a.isFresh, await memberCount()]).toEqual([true, 1]);
  });

  test('because the member is known no more, is joined for anew', async () => {
    const a = membership('a');
    const first = await a.place();
    await expel(v2, 'a');
    const second = await a.place();
    expect(second.member?.memberId).not.toBe(first.member?.memberId);
    expect(await memberCount()).toBe(1);
  });

  test('because a call said so, is joined for as the same member', async () => {
    const a = membership('a');
    const first = await a.place();
    a.invalidate();
    const second = await a.place();
    expect(second).not.toBe(first);
    expect(second.member?.memberId).toBe(first.member?.memberId);
    expect(await memberCount()).toBe(1);
  });
});

test('a join that is refused is tried again by the next who asks', async () => {
  v2.levers.refuse('joinGroup', 'INCONSISTENT_GROUP_PROTOCOL');
  const a = membership('a');
  await expect(a.place()).rejects.toMatchObject({ code: 'INCONSISTENT_GROUP_PROTOCOL' });
  await a.place();
  expect(a.isFresh).toBe(true);
});

describe('leaving', () => {
  test('is at once, and nothing is left', async () => {
    const a = membership('a');
    await a.place();
    await a.leave();
    expect([a.hasLeft, a.isFresh, await memberCount()]).toEqual([true, false, 0]);
    expect(v2.clock.timerCount).toBe(0);
    expect(ended).toEqual([]);
  });

  test('without ever having joined asks nobody', async () => {
    v2.levers.answers.leaveGroup = () => Promise.reject(new Error('nobody is to be asked'));
    await membership('a').leave();
  });

  test('ends a join that waits', async () => {
    const a = membership('a');
    await a.place();
    const b = membership('b');
    const joining = expect(b.place()).rejects.toBeInstanceOf(MillraceError);
    await settled();
    await b.leave();
    await joining;
    expect(await memberCount()).toBe(1);
  });

  test('for one that the group has taken out already is no fault', async () => {
    const a = membership('a');
    await a.place();
    await expel(v2, 'a');
    await a.leave();
    expect(v2.clock.timerCount).toBe(0);
  });

  test('that is refused otherwise says so', async () => {
    const a = membership('a');
    await a.place();
    const error = new MillraceError('KAFKA_STORAGE_ERROR', 'no');
    v2.levers.answers.leaveGroup = async (_, members) =>
      members.map((each) => ({ ...each, error }));
    await expect(a.leave()).rejects.toBe(error);
  });
});

describe('signs of life between the end of a generation and the next join', () => {
  test.each([
    ['REBALANCE_IN_PROGRESS', 2],
    ['UNKNOWN_MEMBER_ID', 1],
    ['SHUTTING_DOWN', 1],
  ] as const)('answered by %s: %i in two session thirds', async (code, expected) => {
    await membership('a').place();
    const b = membership('b');
    const joining = b.place();
    await settled();
    for (let beat = 0; beat < 2; beat += 1) {
      v2.levers.refuse('heartbeat', code);
      v2.clock.advance(10_000);
      await settled();
    }
    expect(v2.levers.counts.get('heartbeat')).toBe(expected);
    await Promise.all([b.leave(), expect(joining).rejects.toThrow()]);
  });
});

test('being overtaken is told from other faults', () => {
  expect(isOvertaken(new MillraceError('ILLEGAL_GENERATION', 'x'))).toBe(true);
  expect(isOvertaken(new MillraceError('DISK_FULL', 'x'))).toBe(false);
  expect(isOvertaken(new Error('x'))).toBe(false);
});
