/** What every `Files` must do; the real disk and the ones that stand in for it run this suite. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FileHandle, Files } from '../../src/storage/files.ts';

/** `make` answers an empty directory that exists, in a fresh `Files` or on a fresh part of one. */
export function describeFilesContract(
  subject: string,
  make: () => Promise<{ files: Files; directory: string }>,
): void {
  describe(`${subject} keeps the contract:`, () => {
    async function withFile(
      task: (file: FileHandle, files: Files, path: string) => Promise<void>,
    ): Promise<void> {
      const { files, directory } = await make();
      const path = join(directory, 'a');
      const file = await files.open(path, 'create');
      await task(file, files, path);
      await file.close();
    }

    test('chunks are written one after the other from a position, and read back', () =>
      withFile(async (file) => {
        expect(await file.write([text('hello '), text(''), text('world')], 0)).toBe(11);
        expect(await file.write([text('W')], 6)).toBe(1);
        expect(await file.size()).toBe(11);
        expect(await read(file, 11, 0)).toBe('hello World');
        expect(await read(file, 3, 4)).toBe('o W');
      }));

    test('a read answers fewer bytes only where the file ends', () =>
      withFile(async (file) => {
        await file.write([text('abc')], 0);
        expect(await read(file, 10, 1)).toBe('bc');
        expect(await read(file, 10, 3)).toBe('');
        expect(await read(file, 10, 30)).toBe('');
      }));

    test('more chunks are written than the system takes in one call', () =>
      withFile(async (file) => {
        const chunks = Array.from({ length: 3_000 }, (_, index) => Uint8Array.of(index % 251));
        expect(await file.write(chunks, 5)).toBe(3_000);
        const into = Buffer.alloc(3_000);
        expect(await file.read(into, 5)).toBe(3_000);
        expect(into.every((byte, index) => byte === index % 251)).toBe(true);
      }));

    test('nothing is written for no chunks', () =>
      withFile(async (file) => {
        expect(await file.write([], 0)).toBe(0);
        expect(await file.write([text('')], 7)).toBe(0);
        expect(await file.size()).toBe(0);
      }));

    test('what was never written is zero, also after a cut', () =>
      withFile(async (file) => {
        await file.write([text('abcdef')], 0);
        await file.truncate(2);
        expect(await file.size()).toBe(2);
        await file.write([text('z')], 4);
        expect(await read(file, 10, 0)).toBe('ab\0\0z');
        await file.truncate(7);
        expect(await read(file, 10, 0)).toBe('ab\0\0z\0\0');
        await file.sync();
      }));

    test('the bytes given may be used again once the write has resolved', () =>
      withFile(async (file) => {
        const bytes = Buffer.from('abc');
        await file.write([bytes], 0);
        bytes.fill(0);
        expect(await read(file, 3, 0)).toBe('abc');
      }));

    test('create refuses a file that exists, the other modes one that does not', () =>
      withFile(async (_, files, path) => {
        await expect(files.open(path, 'create')).rejects.toMatchObject({ code: 'EEXIST' });
        for (const mode of ['read', 'read-write'] as const) {
          await expect(files.open(`${path}x`, mode)).rejects.toMatchObject({ code: 'ENOENT' });
        }
        const missing = join(`${path}x`, 'y');
        await expect(files.open(missing, 'create')).rejects.toMatchObject({ code: 'ENOENT' });
        const below = join(path, 'y');
        await expect(files.open(below, 'create')).rejects.toMatchObject({ code: 'ENOTDIR' });
      }));

    test('two handles see one file; a handle for reading does not write', () =>
      withFile(async (file, files, path) => {
        const reader = await files.open(path, 'read');
        await file.write([text('abc')], 0);
        expect(await read(reader, 3, 0)).toBe('abc');
        await expect(reader.write([text('x')], 0)).rejects.toMatchObject({ code: 'EBADF' });
        await reader.close();
      }));

    test('an open file outlives its name', () =>
      withFile(async (file, files, path) => {
        await file.write([text('abc')], 0);
        await files.remove(path);
        expect(await read(file, 3, 0)).toBe('abc');
        await expect(files.remove(path)).rejects.toMatchObject({ code: 'ENOENT' });
      }));

    test('rename replaces what has the new name, and needs the old one', () =>
      withFile(async (file, files, path) => {
        await file.write([text('new')], 0);
        const target = await files.open(`${path}b`, 'create');
        await target.write([text('old')], 0);
        await files.rename(path, `${path}b`);
        const after = await files.open(`${path}b`, 'read');
        expect(await read(after, 9, 0)).toBe('new');
        expect(await read(target, 9, 0)).toBe('old');
        await expect(files.rename(path, `${path}c`)).rejects.toMatchObject({ code: 'ENOENT' });
        await after.close();
        await target.close();
      }));

    test('many may make one directory at once', async () => {
      const { files, directory } = await make();
      const deep = join(directory, 'b', 'c', 'd');
      await Promise.all(Array.from({ length: 8 }, () => files.makeDir(deep)));
      expect(await files.list(deep)).toEqual([]);
    });

    test('no directory is made where a file stands', () =>
      withFile(async (_, files, path) => {
        await expect(files.makeDir(path)).rejects.toMatchObject({ code: 'EEXIST' });
        await expect(files.makeDir(join(path, 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
        await expect(files.list(path)).rejects.toMatchObject({ code: 'ENOTDIR' });
      }));

    test('directories are made with their parents, listed in order and removed with all in them', async () => {
      const { files, directory } = await make();
      const deep = join(directory, 'b', 'c');
      await files.makeDir(deep);
      await files.makeDir(deep);
      for (const name of ['z', 'B', 'a']) {
        await (await files.open(join(directory, 'b', name), 'create')).close();
      }
      expect(await files.list(join(directory, 'b'))).toEqual([
        { name: 'B', kind: 'file' },
        { name: 'a', kind: 'file' },
        { name: 'c', kind: 'directory' },
        { name: 'z', kind: 'file' },
      ]);
      await files.syncDir(deep);
      await files.syncDir(join(directory, 'b'));
      await files.removeDir(join(directory, 'b'));
      await files.removeDir(join(directory, 'b'));
      expect(await files.list(directory)).toEqual([]);
      await expect(files.list(deep)).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(files.syncDir(deep)).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });
}

function text(content: string): Uint8Array {
  return Buffer.from(content);
}

async function read(file: FileHandle, bytes: number, position: number): Promise<string> {
  const into = Buffer.alloc(bytes, 'x');
  return into.toString('utf8', 0, await file.read(into, position));
}
