import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../src/model/log.ts';
import type { LogFacts } from '../../src/model/log.ts';
import { Catalogue } from '../../src/storage/catalogue.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import type { DataDirectoryOptions } from '../../src/storage/data-directory.ts';
import type { Files } from '../../src/storage/files.ts';
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import { realFiles } from '../../src/storage/real-files.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import type { Fault } from '../support/faulty-files.ts';
import { HeldFiles } from '../support/held-files.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';
const HEX_A = '0000000000004000800000000000000a';

function topic(topicId: string, name: string): Parameters<DataDirectory['createTopic']>[0] {
  return { topicId, name, partitions: 2, configs: new Map() };
}

function options(more: Partial<DataDirectoryOptions> = {}): DataDirectoryOptions {
  const random = new SeededRandom(1);
  return {
    directory: '/data',
    files: realFiles,
    clock: new ManualClock(),
    log: silentLog,
    host: {
      hostName: 'here',
      bootId: 'boot',
      pid: 10,
      processStart: '1000',
      isAlive: () => Promise.resolve(false),
    },
    randomBytes: (count) => random.bytes(count),
    ...more,
  };
}

describe('on the real disk', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
  });

  async function open(more: Partial<DataDirectoryOptions> = {}): Promise<DataDirectory> {
    const data = await DataDirectory.open(options({ directory, ...more }));
    onTestFinished(() => data.close('unclean').catch(() => undefined));
    return data;
  }

  test('it is made with its parents, and is found again', async () => {
    directory = join(directory, 'a', 'b');
    const data = await open();
    expect(data.previousRun).toBe('none');
    expect(data.catalogue.clusterId).toMatch(/^[\w-]{22}$/);
    await data.createTopic(topic(A, 'orders'));
    await data.close();
    const again = await open();
    expect(again.previousRun).toBe('clean');
    expect(again.catalogue.clusterId).toBe(data.catalogue.clusterId);
    expect(again.catalogue.topics()).toMatchObject([{ topicId: A, name: 'orders' }]);
  });

  test('no path holds anything that a user wrote, and a file names the topic for people', async () => {
    const data = await open();
    await data.createTopic(topic(A, '..x'));
    expect(data.topicDirectory(A)).toBe(join(directory, 'topics', HEX_A));
    expect(data.partitionDirectory(A, 1)).toBe(join(directory, 'topics', HEX_A, '1'));
    expect((await realFiles.list(data.topicDirectory(A))).map(({ name }) => name)).toEqual([
      '0',
      '1',
      'topic.json',
    ]);
    const text = await readFile(join(data.topicDirectory(A), 'topic.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({ name: '..x', topic_id: A });
    expect(() => data.topicDirectory('../../etc')).toThrow('../../etc');
  });

  test('that fails behind the opening of the catalogue keeps nothing locked', async () => {
    const files = new FaultyFiles(realFiles, {
      kind: 'EIO',
      at: 1,
      only: ({ name, path }) => name === 'makeDir' && path.endsWith('topics'),
    });
    await expect(open({ files })).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
      message: expect.stringContaining('the disk fails') as string,
    });
    await open();
  });

  test('an end that fails half way still lets the next start in', async () => {
    const files = new FaultyFiles(realFiles);
    const data = await open({ files });
    await data.createTopic(topic(A, 'orders'));
    await data.openFiles.use(join(data.topicDirectory(A), 'topic.json'), (file) => file.size());
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'close' });
    await expect(data.close()).rejects.toMatchObject({ code: 'EIO' });
    expect((await open()).catalogue.topics()).toHaveLength(1);
  });

  test('a second owner is refused', async () => {
    await open();
    await expect(open()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
  });

  test('a path that is a file, or leads through one, is refused', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    for (const path of [file, join(file, 'a')]) {
      await expect(open({ directory: path })).rejects.toMatchObject({
        code: 'DATA_DIRECTORY_UNUSABLE',
        message: expect.stringMatching(/cannot be used: .* is a file/) as string,
      });
    }
  });

  test('after a start that failed, the next takes as much care as that one should have', async () => {
    await (await open()).close('unclean');
    const catalogue = join(directory, 'catalogue.db');
    const sound = await readFile(catalogue);
    await writeFile(catalogue, 'garbage '.repeat(999));
    await expect(open()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_UNUSABLE' });
    await writeFile(catalogue, sound);
    expect((await open()).previousRun).toBe('same-boot');
  });

  test('a catalogue that is gone beside its topics is not made anew: they would be forgotten', async () => {
    const data = await open();
    await data.createTopic(topic(A, 'orders'));
    await data.close();
    const catalogue = join(directory, 'catalogue.db');
    const sound = await readFile(catalogue);
    await rm(catalogue);
    await expect(open()).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
      message: expect.stringContaining('directories of 1 topics') as string,
    });
    await writeFile(catalogue, '');
    await expect(open()).rejects.toMatchObject({ details: { file: catalogue, topics: 1 } });
    await writeFile(catalogue, sound);
    const again = await open();
    expect(again.catalogue.topics()).toHaveLength(1);
    await again.deleteTopic(A);
    await again.close();
    await rm(catalogue);
    expect((await open()).catalogue.topics()).toEqual([]);
  });

  test('after an end that was not clean, the next start takes care', async () => {
    await (await open()).close('unclean');
    const second = await open();
    expect(second.previousRun).toBe('same-boot');
    await second.close();
    expect((await open()).previousRun).toBe('clean');
  });

  test('what the catalogue does not know is told and left alone', async () => {
    const told: LogFacts[] = [];
    await mkdir(join(directory, 'topics', 'mine'), { recursive: true });
    await open({ log: { ...silentLog, warn: (facts) => told.push(facts) } });
    expect(told).toEqual([{ directory: join(directory, 'topics'), count: 1, names: ['mine'] }]);
    expect(await realFiles.list(join(directory, 'topics'))).toHaveLength(1);
  });
});

/** A catalogue that outlives the runs, and the runs on one simulated disk after the other. */
class World {
  readonly database = new DatabaseSync(':memory:');
  disk: SimulatedFiles;

  constructor(seed: number) {
    this.disk = new SimulatedFiles({ seed });
  }

  open(files: Files = this.disk, previousRun: PreviousRun = 'rebooted'): Promise<DataDirectory> {
    const catalogue = Catalogue.open(this.database, 'x'.repeat(22));
    const owner = { previousRun, release: () => Promise.resolve() };
    return DataDirectory.open(options({ files, kept: { owner, catalogue } }));
  }

  /** What is under `topics`, each with its names. */
  async directories(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const { name } of await this.disk.list('/data/topics')) {
      const entries = await this.disk.list(`/data/topics/${name}`);
      found.set(name, entries.map((entry) => entry.name).join(' '));
    }
    return found;
  }
}

test.each<PreviousRun>(['none', 'same-boot', 'rebooted'])(
  'a directory whose maker was killed at once survives the power cut after the next start (%s)',
  async (previousRun) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const world = new World(seed);
      await world.disk.makeDir('/data');
      world.disk = world.disk.kill();
      await (await world.open(world.disk, previousRun)).createTopic(topic(A, 'orders'));
      world.disk = world.disk.crash();
      expect([...(await world.directories()).keys()]).toEqual([HEX_A]);
    }
  },
);

/** Each call of `story` hangs once, the power is cut there, and `check` looks at the next start. */
async function atEveryCall(
  story: (data: DataDirectory) => Promise<void>,
  check: (data: DataDirectory, world: World) => Promise<void>,
): Promise<number> {
  for (let at = 1; ; at += 1) {
    const world = new World(at);
    const files = new FaultyFiles(world.disk);
    const data = await world.open(files);
    await data.createTopic(topic(B, 'kept'));
    files.setFault({ kind: 'hang', at });
    const over = await Promise.race([story(data).then(() => true), files.hanging]);
    world.disk = world.disk.crash();
    const next = await world.open();
    expect(next.catalogue.topics()).toContainEqual(expect.objectContaining({ topicId: B }));
    await check(next, world);
    await next.close();
    if (over === true) return at - 1;
  }
}

describe('a power cut', () => {
  test('while a topic is created leaves all of it or nothing', async () => {
    const calls = await atEveryCall(
      (data) => data.createTopic(topic(A, 'orders')),
      async (data, world) => {
        const isThere = data.catalogue.topics().some(({ topicId }) => topicId === A);
        expect(data.catalogue.unfinishedTopics()).toEqual([]);
        const directories = await world.directories();
        expect(directories.get(HEX_A)).toBe(isThere ? '0 1 topic.json' : undefined);
        expect(directories.size).toBe(isThere ? 2 : 1);
      },
    );
    expect(calls).toBeGreaterThan(10);
  });

  test('while a topic is deleted leaves it gone at the next start', async () => {
    const calls = await atEveryCall(
      async (data) => {
        await data.createTopic(topic(A, 'orders'));
        await data.deleteTopic(A);
      },
      async (data, world) => {
        const isThere = data.catalogue.topics().some(({ topicId }) => topicId === A);
        const directories = await world.directories();
        expect(directories.get(HEX_A)).toBe(isThere ? '0 1 topic.json' : undefined);
        expect(data.catalogue.unfinishedTopics()).toEqual([]);
      },
    );
    expect(calls).toBeGreaterThan(12);
  });

  test('while the groups get their log leaves all of it or nothing, and no leftovers', async () => {
    const calls = await atEveryCall(
      async (data) => {
        await data.prepareGroups();
      },
      async (data, world) => {
        expect(await data.prepareGroups()).toBe('/data/groups/0');
        expect((await world.disk.list('/data/groups')).map(({ name }) => name)).toEqual(['0']);
        const names = (await world.disk.list('/data/groups/0')).map(({ name }) => name);
        expect(names).toEqual([`${'0'.repeat(20)}.log`, 'recovery.checkpoint']);
      },
    );
    expect(calls).toBeGreaterThan(10);
  });

  test('takes nothing from a log of the groups, also if a kill came before its name was synced', async () => {
    for (let at = 1; at < 40; at += 1) {
      const world = new World(at);
      const files = new FaultyFiles(world.disk);
      const first = await world.open(files);
      files.setFault({ kind: 'hang', at });
      await Promise.race([first.prepareGroups(), files.hanging]);
      world.disk = world.disk.kill();
      const path = join(await (await world.open()).prepareGroups(), 'mark');
      await (await world.disk.open(path, 'create')).close();
      await world.disk.syncDir('/data/groups/0');
      world.disk = world.disk.crash();
      await (await world.open()).prepareGroups();
      const names = (await world.disk.list('/data/groups/0')).map(({ name }) => name);
      expect(names).toContain('mark');
    }
  });

  test.each(['/data/groups', '/data'])(
    'takes nothing from a log of the groups, also if the sync of its name in %s failed before',
    async (directory) => {
      for (let seed = 1; seed < 20; seed += 1) {
        const world = new World(seed);
        const files = new FaultyFiles(world.disk);
        const first = await world.open(files);
        const { disk } = world;
        files.setFault({
          kind: 'EIO',
          at: 1,
          only: ({ name, path }) => name === 'syncDir' && path === directory,
          onFault: ({ path }) => disk.loseUnsynced(path),
        });
        // Not to be taken for one of the errors after which another try may succeed.
        const uncertain = { name: 'UncertainError', code: 'EIO' };
        await expect(first.prepareGroups()).rejects.toMatchObject(uncertain);
        world.disk = disk.kill();
        const path = join(await (await world.open()).prepareGroups(), 'mark');
        await (await world.disk.open(path, 'create')).close();
        await world.disk.syncDir('/data/groups/0');
        world.disk = world.disk.crash();
        expect((await world.disk.list('/data/groups/0')).map(({ name }) => name)).toContain('mark');
      }
    },
  );

  test('takes no partitions that were added, also if the sync of their names failed before', async () => {
    const world = new World(1);
    const files = new FaultyFiles(world.disk);
    const data = await world.open(files);
    await data.createTopic(topic(A, 'orders'));
    const directory = data.topicDirectory(A);
    files.setFault({
      kind: 'EIO',
      at: 1,
      only: ({ name, path }) => name === 'syncDir' && path === directory,
      onFault: ({ path }) => world.disk.loseUnsynced(path),
    });
    await expect(data.createPartitions(A, 2, 4)).rejects.toMatchObject({ code: 'EIO' });
    await data.createPartitions(A, 2, 4);
    const names = (await world.disk.crash().list(directory)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['2', '3']));
  });

  test('takes no partitions that were added', async () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const world = new World(seed);
      const data = await world.open();
      await data.createTopic(topic(A, 'orders'));
      await data.createPartitions(A, 2, 5);
      data.catalogue.setPartitions(A, 5);
      world.disk = world.disk.crash();
      await world.open();
      expect((await world.directories()).get(HEX_A)).toBe('0 1 2 3 4 topic.json');
    }
  });
});

describe('when the disk fails', () => {
  test.each(['EIO', 'ENOSPC', 'short-write'] as const)(
    '(%s) at any call of a creation, the topic is not there and can be made at the next try',
    async (kind) => {
      for (let at = 1; ; at += 1) {
        const world = new World(at);
        const files = new FaultyFiles(world.disk);
        const data = await world.open(files);
        files.setFault({ kind, at, only: ({ name }) => name !== 'removeDir' });
        const error: unknown = await data.createTopic(topic(A, 'orders')).catch((e: unknown) => e);
        if (files.spoiledCount === 0) {
          expect(error).toBeUndefined();
          expect(at).toBeGreaterThan(2);
          return;
        }
        expect(error).toMatchObject({ code: kind === 'EIO' ? 'EIO' : 'ENOSPC' });
        expect(data.catalogue.topics()).toEqual([]);
        files.setFault(undefined);
        await data.createTopic(topic(B, 'orders'));
        expect(data.catalogue.topics()).toMatchObject([{ topicId: B }]);
      }
    },
  );

  test('what could not be removed is shown to nobody, and goes at a later start', async () => {
    const world = new World(1);
    const files = new FaultyFiles(world.disk);
    const data = await world.open(files);
    await data.createTopic(topic(A, 'orders'));
    const fault: Fault = {
      kind: 'EIO',
      at: 1,
      lasts: true,
      only: ({ name }) => name === 'removeDir',
    };
    files.setFault(fault);
    await expect(data.deleteTopic(A)).rejects.toMatchObject({ code: 'EIO' });
    expect(data.catalogue.topics()).toEqual([]);
    const next = await world.open(files);
    expect(next.catalogue.topics()).toEqual([]);
    expect((await world.directories()).size).toBe(1);
    files.setFault(undefined);
    const last = await world.open(files);
    expect((await world.directories()).size).toBe(0);
    expect(last.catalogue.unfinishedTopics()).toEqual([]);
  });

  test('a topic of which nobody knows whether the catalogue has it is not taken back', async () => {
    const world = new World(1);
    const held = new HeldFiles(world.disk);
    const data = await world.open(held);
    const sync = held.hold('syncDir', '/topics');
    const creating = data.createTopic(topic(A, 'orders'));
    await sync.reached;
    world.database.exec('PRAGMA query_only = 1');
    sync.release();
    await expect(creating).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      written: 'unknown',
    });
    expect((await world.directories()).get(HEX_A)).toBe('0 1 topic.json');
    // A start that cannot change the catalogue either serves all the same.
    expect((await world.open()).catalogue.topics()).toEqual([]);
    world.database.exec('PRAGMA query_only = 0');
    const last = await world.open();
    expect(last.catalogue.unfinishedTopics()).toEqual([]);
    expect((await world.directories()).size).toBe(0);
  });

  test('a log of the groups that was there stays, and a new one leaves what cannot be removed', async () => {
    const world = new World(1);
    const files = new FaultyFiles(world.disk);
    const data = await world.open(files);
    const fault = {
      kind: 'EIO',
      at: 1,
      lasts: true,
      only: ({ path }: { readonly path: string }) => path === '/data/groups',
    } as const;
    // The first two calls make the directory and list it.
    files.setFault({ ...fault, at: 3 });
    await expect(data.prepareGroups()).rejects.toThrow(/EIO: simulated, syncDir/);
    expect(files.spoiledCount).toBe(2);
    files.setFault(undefined);
    await data.prepareGroups();
    files.setFault({ ...fault, at: 3 });
    await expect(data.prepareGroups()).rejects.toThrow(/EIO: simulated, syncDir/);
    expect((await world.disk.list('/data/groups')).map(({ name }) => name)).toEqual(['0']);
  });

  test('a deletion may be tried again', async () => {
    const world = new World(1);
    const files = new FaultyFiles(world.disk);
    const data = await world.open(files);
    await data.createTopic(topic(A, 'orders'));
    files.setFault({ kind: 'EIO', at: 1 });
    await expect(data.deleteTopic(A)).rejects.toMatchObject({ code: 'EIO' });
    await data.deleteTopic(A);
    expect(data.catalogue.unfinishedTopics()).toEqual([]);
    expect((await world.directories()).size).toBe(0);
  });
});

test('a deleted topic keeps no descriptor, so that its room is free', async () => {
  const world = new World(1);
  const data = await world.open();
  await data.createTopic(topic(A, 'orders'));
  const [segment] = await world.disk.list(data.partitionDirectory(A, 0));
  const path = join(data.partitionDirectory(A, 0), segment?.name ?? '');
  await data.openFiles.use(path, (file) => file.write([Buffer.alloc(99)], 0));
  expect(world.disk.usedBytes).toBeGreaterThan(99);
  await data.deleteTopic(A);
  expect([world.disk.usedBytes, world.disk.openCount]).toEqual([0, 0]);
});

test('it has no more files open at once than its share', async () => {
  const disk = new SimulatedFiles({ seed: 1 });
  let most = 0;
  const files = Object.assign(new FaultyFiles(disk), {
    open: async (...given: Parameters<Files['open']>) => {
      const file = await disk.open(...given);
      most = Math.max(most, disk.openCount);
      return file;
    },
  });
  const catalogue = Catalogue.open(new DatabaseSync(':memory:'), 'x'.repeat(22));
  const kept = { owner: { previousRun: 'none' as const, release: async () => {} }, catalogue };
  const descriptors = { openFiles: 2, momentaryFiles: 1 };
  const data = await DataDirectory.open(options({ files, kept, descriptors }));
  await data.createTopic({ ...topic(A, 'orders'), partitions: 40 });
  expect(most).toBe(1);
  const segments = Array.from({ length: 40 }, (_, partition) =>
    join(data.partitionDirectory(A, partition), `${'0'.repeat(20)}.log`),
  );
  await Promise.all(segments.map((path) => data.openFiles.use(path, (file) => file.size())));
  expect(most).toBe(2);
  await data.close();
});

test('an end that fails frees the directory, and is not taken for a clean one', async () => {
  const endings: string[] = [];
  const files = new FaultyFiles(new SimulatedFiles({ seed: 1 }));
  const owner = {
    previousRun: 'clean' as const,
    release: async (ending: string) => void endings.push(ending),
  };
  const catalogue = Catalogue.open(new DatabaseSync(':memory:'), 'x'.repeat(22));
  const data = await DataDirectory.open(options({ files, kept: { owner, catalogue } }));
  await data.createTopic(topic(A, 'orders'));
  await data.openFiles.use(join(data.topicDirectory(A), 'topic.json'), (file) => file.size());
  files.setFault({ kind: 'EIO', at: 1 });
  await expect(data.close()).rejects.toMatchObject({ code: 'EIO' });
  expect(endings).toEqual(['unclean']);
});
