import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeKernelLock } from '../../src/storage/kernel-lock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('it is taken once, freed, and taken again', async () => {
  const directory = await temporaryDirectory();
  const lock = takeKernelLock(directory);
  expect(lock).toBeDefined();
  expect(takeKernelLock(directory)).toBeUndefined();
  lock?.free();
  const again = takeKernelLock(directory);
  expect(again).toBeDefined();
  again?.free();
});

test('its file stays empty, so that nothing can damage it', async () => {
  const directory = await temporaryDirectory();
  const lock = takeKernelLock(directory);
  expect((await stat(join(directory, 'owner.db'))).size).toBe(0);
  lock?.free();
  expect((await stat(join(directory, 'owner.db'))).size).toBe(0);
});

test.each([
  ['garbage', Buffer.alloc(5_000, 'x')],
  ['zeros', Buffer.alloc(4_096)],
])('a file of %s is refused with what to do', async (_, content) => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'owner.db'), content);
  expect(() => takeKernelLock(directory)).toThrow(
    expect.objectContaining({
      code: 'DATA_DIRECTORY_UNUSABLE',
      message: expect.stringMatching(
        /owner\.db cannot be locked: .* then remove the file/,
      ) as string,
    }),
  );
});

test('a directory in which no file can be made is refused', async () => {
  const directory = join(await temporaryDirectory(), 'missing');
  expect(() => takeKernelLock(directory)).toThrow(
    expect.objectContaining({ code: 'DATA_DIRECTORY_UNUSABLE' }),
  );
});

test('a path that none can be is thrown as the mistake that it is', () => {
  expect(() => takeKernelLock('/data\0')).toThrow(TypeError);
});
