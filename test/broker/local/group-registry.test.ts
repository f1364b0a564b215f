import { expect, test } from 'vitest';
import { GroupRegistry } from '../../../src/broker/local/group-registry.ts';
import { WaitingCalls } from '../../../src/broker/local/waiting-calls.ts';
import { GROUPS_MAX } from '../../../src/model/limits.ts';
import { silentLog } from '../../../src/model/log.ts';
import { commit, metadataValue } from '../../support/group-changes.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryGroupStore } from '../../support/memory-group-store.ts';
import { refusalOf } from '../../support/refusal.ts';

function registryOver(store: MemoryGroupStore, isComplete = () => true) {
  const clock = new ManualClock();
  const calls = new WaitingCalls();
  const means = { store, clock, log: silentLog, calls, initialDelayMs: 0, isComplete };
  return { clock, registry: new GroupRegistry(means) };
}

const withMembers = (group: string) =>
  ({ kind: 'group-metadata', group, value: metadataValue(7) }) as const;

test('groups that have members live from the start, those that only have offsets do not', async () => {
  const store = new MemoryGroupStore();
  await store.append([withMembers('live'), commit(5, { group: 'kept' })]);
  const { clock, registry } = registryOver(store);
  expect(clock.timerCount).toBe(1);
  expect(registry.find('live')?.view).toMatchObject({ state: 'Stable', generation: 7 });
  expect(registry.find('kept')).toBeUndefined();
  expect([registry.count, registry.memberCount, registry.unstored()]).toEqual([2, 1, []]);
});

test('no group comes to life from a store that may hold a later generation of it', async () => {
  const store = new MemoryGroupStore();
  await store.append([withMembers('g')]);
  let isComplete = false;
  const { clock, registry } = registryOver(store, () => isComplete);
  expect([clock.timerCount, registry.find('g')]).toEqual([0, undefined]);
  isComplete = true;
  expect(registry.find('g')?.view.generation).toBe(7);
});

test('a group that comes to life begins where it was left', async () => {
  const store = new MemoryGroupStore();
  const value = { ...metadataValue(7), members: [] };
  await store.append([{ kind: 'group-metadata', group: 'g', value }]);
  const { registry } = registryOver(store);
  expect(registry.create('g').view).toMatchObject({ state: 'Empty', generation: 7 });
  expect(registry.create('new').view).toMatchObject({ state: 'Empty', generation: 0 });
  expect(registry.unstored().map(({ view }) => view.group)).toEqual(['new']);
});

test('a group is counted once, whether it lives, is kept or is about to be', async () => {
  const store = new MemoryGroupStore();
  await store.append([withMembers('g')]);
  const { registry } = registryOver(store);
  for (const name of ['g', 'g', 'new', 'new']) registry.beginCommit(name);
  registry.create('other');
  expect(registry.count).toBe(3);
  for (const name of ['g', 'g', 'new']) registry.endCommit(name);
  expect([registry.isCommitting('new'), registry.isCommitting('g')]).toEqual([true, false]);
  registry.endCommit('new');
  expect(registry.count).toBe(2);
});

test('one that is removed lives on if somebody is in it', async () => {
  const store = new MemoryGroupStore();
  await store.append([withMembers('g')]);
  const { registry } = registryOver(store);
  registry.create('empty');
  for (const name of ['g', 'empty', 'unknown']) registry.remove(name);
  expect([registry.find('g') === undefined, registry.find('empty')]).toEqual([false, undefined]);
});

test('a new name must be one, and have room', async () => {
  const store = new MemoryGroupStore();
  const names = Array.from({ length: GROUPS_MAX }, (_, index) => `g${index}`);
  await store.append(names.map((group) => commit(1, { group })));
  const { registry } = registryOver(store);
  expect(refusalOf(() => registry.checkNew('')).code).toBe('INVALID_GROUP_ID');
  expect(refusalOf(() => registry.create('one more'))).toMatchObject({
    code: 'POLICY_VIOLATION',
    details: { received: GROUPS_MAX + 1, allowed: GROUPS_MAX },
  });
  expect(registry.create('g0').view.group).toBe('g0');
});
