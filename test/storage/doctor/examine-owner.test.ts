import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdForExamination } from '../../../src/storage/doctor/examine-owner.ts';
import type { HostFacts } from '../../../src/storage/host.ts';
import { takeKernelLock } from '../../../src/storage/kernel-lock.ts';
import { realFiles } from '../../../src/storage/real-files.ts';
import { doctorScene, pictureOf } from '../../support/doctor-scene.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const HOST: HostFacts = {
  hostName: 'test',
  bootId: 'boot',
  pid: 2,
  processStart: '2',
  isAlive: async () => false,
};

function hold(directory: string, host: HostFacts = HOST) {
  return holdForExamination({ directory, files: realFiles, host });
}

function owner(directory: string, facts: object): Promise<void> {
  const text = {
    host: 'test',
    boot_id: 'boot',
    pid: 1,
    process_start: '1',
    since: 'then',
    ...facts,
  };
  return writeFile(join(directory, 'owner.json'), JSON.stringify(text));
}

test('the lock is held meanwhile, and how the last server ended stays as it was', async () => {
  const { directory } = await doctorScene();
  const before = await pictureOf(directory);
  const held = await hold(directory);
  expect(held).toMatchObject({ previousRun: 'clean', lastOwner: { pid: 1 } });
  await expect(hold(directory)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
  held.free();
  takeKernelLock(directory)?.free();
  expect(await pictureOf(directory)).toEqual(before);
});

test('a directory that never had an owner gets no lock file', async () => {
  const directory = await temporaryDirectory();
  const held = await hold(directory);
  expect([held.previousRun, held.lastOwner, await readdir(directory)]).toEqual([
    'none',
    'none',
    [],
  ]);
  held.free();
});

test('an owner that lives and has lost its lock is respected', async () => {
  const { directory } = await doctorScene();
  await owner(directory, {});
  const alive = { ...HOST, isAlive: async () => true };
  await expect(hold(directory, alive)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
  (await hold(directory)).free();
});

test('one on another machine is, while its courtesy lock is fresh', async () => {
  const { directory } = await doctorScene();
  await owner(directory, { host: 'other', boot_id: 'other' });
  const held = await hold(directory);
  expect(held.previousRun).toBe('rebooted');
  held.free();
  await mkdir(join(directory, 'owner.lock'));
  await expect(hold(directory)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
});
