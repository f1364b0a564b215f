import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Files } from '../../src/storage/files.ts';
import { readHostFacts } from '../../src/storage/host.ts';
import { realFiles } from '../../src/storage/real-files.ts';
import { fileError } from '../support/file-error.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

async function withProcFile(path: string, content: string): Promise<SimulatedFiles> {
  const files = new SimulatedFiles({ seed: 1 });
  await files.makeDir('/proc/sys/kernel/random');
  await files.makeDir(`/proc/${process.pid}`);
  const file = await files.open(path, 'create');
  await file.write([Buffer.from(content)], 0);
  return files;
}

test('this process is known by its number and lives', async () => {
  const host = await readHostFacts(realFiles);
  expect(host.pid).toBe(process.pid);
  expect(host.hostName).not.toBe('');
  if (host.processStart === undefined) return; // A system that does not tell.
  expect(await host.isAlive(host.pid, host.processStart)).toBe(true);
  expect(await host.isAlive(host.pid, `${host.processStart}1`)).toBe(false);
});

test('a process that has ended does not live', async () => {
  const host = await readHostFacts(realFiles);
  const ended = spawnSync(process.execPath, ['--version']);
  expect(await host.isAlive(ended.pid, '1')).toBe(false);
});

test('the boot id is read without its line end', async () => {
  const files = await withProcFile('/proc/sys/kernel/random/boot_id', '4e6f-77\n');
  expect((await readHostFacts(files)).bootId).toBe('4e6f-77');
});

test('the start time is found behind a name full of spaces and brackets', async () => {
  const fields = Array.from({ length: 49 }, (_, index) => `f${index + 4}`);
  const stat = `${process.pid} (a) b (c d) S ${fields.join(' ')}\n`;
  const files = await withProcFile(`/proc/${process.pid}/stat`, stat);
  expect((await readHostFacts(files)).processStart).toBe('f22');
});

test('a system without /proc tells neither', async () => {
  const host = await readHostFacts(new SimulatedFiles({ seed: 1 }));
  expect([host.bootId, host.processStart]).toEqual([undefined, undefined]);
});

/** The files of /proc, where this call always fails so. */
async function failing(name: 'open' | 'read', code: string): Promise<Files> {
  const files = await withProcFile(`/proc/${process.pid}/stat`, '1 (a) S');
  await (await files.open('/proc/sys/kernel/random/boot_id', 'create')).close();
  const open: Files['open'] = async (path, mode) => {
    const error = fileError(code, name, path);
    if (name === 'open') throw error;
    const file = await files.open(path, mode);
    return Object.assign(file, { read: () => Promise.reject(error) });
  };
  return { open } as Files;
}

test('what this user may not read is not told', async () => {
  const host = await readHostFacts(await failing('open', 'EACCES'));
  expect([host.bootId, host.processStart]).toEqual([undefined, undefined]);
});

test('a process that ends between the opening and the reading of its file does not live', async () => {
  const host = await readHostFacts(await failing('read', 'ESRCH'));
  expect(await host.isAlive(process.pid, '1000')).toBe(false);
});

test.each(['open', 'read'] as const)(
  'an %s that fails for another reason is told',
  async (name) => {
    await expect(readHostFacts(await failing(name, 'EIO'))).rejects.toMatchObject({ code: 'EIO' });
  },
);
