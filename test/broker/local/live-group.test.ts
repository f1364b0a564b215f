import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { LiveGroup } from '../../../src/broker/local/live-group.ts';
import { WaitingCalls } from '../../../src/broker/local/waiting-calls.ts';
import { silentLog } from '../../../src/model/log.ts';
import { codeOf } from '../../support/coordinator-scene.ts';
import { metadataValue } from '../../support/group-changes.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryGroupStore } from '../../support/memory-group-store.ts';
import { diskFull, offering } from '../../support/played-group.ts';

const REQUEST = {
  group: 'g',
  memberId: '',
  clientId: 'client',
  clientHost: '/127.0.0.1',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 30_000,
  protocolType: 'consumer',
  protocols: offering('range'),
};
const MEMBER = { group: 'g', memberId: 'a', generation: 1 };

function scene() {
  const clock = new ManualClock();
  const store = new MemoryGroupStore();
  const calls = new WaitingCalls();
  const forget = vi.fn();
  const log = { ...silentLog, warn: vi.fn() };
  const group = new LiveGroup('g', { clock, log, store, calls, initialDelayMs: 0, forget });
  return { clock, store, calls, forget, log, group };
}

async function stable(parts = scene()) {
  await parts.group.join(REQUEST, 'a');
  await parts.group.sync({ ...MEMBER, assignments: [] });
  return parts;
}

test('timers that the group asks for run by the clock, one at a time', async () => {
  const { clock, group } = await stable();
  expect(clock.timerCount).toBe(1);
  const joining = group.join(REQUEST, 'b');
  expect(clock.timerCount).toBe(2);
  clock.advance(10_000);
  expect((await joining).generation).toBe(2);
});

test('a group that nothing is left of is forgotten', async () => {
  const { clock, forget, group } = scene();
  await codeOf(group.join({ ...REQUEST, requiresMemberId: true }, 'a'));
  expect(forget).not.toHaveBeenCalled();
  clock.advance(10_000);
  expect(forget).toHaveBeenCalledWith(group);
});

test('a hold ends when all else that the rebalance brings is done', async () => {
  const { group } = await stable();
  const states: string[] = [];
  group.hold(MEMBER, () => states.push(group.view.state));
  void group.join(REQUEST, 'b');
  expect(states).toEqual(['PreparingRebalance']);
});

test('a heartbeat while members come together is refused, and a sign of life', async () => {
  const { clock, group } = await stable();
  void group.join(REQUEST, 'b');
  clock.advance(9_000);
  expect(() => group.heartbeat(MEMBER)).toThrow(/being shared out/);
  clock.advance(9_000);
  expect(group.view.members.count).toBe(2);
});

test('an outcome that could not be stored is told in the log', async () => {
  const { store, log, group } = await stable();
  store.failure = diskFull();
  group.leave([{ memberId: 'a' }]);
  await nextTurn();
  expect(log.warn).toHaveBeenCalledTimes(1);
  expect(group.view.state).toBe('Empty');
});

test('that it is empty is stored with the time since when', async () => {
  const { clock, store, group } = await stable();
  group.leave([{ memberId: 'a' }]);
  const since = clock.wallMs();
  clock.advance(5_000);
  await group.storeEmptiness();
  expect(store.group('g')?.metadata).toMatchObject({
    members: [],
    currentStateTimestampMs: since,
  });
  const restored = scene();
  restored.group.restore({ ...metadataValue(7), members: [] });
  await restored.group.storeEmptiness();
  expect(restored.store.group('g')?.metadata?.currentStateTimestampMs).toBe(1_000);
});

test('who is in it, or is to come, or waits for its new id, is awaited', async () => {
  const { store, group } = await stable();
  expect([group.isAwaited, group.isKnown]).toEqual([true, true]);
  group.leave([{ memberId: 'a' }]);
  expect([group.isAwaited, group.isKnown]).toEqual([false, true]);
  await codeOf(group.join({ ...REQUEST, requiresMemberId: true }, 'b'));
  expect([group.isAwaited, group.hasMembers]).toEqual([true, false]);
  group.leave([{ memberId: 'b' }]);
  const { memberId, generation } = await group.join({ ...REQUEST, groupInstanceId: 'i' }, 'c');
  await group.sync({ group: 'g', memberId, generation, assignments: [] });
  store.isHeld = true;
  const back = group.join({ ...REQUEST, groupInstanceId: 'i' }, 'd');
  group.leave([{ memberId }]);
  expect([group.isAwaited, group.hasMembers]).toEqual([true, false]);
  store.release();
  expect((await back).memberId).toBe('d');
});

test('once closed it does nothing more', async () => {
  const { clock, store, group } = await stable();
  const ended = vi.fn();
  group.hold(MEMBER, ended);
  void group.join(REQUEST, 'b');
  group.close();
  expect([ended.mock.calls.length, clock.timerCount]).toEqual([1, 0]);
  const appends = store.appended.length;
  clock.advance(100_000);
  expect(store.appended).toHaveLength(appends);
});
