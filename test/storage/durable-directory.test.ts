import { expect, test } from 'vitest';
import { makeDurableDirectory } from '../../src/storage/durable-directory.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

test('what was made is there after every power cut, down to the last name', async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const disk = new SimulatedFiles({ seed });
    await makeDurableDirectory(disk, '/a');
    await makeDurableDirectory(disk, '/a/b/c/d');
    await makeDurableDirectory(disk, '/a/b/c/d');
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

test('a file in the way is reported', async () => {
  const disk = new SimulatedFiles({ seed: 1 });
  await (await disk.open('/a', 'create')).close();
  await expect(makeDurableDirectory(disk, '/a/b')).rejects.toMatchObject({ code: 'ENOTDIR' });
});
