import { expect, test } from 'vitest';
import { syncNames } from '../../src/storage/durable-directory.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { fileError } from '../support/file-error.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

test('what another run made is there after every power cut, down to the last name', async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const killed = new SimulatedFiles({ seed });
    await killed.makeDir('/a/b/c/d');
    const disk = killed.kill();
    await syncNames(disk, '/a/b/c/d');
    expect(await disk.crash().list('/a/b/c/d')).toEqual([]);
  }
});

test('made without its syncs, some of it is lost in some power cut', async () => {
  const lost = new Set<number>();
  for (let seed = 1; seed <= 50; seed += 1) {
    const disk = new SimulatedFiles({ seed });
    await disk.makeDir('/a/b');
    if ((await disk.crash().list('/')).length === 0) lost.add(seed);
  }
  expect(lost.size).toBeGreaterThan(5);
});

test.each(['EACCES', 'EPERM'])('a parent that answers %s is passed over', async (code) => {
  const disk = new SimulatedFiles({ seed: 1 });
  await disk.makeDir('/a/b/c');
  const synced: string[] = [];
  const syncDir = async (path: string): Promise<void> => {
    synced.push(path);
    if (path === '/a') throw fileError(code, 'open', path);
    await disk.syncDir(path);
  };
  await syncNames(Object.assign(new FaultyFiles(disk), { syncDir }), '/a/b/c');
  expect(synced).toEqual(['/a/b', '/a', '/']);
});

test('a sync that fails is reported', async () => {
  const disk = new SimulatedFiles({ seed: 1 });
  await disk.makeDir('/a');
  const files = new FaultyFiles(disk, { kind: 'EIO', at: 1 });
  await expect(syncNames(files, '/a')).rejects.toMatchObject({ code: 'EIO' });
});
