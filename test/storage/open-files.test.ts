import { beforeEach, describe, expect, test } from 'vitest';
import type { FileHandle } from '../../src/storage/files.ts';
import { OpenFiles } from '../../src/storage/open-files.ts';
import { fileError } from '../support/file-error.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import type { FileCall } from '../support/faulty-files.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

let disk: SimulatedFiles;
let files: FaultyFiles;
let calls: readonly FileCall[];

beforeEach(async () => {
  disk = new SimulatedFiles({ seed: 1 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const file = await disk.open(`/${name}`, 'create');
    await file.write([Buffer.from(name)], 0);
    await file.close();
  }
  files = new FaultyFiles(disk);
  calls = files.record();
});

/** What was opened and closed, as `+a -a`. */
function story(): string {
  return calls
    .filter(({ name }) => name === 'open' || name === 'close')
    .map(({ name, path }) => (name === 'open' ? '+' : '-') + path.slice(1))
    .join(' ');
}

async function contentOf(file: FileHandle): Promise<string> {
  const into = Buffer.alloc(1);
  await file.read(into, 0);
  return into.toString();
}

/** Begins a use that lasts until `end` is called. */
function hold(open: OpenFiles, path: string): { began: Promise<void>; end: () => Promise<void> } {
  const began = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const done = open.use(path, async () => {
    began.resolve();
    await ended.promise;
  });
  done.catch(began.reject);
  return {
    began: began.promise,
    end: () => {
      ended.resolve();
      return done;
    },
  };
}

/** Long enough for everything that can happen without further help. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('a file is opened at its first use and stays open', async () => {
  const open = new OpenFiles(files, 2);
  expect(await open.use('/a', contentOf)).toBe('a');
  expect(await open.use('/a', contentOf)).toBe('a');
  expect(story()).toBe('+a');
  expect(open.openCount).toBe(1);
});

test('uses of one file at the same time open it once', async () => {
  const open = new OpenFiles(files, 2);
  const uses = Array.from({ length: 10 }, () => open.use('/a', contentOf));
  expect(new Set(await Promise.all(uses))).toEqual(new Set(['a']));
  expect(story()).toBe('+a');
});

test('the file idle for longest gives its place', async () => {
  const open = new OpenFiles(files, 2);
  for (const path of ['/a', '/b', '/a', '/c']) await open.use(path, contentOf);
  expect(story()).toBe('+a +b -b +c');
  await open.use('/a', contentOf);
  expect(story()).toBe('+a +b -b +c');
});

test('a file in use never gives its place', async () => {
  const open = new OpenFiles(files, 2);
  const held = hold(open, '/a');
  await held.began;
  for (const path of ['/b', '/c', '/d']) await open.use(path, contentOf);
  expect(story()).toBe('+a +b -b +c -c +d');
  await held.end();
});

test('who finds all places in use gets one in the order of coming', async () => {
  const open = new OpenFiles(files, 1);
  const held = hold(open, '/a');
  await held.began;
  const order: string[] = [];
  const waiting = ['/b', '/c', '/d'].map((path) =>
    open.use(path, async (file) => {
      order.push(await contentOf(file));
    }),
  );
  await settle();
  expect(order).toEqual([]);
  await held.end();
  await Promise.all(waiting);
  expect(order).toEqual(['b', 'c', 'd']);
  expect(story()).toBe('+a -a +b -b +c -c +d');
});

test('the result and the failure of a task come through, and the file stays usable', async () => {
  const open = new OpenFiles(files, 1);
  const failure = new Error('of the task');
  await expect(open.use('/a', () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await open.use('/a', contentOf)).toBe('a');
  expect(story()).toBe('+a');
});

test('a file that cannot be opened fails all who wait for it, and may be tried again', async () => {
  const open = new OpenFiles(files, 1);
  const uses = [open.use('/x', contentOf), open.use('/x', contentOf)];
  for (const use of uses) await expect(use).rejects.toMatchObject({ code: 'ENOENT' });
  expect(open.openCount).toBe(0);
  await (await disk.open('/x', 'create')).close();
  await open.use('/x', contentOf);
  expect(open.openCount).toBe(1);
});

test('a place that was given to a file that cannot be opened goes to the next', async () => {
  const open = new OpenFiles(files, 1);
  const held = hold(open, '/a');
  await held.began;
  const missing = open.use('/x', contentOf);
  const next = open.use('/b', contentOf);
  await held.end();
  await expect(missing).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await next).toBe('b');
});

test.each(['EACCES', 'EROFS'])('%s: the file is opened for reading only', async (code) => {
  const modes: string[] = [];
  const readOnly = new OpenFiles(
    Object.assign(Object.create(disk) as SimulatedFiles, {
      open: (path: string, mode: 'read' | 'read-write') => {
        modes.push(mode);
        return mode === 'read'
          ? disk.open(path, mode)
          : Promise.reject(fileError(code, 'open', path));
      },
    }),
    1,
  );
  expect(await readOnly.use('/a', contentOf)).toBe('a');
  expect(modes).toEqual(['read-write', 'read']);
});

describe('when the process has no descriptor left', () => {
  test('an idle file is closed and the open is tried again', async () => {
    const open = new OpenFiles(files, 5);
    for (const path of ['/a', '/b']) await open.use(path, contentOf);
    files.setFault({ kind: 'EMFILE', at: 1 });
    expect(await open.use('/c', contentOf)).toBe('c');
    expect(story()).toBe('+a +b +c -a +c');
    expect(open.openCount).toBe(2);
  });

  test('the open fails once nothing is idle', async () => {
    const open = new OpenFiles(files, 5);
    for (const path of ['/a', '/b']) await open.use(path, contentOf);
    files.setFault({ kind: 'EMFILE', at: 1, lasts: true });
    await expect(open.use('/c', contentOf)).rejects.toMatchObject({ code: 'EMFILE' });
    expect(open.openCount).toBe(0);
    files.setFault(undefined);
    expect(await open.use('/c', contentOf)).toBe('c');
  });
});

describe('forget', () => {
  test('closes an idle file at once; a later use opens it anew', async () => {
    const open = new OpenFiles(files, 2);
    await open.use('/a', contentOf);
    await open.forget('/a');
    await open.forget('/a');
    expect(open.openCount).toBe(0);
    await open.use('/a', contentOf);
    expect(story()).toBe('+a -a +a');
  });

  test('waits for the last user of a file, while a later use has a handle of its own', async () => {
    const open = new OpenFiles(files, 2);
    const held = hold(open, '/a');
    await held.began;
    const forgotten = open.forget('/a');
    await open.use('/a', contentOf);
    await settle();
    expect(story()).toBe('+a +a');
    await held.end();
    await forgotten;
    expect(story()).toBe('+a +a -a');
    await open.use('/b', contentOf);
    await open.use('/c', contentOf);
    expect(story()).toBe('+a +a -a +b -a +c');
  });

  test('under a directory takes every file below it and no other', async () => {
    await disk.makeDir('/t/1');
    for (const path of ['/t/1/x', '/t/y', '/tz']) await (await disk.open(path, 'create')).close();
    const open = new OpenFiles(files, 9);
    for (const path of ['/t/1/x', '/t/y', '/tz']) await open.use(path, contentOf);
    await open.forgetUnder('/t');
    expect(story()).toBe('+t/1/x +t/y +tz -t/1/x -t/y');
  });
});

test('close waits for all users and closes every file', async () => {
  const open = new OpenFiles(files, 3);
  const held = hold(open, '/a');
  await held.began;
  await open.use('/b', contentOf);
  const closed = open.close();
  await held.end();
  await closed;
  expect(open.openCount).toBe(0);
  expect(disk.openCount).toBe(0);
  expect(() => open.use('/a', contentOf)).toThrow('used after close');
});

test('a failing close is told to who wanted the place, and loses no place', async () => {
  const open = new OpenFiles(files, 1);
  await open.use('/a', contentOf);
  files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'close' });
  await expect(open.use('/b', contentOf)).rejects.toMatchObject({ code: 'EIO' });
  const held = hold(open, '/a');
  await held.began;
  const refused = open.use('/b', contentOf);
  const next = open.use('/c', contentOf);
  files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'close' });
  await held.end();
  await expect(refused).rejects.toMatchObject({ code: 'EIO' });
  expect(await next).toBe('c');
  expect(open.openCount).toBe(1);
});

test('whatever happens, the bound holds, nobody waits for ever and nothing stays open', async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = new SeededRandom(seed);
    const before = disk.openCount;
    const openMax = random.between(1, 3);
    const faults = random.chance(0.3);
    files.setFault(faults ? { kind: 'EIO', at: random.between(1, 20), lasts: false } : undefined);
    let most = 0;
    const open = new OpenFiles(files, openMax);
    const someone = async (): Promise<void> => {
      for (let step = 0; step < 8; step += 1) {
        const path = `/${random.pick(['a', 'b', 'c', 'd', 'e'])}`;
        if (random.chance(0.15)) await open.forget(path).catch(isInjected);
        await open
          .use(path, async (file) => {
            most = Math.max(most, disk.openCount - before);
            expect(await contentOf(file)).toBe(path.slice(1));
          })
          .catch(isInjected);
      }
    };
    await Promise.all(Array.from({ length: 6 }, someone));
    files.setFault(undefined);
    expect(most).toBeLessThanOrEqual(openMax);
    await open.close();
    expect(open.openCount).toBe(0);
    expect(disk.openCount).toBe(before);
  }
});

function isInjected(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
}
