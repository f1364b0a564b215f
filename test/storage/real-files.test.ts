import { chmod, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realFiles } from '../../src/storage/real-files.ts';
import { describeFilesContract } from '../support/files-contract.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describeFilesContract('the real disk', async () => ({
  files: realFiles,
  directory: await temporaryDirectory(),
}));

test('the database that carries the owner lock is never opened, renamed or removed', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'owner.db');
  const other = join(directory, 'other');
  await writeFile(path, '');
  for (const attempt of [
    () => realFiles.open(path, 'read'),
    () => realFiles.open(path, 'read-write'),
    () => realFiles.open(path, 'create'),
    () => realFiles.rename(path, other),
    () => realFiles.rename(other, path),
    () => realFiles.remove(path),
    () => realFiles.removeDir(path),
  ]) {
    await expect(attempt()).rejects.toThrow('owner.db must never be opened');
  }
  expect(await readdir(directory)).toEqual(['owner.db']);
});

test('a list tells what is no directory as a file', async () => {
  const directory = await temporaryDirectory();
  await symlink('nowhere', join(directory, 'link'));
  expect(await realFiles.list(directory)).toEqual([{ name: 'link', kind: 'file' }]);
});

test('the errors of the system come through with their codes', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'a');
  await writeFile(path, '');
  await expect(realFiles.list(path)).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(realFiles.makeDir(join(path, 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(realFiles.open(directory, 'read-write')).rejects.toMatchObject({ code: 'EISDIR' });
  await chmod(path, 0o444);
  const file = await realFiles.open(path, 'read');
  await file.close();
  await expect(file.size()).rejects.toMatchObject({ code: 'EBADF' });
});

test('the names in a missing directory cannot be made durable', async () => {
  const path = join(await temporaryDirectory(), 'missing');
  await expect(realFiles.syncDir(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test.runIf(process.platform === 'linux')(
  'nothing more is asked of a file system that syncs no directories',
  async () => {
    // fsync answers EINVAL there, as it does on some network file systems.
    await expect(realFiles.syncDir('/proc')).resolves.toBeUndefined();
  },
);

test.runIf(process.platform === 'linux')(
  'making a directory ends where the file system makes none',
  async () => {
    const path = '/proc/self/no-such-place/below';
    await expect(realFiles.makeDir(path)).rejects.toMatchObject({ code: 'ENOENT' });
  },
);
