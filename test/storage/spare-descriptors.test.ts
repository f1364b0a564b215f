import { expect, test } from 'vitest';
import { OpenFiles } from '../../src/storage/open-files.ts';
import { withSpareDescriptors } from '../../src/storage/spare-descriptors.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { describeFilesContract } from '../support/files-contract.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

function spare(disk = new SimulatedFiles({ seed: 1 })) {
  const faulty = new FaultyFiles(disk);
  const openFiles = new OpenFiles(faulty, 8);
  return { faulty, openFiles, files: withSpareDescriptors(faulty, openFiles) };
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
