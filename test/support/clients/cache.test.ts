import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../temporary-directory.ts';
import { cached } from './cache.ts';

function assembly(version: string, assemble: (directory: string) => Promise<void>) {
  return { name: 'client', parts: [version], assemble };
}

async function fill(directory: string): Promise<void> {
  await writeFile(join(directory, 'file'), 'whole');
}

async function mustNotRun(): Promise<void> {
  throw new Error('assembled again');
}

test('what was assembled is not assembled again, until a part of it changes', async () => {
  const root = await temporaryDirectory();
  const first = await cached(assembly('1', fill), root);
  expect(await readFile(join(first, 'file'), 'utf8')).toBe('whole');
  expect(await cached(assembly('1', mustNotRun), root)).toBe(first);
  const second = await cached(assembly('2', fill), root);
  // The older one is gone, what belongs to other clients is not.
  await cached({ ...assembly('1', fill), name: 'client-of-another' }, root);
  await cached(assembly('3', fill), root);
  expect(await readdir(root)).toHaveLength(2);
  expect(await readdir(root)).not.toContain(basename(second));
});

test('an assembly that broke off is none', async () => {
  const root = await temporaryDirectory();
  const brokenOff = assembly('1', async (directory) => {
    await fill(directory);
    throw new Error('no network');
  });
  await expect(cached(brokenOff, root)).rejects.toThrow('no network');
  expect(await readdir(root)).toEqual([]);
  const directory = await cached(assembly('1', fill), root);
  expect(await readdir(directory)).toEqual(['file']);
});

test('of two that assemble at once both get the one that was ready first', async () => {
  const root = await temporaryDirectory();
  const both = await Promise.all([
    cached(assembly('1', fill), root),
    cached(assembly('1', fill), root),
  ]);
  expect(both[0]).toBe(both[1]);
  expect(await readdir(root)).toEqual([basename(both[0])]);
});
