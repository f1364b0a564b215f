import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { OFFSETS_RETENTION_MS_DEFAULT } from '../../../src/model/limits.ts';
import { codeOf, CoordinatorScene } from '../../support/coordinator-scene.ts';
import { diskFull } from '../../support/played-group.ts';

const WEEK = OFFSETS_RETENTION_MS_DEFAULT;

const expire = (scene: CoordinatorScene, clockIsSteady = true) =>
  scene.coordinator.housekeep({ clockIsSteady });

test('a group is forgotten with its offsets when it has been empty for the retention time', async () => {
  const scene = new CoordinatorScene();
  const member = await scene.single();
  await scene.commit(5, { member });
  scene.clock.advance(9_000);
  await scene.coordinator.leaveGroup('g', [member]);
  await nextTurn();
  scene.clock.advance(WEEK - 1);
  await expire(scene);
  expect(await scene.committed()).toEqual(['t/0=5']);
  scene.clock.advance(1);
  await expire(scene);
  expect([scene.store.groupCount, scene.coordinator.stats().groups]).toEqual([0, 0]);
  expect(await codeOf(scene.state())).toBe('GROUP_ID_NOT_FOUND');
});

test('nothing is old by a clock that has just jumped', async () => {
  const scene = new CoordinatorScene();
  await scene.commit(5);
  scene.clock.jumpWall(2 * WEEK);
  await expire(scene, false);
  expect(await scene.committed()).toEqual(['t/0=5']);
  await expire(scene, true);
  expect(await scene.committed()).toEqual([]);
});

test('a group with members keeps its offsets for ever', async () => {
  const scene = new CoordinatorScene();
  const member = await scene.single();
  await scene.commit(5, { member });
  await scene.coordinator.holdMember(member, () => {});
  scene.clock.advance(10 * WEEK);
  await expire(scene);
  expect(await scene.committed()).toEqual(['t/0=5']);
});

test('an empty group without offsets is not kept, unless somebody is about to join', async () => {
  const scene = new CoordinatorScene();
  const member = await scene.single();
  await scene.coordinator.leaveGroup('g', [member]);
  await nextTurn();
  expect(await codeOf(scene.join({ requiresMemberId: true }))).toBe('MEMBER_ID_REQUIRED');
  await expire(scene);
  expect(await scene.state()).toBe('Empty');
  scene.clock.advance(10_000);
  await expire(scene);
  expect(await codeOf(scene.state())).toBe('GROUP_ID_NOT_FOUND');
});

test('a commit that is on its way is not covered by a tombstone', async () => {
  const scene = new CoordinatorScene();
  await scene.commit(5);
  scene.clock.advance(WEEK);
  scene.store.isHeld = true;
  const committing = scene.commit(6);
  const expiring = expire(scene);
  scene.store.release();
  await Promise.all([committing, expiring]);
  await expire(scene);
  expect(await scene.committed()).toEqual(['t/0=6']);
});

test('many offsets expire in pieces, and a commit in between stops them', async () => {
  const scene = new CoordinatorScene();
  scene.topics.set('t', { topicId: 'wide', partitionCount: 2_500 });
  const offsets = Array.from({ length: 2_500 }, (_, partition) => {
    return { topic: 't', partition, offset: 1, leaderEpoch: -1, metadata: '' };
  });
  await scene.coordinator.commitOffsets({ group: 'g', memberId: '', generation: -1, offsets });
  scene.clock.advance(WEEK);
  scene.store.isHeld = true;
  const expiring = expire(scene);
  const committing = scene.commit(9, { partition: 2_499 });
  scene.store.release();
  await Promise.all([expiring, committing]);
  expect(await scene.committed()).toHaveLength(1_500);
  await expire(scene);
  expect(await scene.committed()).toEqual(['t/2499=9']);
});

test('what was committed for a topic goes with it, also under members', async () => {
  const scene = new CoordinatorScene();
  const member = await scene.single();
  await scene.commit(5, { member });
  await scene.commit(7, { group: 'other' });
  scene.topics.set('t', { topicId: 'second t', partitionCount: 1 });
  await scene.commit(1, { group: 'third' });
  await scene.coordinator.topicDeleted('t');
  expect([...(scene.store.group('g')?.offsets ?? [])]).toEqual([]);
  expect([scene.store.group('other'), await scene.committed('third')]).toEqual([
    undefined,
    ['t/0=1'],
  ]);
});

test('what could not be forgotten then is so when offsets expire; an error of one group is not that of the next', async () => {
  const scene = new CoordinatorScene();
  await scene.commit(5);
  await scene.commit(5, { group: 'h' });
  scene.topics.delete('t');
  scene.store.failure = diskFull();
  await scene.coordinator.topicDeleted('t');
  await expire(scene);
  expect([scene.store.groupCount, await scene.committed()]).toEqual([2, []]);
  scene.store.failure = undefined;
  await expire(scene);
  expect(scene.store.groupCount).toBe(0);
});

test('that a group is empty is stored later when it could not be at once', async () => {
  const scene = new CoordinatorScene();
  const member = await scene.single();
  await scene.commit(5, { member });
  scene.store.failure = diskFull();
  await scene.coordinator.leaveGroup('g', [member]);
  await nextTurn();
  const emptySinceMs = scene.clock.wallMs();
  expect(scene.store.group('g')?.metadata?.members).toHaveLength(1);
  scene.store.failure = undefined;
  scene.clock.advance(1_000);
  await expire(scene);
  expect(scene.store.group('g')?.metadata).toMatchObject({
    members: [],
    generation: 2,
    currentStateTimestampMs: emptySinceMs,
  });
  expect(await scene.restarted().state()).toBe('Empty');
});

test('a deletion takes all of a group in one go', async () => {
  const scene = new CoordinatorScene();
  await scene.commit(5);
  await scene.commit(6, { partition: 1 });
  await scene.coordinator.deleteGroup('g');
  expect(scene.store.appended.at(-1)?.map(({ kind, value }) => [kind, value])).toEqual([
    ['group-metadata', null],
    ['offset-commit', null],
    ['offset-commit', null],
  ]);
  expect(scene.store.groupCount).toBe(0);
});

test('nothing is forgotten once the broker closes', async () => {
  const scene = new CoordinatorScene();
  await scene.commit(5);
  scene.clock.advance(WEEK);
  scene.coordinator.close();
  await expire(scene);
  scene.topics.delete('t');
  await scene.coordinator.topicDeleted('t');
  expect(scene.store.groupCount).toBe(1);
});
