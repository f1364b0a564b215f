import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Catalogue } from '../../../src/storage/catalogue.ts';
import { examineCatalogue } from '../../../src/storage/doctor/examine-catalogue.ts';
import { realFiles } from '../../../src/storage/real-files.ts';
import { FaultyFiles } from '../../support/faulty-files.ts';
import { pictureOf } from '../../support/doctor-scene.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const TOPIC = {
  topicId: '00000000-0000-4000-8000-000000000001',
  name: 't',
  partitions: 2,
  configs: new Map(),
};

async function place() {
  const directory = await temporaryDirectory();
  const scratch = join(await temporaryDirectory(), 'scratch');
  return { directory, files: realFiles, scratch, file: join(directory, 'catalogue.db') };
}

test('what it holds is told, changes that a crash has left in its log too, and nothing is touched', async () => {
  const at = await place();
  const open = Catalogue.open(at.file, 'cluster');
  open.addTopic(TOPIC);
  // As a crash leaves it: the change is in the log alone.
  const wal = await readFile(`${at.file}-wal`);
  const content = await readFile(at.file);
  open.close();
  await writeFile(at.file, content);
  await writeFile(`${at.file}-wal`, wal);
  const before = await pictureOf(at.directory);
  expect(await examineCatalogue(at, true)).toEqual({
    clusterId: 'cluster',
    topics: [{ ...TOPIC, state: 'creating' }],
  });
  expect(await pictureOf(at.directory)).toEqual(before);
  await expect(readdir(at.scratch)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('without one, topics are missing it, and an empty directory is not', async () => {
  const at = await place();
  expect(await examineCatalogue(at, false)).toBeUndefined();
  expect(await examineCatalogue(at, true)).toMatchObject({ kind: 'catalogue-missing' });
  await writeFile(at.file, '');
  expect(await examineCatalogue(at, true)).toMatchObject({ kind: 'catalogue-missing' });
});

test('one that cannot be read is damage under its own name, and leaves nothing behind', async () => {
  const at = await place();
  await writeFile(at.file, Buffer.alloc(5_000, 'x'));
  const found = await examineCatalogue(at, true);
  expect(found).toMatchObject({ severity: 'damage', kind: 'catalogue-unusable', file: at.file });
  expect(JSON.stringify(found)).not.toContain(at.scratch);
  await expect(readdir(at.scratch)).rejects.toMatchObject({ code: 'ENOENT' });
  await rm(at.file);
});

test('where there is no room for a copy of it nothing is said against it', async () => {
  const at = await place();
  Catalogue.open(at.file, 'cluster').close();
  const files = new FaultyFiles(realFiles, { kind: 'short-write', at: 1 });
  await expect(examineCatalogue({ ...at, files }, true)).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(readdir(at.scratch)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await examineCatalogue(at, true)).toMatchObject({ clusterId: 'cluster' });
});
