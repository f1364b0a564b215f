/** What groups have committed, over stops, kills and power cuts of the broker on disk. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { OFFSETS_RETENTION_MS_DEFAULT } from '../../src/model/limits.ts';
import { SimulatedMachine } from '../support/simulated-machine.ts';
import { GroupScene } from './groups-scene.ts';
import { refusal, Scene } from './scene.ts';

const COMMIT_LOG = '/data/groups/0/00000000000000000000.log';

async function started(machine: SimulatedMachine): Promise<GroupScene> {
  return new GroupScene(new Scene(await machine.start(), machine.clock));
}

test.each([
  ['a stop', (machine: SimulatedMachine, scene: Scene) => scene.broker.close().then(() => machine)],
  ['a kill', (machine: SimulatedMachine) => machine.kill()],
  ['a power cut', (machine: SimulatedMachine) => machine.cutPower()],
])('after %s offsets are there, and members go on with a heartbeat', async (_, end) => {
  const machine = new SimulatedMachine();
  const before = await started(machine);
  await before.scene.broker.createTopic({ name: 't', partitionCount: 2 });
  const [leader, follower] = await before.pair();
  expect(await before.commit(5, { member: leader })).toBeUndefined();
  expect(await before.commit(7, { member: follower, partition: 1 })).toBeUndefined();
  await end(machine, before.scene);

  const after = await started(machine);
  expect(await after.committed()).toEqual(['t/0=5', 't/1=7']);
  await after.heartbeat(leader);
  await after.heartbeat(follower);
  const { assignment } = await after.sync({ ...follower, members: [] });
  expect(Buffer.from(assignment).toString()).toBe(`for ${follower.memberId}`);
  expect(await after.commit(6, { member: leader })).toBeUndefined();
});

test('members that do not come back after a start are missed when their session time is over', async () => {
  const machine = new SimulatedMachine();
  const before = await started(machine);
  await before.single();
  machine.kill();
  const after = await started(machine);
  expect((await after.scene.broker.describeGroup('g')).state).toBe('Stable');
  machine.clock.advance(10_001);
  await after.untilState('Empty');
});

test('what a group long empty has committed is forgotten in time', async () => {
  const machine = new SimulatedMachine();
  const group = await started(machine);
  await group.scene.broker.createTopic({ name: 't' });
  await group.commit(1);
  machine.clock.advance(OFFSETS_RETENTION_MS_DEFAULT);
  while ((await group.committed()).length > 0) await nextTurn();
});

test('how long that is can be set', async () => {
  const machine = new SimulatedMachine();
  const settings = { autoCreateTopics: true, defaultPartitions: 1, offsetsRetentionMs: 60_000 };
  const broker = await machine.start(machine.disk, { settings });
  const group = new GroupScene(new Scene(broker, machine.clock));
  await broker.createTopic({ name: 't' });
  await group.commit(1);
  machine.clock.advance(60_000);
  while ((await group.committed()).length > 0) await nextTurn();
});

test('while the log of commits cannot be read whole nobody is told that nothing was committed', async () => {
  const machine = new SimulatedMachine();
  const before = await started(machine);
  await before.scene.broker.createTopic({ name: 't' });
  await before.commit(1);
  await before.commit(2);
  await before.scene.broker.close();
  await flipBit(machine, COMMIT_LOG, 66);
  const after = await started(machine);
  expect((await refusal(after.committed())).code).toBe('KAFKA_STORAGE_ERROR');
  expect((await refusal(after.commit(3))).code).toBe('KAFKA_STORAGE_ERROR');
  expect(after.scene.broker.health().notOnline).toMatchObject([
    { topic: '__consumer_offsets', partition: 0, state: 'offline' },
  ]);
  // The records themselves are served.
  expect(await after.scene.produce(['a'])).toMatchObject({ baseOffset: 0 });
});

async function flipBit({ disk }: SimulatedMachine, path: string, at: number): Promise<void> {
  const file = await disk.open(path, 'read-write');
  const byte = Buffer.alloc(1);
  await file.read(byte, at);
  await file.write([Buffer.of(byte.readUInt8() ^ 1)], at);
  await file.sync();
  await file.close();
}
