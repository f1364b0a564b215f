import { expect, test } from 'vitest';
import { OpenFiles } from '../../src/storage/open-files.ts';
import { withSpareDescriptors } from '../../src/storage/spare-descriptors.ts';
import type { FileHandle } from '../../src/storage/files.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { describeFilesContract } from '../support/files-contract.ts';
import { settled } from '../support/held-files.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

function spare(momentaryMax?: number, disk = new SimulatedFiles({ seed: 1 })) {
  const faulty = new FaultyFiles(disk);
  const openFiles = new OpenFiles(faulty, 8);
  return { faulty, openFiles, files: withSpareDescriptors(faulty, openFiles, momentaryMax) };
}

describeFilesContract('a Files with spare descriptors', () =>
  Promise.resolve({ files: spare().files, directory: '/' }),
);

async function withTwoIdleSegments() {
  const given = spare();
  for (const path of ['/a', '/b']) {
    await (await given.files.open(path, 'create')).close();
    await given.openFiles.use(path, () => Promise.resolve());
  }
  return given;
}

test.each([
  ['open', (files) => files.open('/a', 'read')],
  ['create', (files) => files.open('/c', 'create')],
  ['list', (files) => files.list('/')],
  ['syncDir', (files) => files.syncDir('/')],
] satisfies [string, (files: ReturnType<typeof spare>['files']) => Promise<unknown>][])(
  'a call to %s without a descriptor is made again with that of an idle segment',
  async (_, call) => {
    const { files, faulty, openFiles } = await withTwoIdleSegments();
    faulty.setFault({ kind: 'EMFILE', at: 1 });
    await call(files);
    expect([faulty.spoiledCount, openFiles.openCount]).toEqual([1, 1]);
  },
);

test('when all idle ones are given, the caller hears of it', async () => {
  const { files, faulty, openFiles } = await withTwoIdleSegments();
  faulty.setFault({ kind: 'EMFILE', at: 1, lasts: true });
  await expect(files.open('/c', 'create')).rejects.toMatchObject({ code: 'EMFILE' });
  expect([faulty.spoiledCount, openFiles.openCount]).toEqual([3, 0]);
});

test('nothing else is tried again, least of all a failed sync', async () => {
  const { files, faulty, openFiles } = await withTwoIdleSegments();
  faulty.setFault({ kind: 'EIO', at: 1 });
  await expect(files.syncDir('/')).rejects.toMatchObject({ code: 'EIO' });
  expect([faulty.spoiledCount, openFiles.openCount]).toEqual([1, 2]);
});

test('so many are open for a moment at a time, and the others wait their turn in the order they came', async () => {
  const { files, faulty } = spare(2);
  await (await files.open('/a', 'create')).close();
  const [first, second] = [await files.open('/a', 'read'), await files.open('/a', 'read')];
  const calls = faulty.record();
  const waiting = [files.syncDir('/'), files.list('/'), files.open('/a', 'read-write')];
  await settled();
  expect(calls).toEqual([]);
  await second.close();
  await Promise.all(waiting.slice(0, 2));
  const third = await (waiting[2] as Promise<FileHandle>);
  expect(calls.map(({ name }) => name)).toEqual(['close', 'syncDir', 'list', 'open']);
  // What takes no descriptor waits for none.
  await files.rename('/a', '/b');
  await files.remove('/b');
  for (const file of [first, third]) await file.close();
});

test('what has failed holds no place, and a failed close has closed', async () => {
  const { files, faulty } = spare(1);
  await expect(files.open('/missing', 'read')).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(files.list('/missing')).rejects.toMatchObject({ code: 'ENOENT' });
  const file = await files.open('/a', 'create');
  faulty.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'close' });
  await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
  expect(await files.list('/')).toHaveLength(1);
});
