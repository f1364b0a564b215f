/**
 * Partitions that cannot be opened while something passes (no descriptor, an error of the disk), told
 * through the seam: they are offline meanwhile, come back without a restart, and have everything.
 */
import { expect, test } from 'vitest';
import type { LocalBroker } from '../../src/broker/local/local-broker.ts';
import { RETENTION_INTERVAL_MS, UNOPENED_PAUSE_MS } from '../../src/model/limits.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import type { Fault, FileCall } from '../support/faulty-files.ts';
import { settled } from '../support/held-files.ts';
import { contentOf, overwrite } from '../support/partition-fixture.ts';
import { SimulatedMachine } from '../support/simulated-machine.ts';
import { Scene } from './scene.ts';

const STORAGE_ERROR = { code: 'KAFKA_STORAGE_ERROR' };

/** Topic `t` of two partitions with records and commits, after a SIGKILL. */
async function killed(seed = 1) {
  const machine = new SimulatedMachine(seed);
  const broker = await machine.start();
  const { topicId } = await broker.createTopic({ name: 't', partitionCount: 2 });
  const scene = new Scene(broker, machine.clock);
  for (const value of ['a', 'b', 'c']) await scene.produce([value]);
  await scene.produce(['other'], { partition: 1 });
  await commitTo(broker, 2);
  machine.kill();
  const directory = `/data/topics/${topicId.replaceAll('-', '')}/0`;
  return { machine, directory, files: new FaultyFiles(machine.disk) };
}

function commitTo(broker: LocalBroker, offset: number) {
  const offsets = [{ topic: 't', partition: 0, offset, leaderEpoch: -1, metadata: '' }];
  return broker.commitOffsets({ group: 'g', memberId: '', generation: -1, offsets });
}

/** From the n-th call below a directory on, all fail; what a failed sync should store is lost. */
function failing(
  machine: SimulatedMachine,
  directory: string,
  { kind, at = 1 }: { readonly kind: Fault['kind']; readonly at?: number },
): Fault {
  return {
    kind,
    at,
    lasts: true,
    only: ({ path }) => path.startsWith(directory),
    onFault: ({ name, path }: FileCall) => {
      if (kind === 'EIO' && name.startsWith('sync')) machine.disk.loseUnsynced(path);
    },
  };
}

async function housekeeping(machine: SimulatedMachine): Promise<void> {
  machine.clock.advance(RETENTION_INTERVAL_MS);
  for (let turns = 0; turns < 5; turns += 1) await settled();
}

test.each(['EMFILE', 'EIO'] as const)(
  'whichever call of its opening fails by %s from then on, it comes back, or a restart recovers it',
  async (kind) => {
    const seen = new Set<string>();
    for (let at = 1; ; at += 1) {
      const { machine, directory, files } = await killed(at);
      files.setFault(failing(machine, directory, { kind, at }));
      const broker = await machine.start(files);
      if (files.spoiledCount === 0) break;
      const scene = new Scene(broker, machine.clock);
      const { state } = (await broker.describePartitions('t'))[0] as { state: string };
      expect(await scene.values(1)).toEqual(['other']);
      files.setFault(undefined);
      await housekeeping(machine);
      const now = (await broker.describePartitions('t'))[0] as { state: string; reason: string };
      seen.add(`${state}, ${now.state}`);
      // Only a fence waits for the restart: the page cache is in doubt then.
      if (now.state === 'offline') expect(now.reason).toContain('restart the server');
      else {
        expect(await scene.values()).toEqual(['a', 'b', 'c']);
        expect((await scene.produce(['d'])).baseOffset).toBe(3);
      }
      machine.cutPower();
      const again = new Scene(await machine.start(), machine.clock);
      expect(await again.values()).toEqual([
        'a',
        'b',
        'c',
        ...(now.state === 'online' ? ['d'] : []),
      ]);
    }
    expect(seen).toContain('offline, online');
    expect(seen.has('offline, offline')).toBe(kind === 'EIO');
  },
);

test('it comes back soon after somebody has asked for it, and not by a storm of tries', async () => {
  const { machine, directory, files } = await killed();
  files.setFault(failing(machine, directory, { kind: 'EIO' }));
  const broker = await machine.start(files);
  const scene = new Scene(broker, machine.clock);
  const ask = async () => {
    const refused = { ...STORAGE_ERROR, written: 'no', retriable: true };
    await expect(scene.produce(['d'])).rejects.toMatchObject(refused);
    expect((await scene.fetch()).error).toMatchObject(STORAGE_ERROR);
    for (const at of ['earliest', 'latest', { timestamp: 0 }] as const)
      await expect(broker.listOffset('t', 0, at)).rejects.toMatchObject(STORAGE_ERROR);
  };
  const before = files.spoiledCount;
  for (let n = 0; n < 20; n += 1) await ask();
  expect(files.spoiledCount).toBe(before);
  machine.clock.advance(UNOPENED_PAUSE_MS);
  for (let n = 0; n < 20; n += 1) await ask();
  await settled();
  expect(files.spoiledCount).toBe(before + 1);

  files.setFault(undefined);
  machine.clock.advance(UNOPENED_PAUSE_MS);
  await ask();
  await settled();
  expect(broker.health().notOnline).toEqual([]);
  expect(await scene.values()).toEqual(['a', 'b', 'c']);
});

test('a reader of the whole topic is not kept from the others, and none is sent to offset 0', async () => {
  const { machine, directory, files } = await killed();
  files.setFault(failing(machine, directory, { kind: 'EIO' }));
  const scene = new Scene(await machine.start(files), machine.clock);
  expect((await scene.fetch({ partition: 1 })).batches.length).toBeGreaterThan(0);
  const { highWatermark, error } = await scene.fetch({ offset: 3, maxWaitMs: 60_000 });
  expect([highWatermark, error?.code]).toEqual([0, 'KAFKA_STORAGE_ERROR']);
});

test('damage is no such thing: it stays offline, whoever asks', async () => {
  const { machine, directory } = await killed();
  const segment = `${directory}/${'0'.repeat(20)}.log`;
  const content = await contentOf(machine.disk, segment);
  content[70] = 0xff - (content[70] as number);
  await overwrite(machine.disk, segment, content);
  const broker = await machine.start();
  const scene = new Scene(broker, machine.clock);
  const refused = { ...STORAGE_ERROR, retriable: false };
  await expect(scene.produce(['d'])).rejects.toMatchObject(refused);
  await housekeeping(machine);
  await expect(scene.produce(['d'])).rejects.toMatchObject(refused);
  expect(await contentOf(machine.disk, segment)).toEqual(content);
});

test('partitions of a topic made meanwhile come back too', async () => {
  const machine = new SimulatedMachine();
  const files = new FaultyFiles(machine.disk);
  const broker = await machine.start(files);
  let isMade = false;
  files.setFault({
    kind: 'EMFILE',
    at: 1,
    lasts: true,
    // Its files are made; then the descriptors are gone.
    only: ({ name, path }) => {
      isMade ||= name === 'syncDir' && path === '/data/topics';
      return isMade && name !== 'syncDir';
    },
  });
  await broker.createTopic({ name: 't', partitionCount: 2 });
  expect(broker.health().notOnline).toHaveLength(2);
  await broker.alterConfigs('t', new Map([['segment.bytes', '100']]));
  files.setFault(undefined);
  await housekeeping(machine);
  const scene = new Scene(broker, machine.clock);
  for (const value of ['a', 'b', 'c']) await scene.produce([value]);
  const [described] = await broker.describePartitions('t');
  expect(described).toMatchObject({ state: 'online', segmentCount: 3 });
});

test('a topic can be deleted, and the server stopped, while it is not open', async () => {
  const { machine, directory, files } = await killed();
  files.setFault(failing(machine, directory, { kind: 'EIO' }));
  const broker = await machine.start(files);
  await broker.close();
  // Nothing of it was recovered: the next start must take the same care.
  expect(machine.previousRun).toBe('same-boot');
  const again = await machine.start(files);
  files.setFault(undefined);
  await again.deleteTopic('t');
  expect((await machine.disk.list('/data/topics')).length).toBe(0);
});

test('the log of the groups comes back as well, and no commit is forgotten', async () => {
  const { machine, files } = await killed();
  files.setFault(failing(machine, '/data/groups', { kind: 'EMFILE' }));
  const broker = await machine.start(files);
  expect(broker.health().notOnline).toMatchObject([{ topic: '__consumer_offsets' }]);
  const committed = async () => (await broker.fetchOffsets('g')).map(({ offset }) => offset);
  await expect(committed()).rejects.toMatchObject(STORAGE_ERROR);
  await expect(commitTo(broker, 3)).rejects.toMatchObject({ ...STORAGE_ERROR, written: 'no' });
  files.setFault(undefined);
  await housekeeping(machine);
  expect(await committed()).toEqual([2]);
  await commitTo(broker, 3);
  expect(await committed()).toEqual([3]);
  machine.cutPower();
  const again = await machine.start();
  expect((await again.fetchOffsets('g')).map(({ offset }) => offset)).toEqual([3]);
});
