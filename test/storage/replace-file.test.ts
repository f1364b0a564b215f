import { describe, expect, test } from 'vitest';
import { UncertainError } from '../../src/storage/disk-errors.ts';
import {
  isDiskFull,
  noSpace,
  readWholeFile,
  removeIfThere,
  replaceFile,
  syncDirectory,
  writeNewFile,
} from '../../src/storage/replace-file.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { fileError } from '../support/file-error.ts';
import { namesIn } from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const OLD = Buffer.from('old content');
const NEW = Buffer.from('the new and longer content');

async function diskWithOld(seed: number, capacityBytes = Infinity): Promise<SimulatedFiles> {
  const files = new SimulatedFiles({ seed, capacityBytes });
  await replaceFile(files, '/f', OLD);
  return files;
}

describe('replacing a file', () => {
  test('leaves the new content, durably, and nothing else', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const files = await diskWithOld(seed);
      await replaceFile(files, '/f', NEW);
      const after = files.crash();
      expect(await readWholeFile(after, '/f')).toEqual(NEW);
      expect(await namesIn(after, '/')).toEqual(['f']);
    }
  });

  test('cut off at any call leaves the old content or the new', async () => {
    for (let at = 1; at < 20; at += 1) {
      for (let seed = 0; seed < 15; seed += 1) {
        const disk = await diskWithOld(seed);
        const faulty = new FaultyFiles(disk, { kind: 'hang', at });
        const done = replaceFile(faulty, '/f', NEW).then(() => true);
        const isDone = await Promise.race([done, faulty.hanging.then(() => false)]);
        const after = seed % 2 === 0 ? disk.crash() : disk.kill();
        const found = (await readWholeFile(after, '/f')) as Buffer;
        if (isDone) expect(found).toEqual(NEW);
        else expect([OLD.toString(), NEW.toString()]).toContain(found.toString());
      }
    }
  });

  test('on a full disk keeps the old content, leaves no temporary file and says so', async () => {
    for (const room of [0, 1, NEW.length - 1]) {
      const files = await diskWithOld(1, OLD.length + room);
      await expect(replaceFile(files, '/f', NEW)).rejects.toSatisfy(isDiskFull);
      expect(await readWholeFile(files, '/f')).toEqual(OLD);
      expect(await namesIn(files, '/')).toEqual(['f']);
    }
  });

  test('is uncertain when a sync fails, even for want of room', async () => {
    const outcomes: unknown[] = [];
    for (const at of [1, 2]) {
      const files = await diskWithOld(1);
      const faulty = new FaultyFiles(files, {
        kind: 'ENOSPC',
        at,
        only: ({ name }) => name === 'sync' || name === 'syncDir',
      });
      outcomes.push(await replaceFile(faulty, '/f', NEW).catch((error: unknown) => error));
    }
    for (const outcome of outcomes) {
      expect(outcome).toBeInstanceOf(UncertainError);
      expect(isDiskFull(outcome)).toBe(false);
    }
  });

  test('is done again over what an earlier attempt left', async () => {
    const files = await diskWithOld(1);
    await writeNewFile(files, '/f.tmp', Buffer.from('left over, and much longer than the content'));
    await replaceFile(files, '/f', NEW);
    expect(await readWholeFile(files, '/f')).toEqual(NEW);
  });

  test('leaves no file open, whichever call fails', async () => {
    for (let at = 1; at < 12; at += 1) {
      const files = await diskWithOld(1);
      await replaceFile(new FaultyFiles(files, { kind: 'EIO', at }), '/f', NEW).catch(() => {});
      expect(files.openCount).toBe(0);
    }
  });
});

test('a whole file is read, an empty one too, and a missing one is undefined', async () => {
  const files = await diskWithOld(1);
  expect(await readWholeFile(files, '/f')).toEqual(OLD);
  await replaceFile(files, '/empty', Buffer.alloc(0));
  expect(await readWholeFile(files, '/empty')).toEqual(Buffer.alloc(0));
  expect(await readWholeFile(files, '/none')).toBeUndefined();
  const faulty = new FaultyFiles(files, { kind: 'EIO', at: 1 });
  await expect(readWholeFile(faulty, '/f')).rejects.toMatchObject({ code: 'EIO' });
});

test('removing what is not there is fine, other failures are told', async () => {
  const files = await diskWithOld(1);
  await removeIfThere(files, '/none');
  await removeIfThere(files, '/f');
  expect(await namesIn(files, '/')).toEqual([]);
  const faulty = new FaultyFiles(files, { kind: 'EIO', at: 1 });
  await expect(removeIfThere(faulty, '/f')).rejects.toMatchObject({ code: 'EIO' });
});

test('a directory whose sync fails is uncertain', async () => {
  const faulty = new FaultyFiles(await diskWithOld(1), { kind: 'EIO', at: 1 });
  await expect(syncDirectory(faulty, '/')).rejects.toBeInstanceOf(UncertainError);
});

test('a full disk is known by its code, and by a short write', () => {
  expect(isDiskFull(fileError('ENOSPC', 'write', '/f'))).toBe(true);
  expect(isDiskFull(fileError('EDQUOT', 'write', '/f'))).toBe(true);
  expect(isDiskFull(noSpace('/f', 10, 4))).toBe(true);
  expect(noSpace('/f', 10, 4).message).toBe('/f: only 4 of 10 bytes were written');
  expect(isDiskFull(fileError('EIO', 'write', '/f'))).toBe(false);
  expect(isDiskFull(undefined)).toBe(false);
});
