import { describe, expect, test } from 'vitest';
import type { FileHandle } from '../../src/storage/files.ts';
import { FaultyFiles } from './faulty-files.ts';
import { describeFilesContract } from './files-contract.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedFiles } from './simulated-files.ts';

const SEEDS = 500;

describeFilesContract('the simulated disk', () =>
  Promise.resolve({ files: new SimulatedFiles({ seed: 1 }), directory: '/' }),
);

async function contentOf(disk: SimulatedFiles, path: string): Promise<Buffer> {
  const file = await disk.open(path, 'read');
  const into = Buffer.alloc(await file.size());
  await file.read(into, 0);
  await file.close();
  return into;
}

async function namesOn(disk: SimulatedFiles, directory = '/'): Promise<string> {
  return (await disk.list(directory)).map(({ name }) => name).join(' ');
}

/** A file of this content that any power cut leaves alone. */
async function makeDurable(
  disk: SimulatedFiles,
  path: string,
  content: string,
): Promise<FileHandle> {
  const file = await disk.open(path, 'create');
  await file.write([Buffer.from(content)], 0);
  await file.sync();
  await disk.syncDir('/');
  return file;
}

/** What was found after the story and a power cut, over many seeds, by how often. */
async function outcomes(
  story: (disk: SimulatedFiles) => Promise<void>,
  look: (after: SimulatedFiles) => Promise<string>,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const disk = new SimulatedFiles({ seed });
    await story(disk);
    const outcome = await look(disk.crash());
    found.set(outcome, (found.get(outcome) ?? 0) + 1);
  }
  return found;
}

describe('a power cut', () => {
  test('never takes what was synced', async () => {
    const found = await outcomes(
      async (disk) => {
        const file = await makeDurable(disk, '/a', 'durable');
        await file.close();
      },
      async (after) => (await contentOf(after, '/a')).toString(),
    );
    expect([...found.keys()]).toEqual(['durable']);
  });

  test('takes an unsynced write in some seeds and leaves it in others', async () => {
    const found = await outcomes(
      async (disk) => {
        const file = await makeDurable(disk, '/a', 'old');
        await file.write([Buffer.from('new')], 0);
      },
      async (after) => (await contentOf(after, '/a')).toString(),
    );
    expect([...found.keys()].toSorted()).toEqual(['new', 'old']);
    for (const count of found.values()) expect(count).toBeGreaterThan(SEEDS / 10);
  });

  test('tears an append, reorders its sectors and leaves zeros, but mixes no sector', async () => {
    const [torn, reordered, zeros] = [new Set<number>(), new Set<number>(), new Set<number>()];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const disk = new SimulatedFiles({ seed, sectorBytes: 512 });
      const file = await makeDurable(disk, '/a', '');
      await file.write([Buffer.alloc(1_000, 1)], 0);
      await file.write([Buffer.alloc(1_560, 2)], 1_000);
      const content = await contentOf(disk.crash(), '/a');
      const sectors = [0, 1, 2, 3, 4].map((index) =>
        content.subarray(512 * index, 512 * (index + 1)),
      );
      for (const [index, sector] of sectors.entries()) {
        const written = index === 0 ? [1] : index === 1 ? [1, 2] : [2];
        if (sector.every((byte) => byte === 0)) {
          if (sector.length > 0) zeros.add(seed);
          if (sectors[index + 1]?.some((byte) => byte !== 0)) reordered.add(seed);
        } else {
          expect(written).toContain(sector[0]);
          if (index !== 1) expect(new Set(sector).size).toBe(1);
        }
      }
      if (content.length > 0 && content.length < 2_560) torn.add(seed);
    }
    for (const seeds of [torn, reordered, zeros]) expect(seeds.size).toBeGreaterThan(SEEDS / 50);
  });

  test('of a sector written twice, leaves no later state without the earlier one', async () => {
    const found = await outcomes(
      async (disk) => {
        const file = await makeDurable(disk, '/a', '..');
        await file.write([Buffer.from('1')], 0);
        await file.write([Buffer.from('2')], 1);
      },
      async (after) => (await contentOf(after, '/a')).toString(),
    );
    expect([...found.keys()].toSorted()).toEqual(['..', '1.', '12']);
  });

  test('undoes an unsynced cut in some seeds', async () => {
    const found = await outcomes(
      async (disk) => {
        const file = await makeDurable(disk, '/a', 'abcd');
        await file.truncate(2);
      },
      async (after) => (await contentOf(after, '/a')).toString(),
    );
    expect([...found.keys()].toSorted()).toEqual(['ab', 'abcd']);
  });

  test('takes a name that was not synced, whatever was synced of the file', async () => {
    const found = await outcomes(
      async (disk) => {
        const file = await disk.open('/a', 'create');
        await file.write([Buffer.from('x')], 0);
        await file.sync();
      },
      (after) => namesOn(after),
    );
    expect([...found.keys()].toSorted()).toEqual(['', 'a']);
  });

  test('undoes unsynced names each on its own, but a rename as a whole', async () => {
    const found = await outcomes(
      async (disk) => {
        await (await makeDurable(disk, '/a', 'new')).close();
        await (await makeDurable(disk, '/b', 'old')).close();
        await disk.rename('/a', '/b');
        await disk.open('/c', 'create');
      },
      async (after) => `${await namesOn(after)}: ${(await contentOf(after, '/b')).toString()}`,
    );
    expect([...found.keys()].toSorted()).toEqual(['a b c: old', 'a b: old', 'b c: new', 'b: new']);
  });

  test('brings removed files back, some without the others', async () => {
    const found = await outcomes(
      async (disk) => {
        await disk.makeDir('/d');
        for (const name of ['x', 'y']) await disk.open(`/d/${name}`, 'create');
        await disk.syncDir('/d');
        await disk.syncDir('/');
        await disk.removeDir('/d');
      },
      async (after) => ((await namesOn(after)) === '' ? 'gone' : namesOn(after, '/d')),
    );
    expect([...found.keys()].toSorted()).toEqual(['', 'gone', 'x', 'x y', 'y']);
  });

  test('never takes synced names', async () => {
    const found = await outcomes(
      async (disk) => {
        await (await makeDurable(disk, '/a', 'x')).close();
        await disk.rename('/a', '/b');
        await disk.makeDir('/d/e');
        await disk.syncDir('/d');
        await disk.syncDir('/');
      },
      async (after) => `${await namesOn(after)} ${await namesOn(after, '/d')}`,
    );
    expect([...found.keys()]).toEqual(['b d e']);
  });

  test('a sync does not cover a write that ends after it began', async () => {
    const found = await outcomes(
      async (disk) => {
        const file = await makeDurable(disk, '/a', 'old');
        await Promise.all([file.sync(), file.write([Buffer.from('new')], 0)]);
      },
      async (after) => (await contentOf(after, '/a')).toString(),
    );
    expect([...found.keys()].toSorted()).toEqual(['new', 'old']);
  });

  test('ends the calls under way: a write has come to any of its bytes, and none returns', async () => {
    const lengths = new Set<number>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const disk = new SimulatedFiles({ seed });
      const file = await makeDurable(disk, '/a', '');
      let isAcknowledged = false;
      const under = file.write([Buffer.from('abc')], 0).then(() => (isAcknowledged = true));
      const after = disk.kill();
      const turn = new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      await Promise.race([under, disk.list('/'), turn]);
      expect(isAcknowledged).toBe(false);
      lengths.add((await contentOf(after, '/a')).length);
    }
    expect(lengths).toEqual(new Set([0, 1, 2, 3]));
  });
});

describe('SIGKILL', () => {
  test('takes nothing that was written, and makes nothing durable', async () => {
    const found = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const disk = new SimulatedFiles({ seed });
      const file = await makeDurable(disk, '/a', 'old');
      await file.write([Buffer.from('new')], 0);
      await disk.open('/b', 'create');
      const killed = disk.kill();
      expect(await namesOn(killed)).toBe('a b');
      expect((await contentOf(killed, '/a')).toString()).toBe('new');
      const after = killed.crash();
      found.add(`${await namesOn(after)} ${(await contentOf(after, '/a')).toString()}`);
    }
    expect([...found].toSorted()).toEqual(['a b new', 'a b old', 'a new', 'a old']);
  });
});

describe('after a failed sync', () => {
  test('reads see what was written, a second sync succeeds, and the power cut takes it', async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const disk = new SimulatedFiles({ seed });
      const file = await makeDurable(disk, '/a', 'old');
      await file.write([Buffer.from('newer')], 0);
      disk.loseUnsynced('/a');
      await file.sync();
      const killed = disk.kill();
      expect((await contentOf(killed, '/a')).toString()).toBe('newer');
      const again = await killed.open('/a', 'read-write');
      await again.sync();
      expect((await contentOf(killed.crash(), '/a')).toString()).toBe('old\0\0');
    }
  });

  test('what is written anew can be synced again', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const file = await makeDurable(disk, '/a', 'old');
    await file.write([Buffer.from('new')], 0);
    disk.loseUnsynced('/a');
    await file.write([Buffer.from('new')], 0);
    await file.sync();
    expect((await contentOf(disk.crash(), '/a')).toString()).toBe('new');
  });

  test('names are seen, and gone at the power cut unless they change again', async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const disk = new SimulatedFiles({ seed });
      await makeDurable(disk, '/kept', 'old');
      await makeDurable(disk, '/a', 'new');
      await disk.rename('/a', '/lost');
      disk.loseUnsynced('/');
      await disk.syncDir('/');
      expect(await namesOn(disk)).toBe('kept lost');
      const killed = disk.kill();
      await killed.rename('/lost', '/again');
      await killed.syncDir('/');
      expect(await namesOn(killed.crash())).toBe('a again kept');
    }
  });

  test('a FaultyFiles can fail the sync and lose the pages together', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const files = new FaultyFiles(disk);
    await makeDurable(disk, '/a', 'old');
    files.setFault({
      kind: 'EIO',
      at: 1,
      only: ({ name }) => name === 'sync',
      onFault: ({ path }) => disk.loseUnsynced(path),
    });
    const file = await files.open('/a', 'read-write');
    await file.write([Buffer.from('new')], 0);
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' });
    await file.sync();
    expect((await contentOf(disk.crash(), '/a')).toString()).toBe('old');
  });
});

describe('a full disk', () => {
  test('writes what fits without an error, then none with ENOSPC', async () => {
    const disk = new SimulatedFiles({ seed: 1, capacityBytes: 5 });
    const file = await disk.open('/a', 'create');
    expect(await file.write([Buffer.from('abc'), Buffer.from('def')], 0)).toBe(5);
    await expect(file.write([Buffer.from('f')], 5)).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(disk.open('/b', 'create')).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(disk.makeDir('/d')).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await file.write([Buffer.from('XYZ')], 1)).toBe(3);
    expect((await contentOf(disk, '/a')).toString()).toBe('aXYZe');
    expect(disk.usedBytes).toBe(5);
  });

  test('has room again after a cut, or when a file is gone and nobody holds it open', async () => {
    const disk = new SimulatedFiles({ seed: 1, capacityBytes: 4 });
    const file = await disk.open('/a', 'create');
    await file.write([Buffer.from('abcd')], 0);
    await file.truncate(3);
    expect(disk.usedBytes).toBe(3);
    await disk.remove('/a');
    expect(disk.usedBytes).toBe(3);
    await file.close();
    expect(disk.usedBytes).toBe(0);
  });

  test('stays as full as it is over a kill, but for removed files that were held open', async () => {
    const disk = new SimulatedFiles({ seed: 1, capacityBytes: 9 });
    for (const path of ['/a', '/b']) {
      await (await disk.open(path, 'create')).write([Buffer.from('abc')], 0);
    }
    await disk.remove('/b');
    const killed = disk.kill();
    expect([killed.usedBytes, killed.capacityBytes, killed.openCount]).toEqual([3, 9, 0]);
    killed.capacityBytes = 3;
    await expect(killed.open('/c', 'create')).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});

test('one seed gives one run and one outcome', async () => {
  const run = async (seed: number): Promise<string> => {
    const disk = new SimulatedFiles({ seed });
    const random = new SeededRandom(seed);
    const file = await disk.open('/a', 'create');
    for (let step = 0; step < 20; step += 1) {
      await file.write([random.bytes(random.between(1, 2_000))], random.below(20_000));
      if (random.chance(0.2)) await disk.open(`/b${step}`, 'create');
      if (random.chance(0.2)) await disk.syncDir('/');
    }
    const after = disk.crash();
    const names = await namesOn(after);
    return names.startsWith('a') ? names + (await contentOf(after, '/a')).toString('hex') : names;
  };
  for (const seed of [1, 2, 3, 4, 5]) expect(await run(seed)).toBe(await run(seed));
});
