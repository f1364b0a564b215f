import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, readdir, readFile, rmdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import lockfile from 'proper-lockfile';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { OWNER_LOCK_REFRESH_MS } from '../../src/model/limits.ts';
import { silentLog } from '../../src/model/log.ts';
import type { Files } from '../../src/storage/files.ts';
import type { HostFacts } from '../../src/storage/host.ts';
import { encodeOwner } from '../../src/storage/owner-file.ts';
import type { Owner } from '../../src/storage/owner-file.ts';
import { acquireOwnerLock } from '../../src/storage/owner-lock.ts';
import type { OwnerLock } from '../../src/storage/owner-lock.ts';
import { realFiles } from '../../src/storage/real-files.ts';
import { fileError } from '../support/file-error.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let directory: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

afterEach(() => void vi.restoreAllMocks());

/** Dead are all processes of this machine but those named `alive`. */
function hostFacts({ bootId = 'boot-2', alive = [] as readonly number[] } = {}): HostFacts {
  return {
    hostName: 'here',
    bootId,
    pid: 10,
    processStart: '1000',
    isAlive: (pid) => Promise.resolve(alive.includes(pid)),
  };
}

async function acquire(
  options: { files?: Files; host?: HostFacts; log?: typeof silentLog } = {},
): Promise<OwnerLock> {
  const lock = await acquireOwnerLock({
    directory,
    files: realFiles,
    clock: new ManualClock(0),
    log: silentLog,
    host: hostFacts(),
    ...options,
  });
  onTestFinished(() => lock.release('unclean').catch(() => undefined));
  return lock;
}

/** Leaves the directory as an owner has that is gone, or that this kernel does not see. */
async function leaveOwner(owner: Partial<Owner>): Promise<void> {
  const whole = { host: 'here', boot_id: 'boot-2', pid: 7, process_start: '7', since: 'then' };
  await writeFile(join(directory, 'owner.json'), encodeOwner({ ...whole, ...owner }));
  await mkdir(join(directory, 'owner.lock'));
}

async function readOwner(): Promise<unknown> {
  return JSON.parse(await readFile(join(directory, 'owner.json'), 'utf8'));
}

describe('within one machine', () => {
  test('a second owner is refused and told who the first is', async () => {
    await acquire();
    const since = '1970-01-01T00:00:00.000Z';
    await expect(acquire({ host: hostFacts({ alive: [10] }) })).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_IN_USE',
      message: `data directory ${directory} is in use by process 10 on host here since ${since}; stop it, or choose another directory with --data-dir`,
      details: { directory, host: 'here', pid: 10, since },
    });
  });

  test('the file names the owner and, after an end in order, that end', async () => {
    const lock = await acquire();
    expect(await readOwner()).toEqual({
      host: 'here',
      boot_id: 'boot-2',
      pid: 10,
      process_start: '1000',
      since: '1970-01-01T00:00:00.000Z',
    });
    await lock.release('clean');
    expect(await readOwner()).toMatchObject({ released: '1970-01-01T00:00:00.000Z' });
    expect((await readdir(directory)).toSorted()).toEqual(['owner.db', 'owner.json']);
  });

  test('each owner learns how the one before it ended', async () => {
    const runs: string[] = [];
    for (const [ending, bootId] of [
      ['clean', 'boot-1'],
      ['unclean', 'boot-1'],
      ['unclean', 'boot-1'],
      ['clean', 'boot-2'],
      ['clean', 'boot-3'],
    ] as const) {
      const lock = await acquire({ host: hostFacts({ bootId }) });
      runs.push(lock.previousRun);
      await lock.release(ending);
    }
    expect(runs).toEqual(['none', 'clean', 'same-boot', 'rebooted', 'clean']);
  });

  test('a directory whose owner file is gone or unreadable gets most care', async () => {
    await (await acquire()).release('clean');
    await realFiles.remove(join(directory, 'owner.json'));
    const second = await acquire();
    expect(second.previousRun).toBe('same-boot');
    await second.release('clean');
    await writeFile(join(directory, 'owner.json'), '{"ho');
    expect((await acquire()).previousRun).toBe('same-boot');
  });

  test('an owner that came and died just before this one is not overlooked', async () => {
    await (await acquire()).release('clean');
    const files: Files = {
      ...realFiles,
      async list(path) {
        const entries = await realFiles.list(path);
        await leaveOwner({});
        return entries;
      },
    };
    expect((await acquire({ files })).previousRun).toBe('same-boot');
  });

  test('an owner that lives is not replaced when its owner.db was removed', async () => {
    await leaveOwner({});
    await expect(acquire({ host: hostFacts({ alive: [7] }) })).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_IN_USE',
      details: { pid: 7 },
    });
    expect((await acquire()).previousRun).toBe('same-boot');
  });
});

describe('owner.lock', () => {
  test.each([
    ['whose process is gone', {}],
    ['whose machine was booted since', { boot_id: 'boot-1' }],
    ['that ended in order', { released: 'then' }],
    ['that does not know its start', { process_start: undefined }],
  ])('of an owner %s is taken over at once', async (_, owner) => {
    await leaveOwner(owner);
    await acquire();
    expect(await readOwner()).toMatchObject({ pid: 10 });
  });

  test('of another machine is respected while it is fresh, and the wait is named', async () => {
    await leaveOwner({ host: 'there', boot_id: 'boot-9' });
    await expect(acquire()).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_IN_USE',
      message: expect.stringMatching(
        /process 7 on host there since then; stop it there; .* works 15 s after its last sign/,
      ) as string,
      details: { host: 'there', pid: 7, stale_after_ms: 15_000 },
    });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(join(directory, 'owner.lock'), longAgo, longAgo);
    expect((await acquire()).previousRun).toBe('rebooted');
  });

  test('is done without where there is no room for it', async () => {
    vi.spyOn(lockfile, 'lock').mockRejectedValueOnce(fileError('ENOSPC', 'mkdir', 'owner.lock'));
    const told: string[] = [];
    const log = { ...silentLog, warn: (_: unknown, message: string) => void told.push(message) };
    const lock = await acquire({ log });
    expect(told).toEqual(['no room for owner.lock; the kernel keeps its own']);
    await expect(acquire()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
    await lock.release('clean');
    expect((await acquire()).previousRun).toBe('clean');
  });

  test('that cannot be made for another reason is told, and nothing stays locked', async () => {
    const path = join(directory, 'owner.lock');
    await writeFile(path, 'a file, and old');
    await utimes(path, 0, 0);
    await expect(acquire()).rejects.toMatchObject({ code: 'ENOTDIR', path });
    await realFiles.remove(path);
    await acquire();
  });

  test('that another machine takes while it is being taken over is respected', async () => {
    for (const [code, refusal] of [
      ['ELOCKED', { code: 'DATA_DIRECTORY_IN_USE', details: { directory } }],
      ['EIO', { code: 'EIO' }],
    ] as const) {
      const lock = vi.spyOn(lockfile, 'lock');
      lock.mockRejectedValueOnce(fileError('ELOCKED', 'mkdir', 'owner.lock'));
      lock.mockRejectedValueOnce(fileError(code, 'mkdir', 'owner.lock'));
      await expect(acquire()).rejects.toMatchObject(refusal);
    }
    await acquire();
  });

  test('whose loss is noticed only after the release is nobody’s concern', async () => {
    const lock = vi.spyOn(lockfile, 'lock');
    const told: string[] = [];
    const log = { ...silentLog, error: (_: unknown, message: string) => void told.push(message) };
    const owner = await acquire({ log });
    await owner.release('clean');
    lock.mock.calls[0]?.[1]?.onCompromised?.(new Error('late'));
    expect(told).toEqual([]);
  });

  test('that is taken away is told, and what stands there then is left alone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const told = Promise.withResolvers<string>();
    const log = { ...silentLog, error: (_: unknown, message: string) => told.resolve(message) };
    const lock = await acquire({ log });
    const path = join(directory, 'owner.lock');
    await rmdir(path);
    vi.advanceTimersByTime(OWNER_LOCK_REFRESH_MS);
    expect(await told.promise).toBe('owner.lock was taken from this process');
    await mkdir(path);
    await lock.release('clean');
    expect(await readdir(directory)).toContain('owner.lock');
    expect(await readOwner()).toHaveProperty('released');
  });

  test('is kept fresh by a timer that the release stops', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const lock = await acquire();
    expect(vi.getTimerCount()).toBe(1);
    await lock.release('clean');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('on a disk that', () => {
  test('is full, the directory is owned all the same, and the next start takes most care', async () => {
    await (await acquire()).release('clean');
    const files = new FaultyFiles(realFiles, {
      kind: 'ENOSPC',
      at: 1,
      lasts: true,
      only: isCreate,
    });
    const lock = await acquire({ files });
    expect(lock.previousRun).toBe('clean');
    expect(await readdir(directory)).not.toContain('owner.json');
    await lock.release('clean');
    expect((await acquire()).previousRun).toBe('same-boot');
  });

  test('fails keeps nothing locked', async () => {
    const files = new FaultyFiles(realFiles, { kind: 'EIO', at: 1, lasts: true, only: isCreate });
    await expect(acquire({ files })).rejects.toMatchObject({ code: 'EIO' });
    expect(await readdir(directory)).not.toContain('owner.lock');
    await acquire();
  });

  test('fails at the release frees the directory all the same', async () => {
    const files = new FaultyFiles(realFiles);
    const lock = await acquire({ files });
    files.setFault({ kind: 'EIO', at: 1, lasts: true, only: isCreate });
    await expect(lock.release('clean')).rejects.toMatchObject({ code: 'EIO' });
    // Nor does another machine see an owner that goes on living.
    expect(await readdir(directory)).not.toContain('owner.lock');
    expect((await acquire()).previousRun).toBe('same-boot');
  });
});

describe('between processes', () => {
  test('after kill -9 the next start works at once', async () => {
    const owner = startOwner();
    expect(await owner.line()).toEqual({ previousRun: 'none' });
    await owner.end('SIGKILL');
    const next = startOwner();
    expect(await next.line()).toEqual({ previousRun: 'same-boot' });
    await next.line();
    next.process.stdin?.write('\n');
    expect(await next.exit).toBe(0);
    const last = startOwner();
    expect(await last.line()).toEqual({ previousRun: 'clean' });
  });

  test('while the owner is stopped, a second start is refused at once', async () => {
    const owner = startOwner();
    await owner.line();
    owner.process.kill('SIGSTOP');
    expect(await startOwner().line()).toMatchObject({
      code: 'DATA_DIRECTORY_IN_USE',
      details: { pid: owner.process.pid },
    });
    owner.process.kill('SIGCONT');
  });

  test('the lock holds after its owner has read, listed and synced everything else', async () => {
    const owner = startOwner();
    await owner.line();
    expect(await owner.line()).toEqual({ read: expect.any(Number) as number });
    expect(await startOwner().line()).toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
    expect(await startOwner().line()).toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
  });
});

function isCreate({ name }: { readonly name: string }): boolean {
  return name === 'create';
}

const OWNER_PROCESS = fileURLToPath(new URL('../support/owner-process.ts', import.meta.url));

interface OwnerProcess {
  readonly process: ChildProcess;
  readonly exit: Promise<number | null>;
  /** What it says next. */
  line(): Promise<unknown>;
  end(signal: NodeJS.Signals): Promise<void>;
}

function startOwner(): OwnerProcess {
  const child = spawn(process.execPath, [OWNER_PROCESS, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exit;
  };
  onTestFinished(() => end('SIGKILL'));
  return {
    process: child,
    exit,
    end,
    line: async () => JSON.parse(String((await lines.next()).value)) as unknown,
  };
}
