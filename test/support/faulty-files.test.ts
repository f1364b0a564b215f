import { describe, expect, test } from 'vitest';
import { FaultyFiles } from './faulty-files.ts';
import type { Fault } from './faulty-files.ts';
import { describeFilesContract } from './files-contract.ts';
import { SimulatedFiles } from './simulated-files.ts';

describeFilesContract('a FaultyFiles without a fault', () =>
  Promise.resolve({ files: new FaultyFiles(new SimulatedFiles({ seed: 1 })), directory: '/' }),
);

function faulty(fault?: Fault): { files: FaultyFiles; disk: SimulatedFiles } {
  const disk = new SimulatedFiles({ seed: 1 });
  return { files: new FaultyFiles(disk, fault), disk };
}

async function contentOf(disk: SimulatedFiles, path: string): Promise<string> {
  const file = await disk.open(path, 'read');
  const into = Buffer.alloc(await file.size());
  await file.read(into, 0);
  await file.close();
  return into.toString();
}

/** Eight calls, of which four need room. */
async function run(files: FaultyFiles): Promise<void> {
  await files.makeDir('/d');
  const file = await files.open('/d/a', 'create');
  await file.write([Buffer.from('ab'), Buffer.from('cd')], 0);
  await file.sync();
  await file.size();
  await file.close();
  await files.list('/d');
  await files.remove('/d/a');
}

test('every call is counted and can be recorded', async () => {
  const { files } = faulty();
  const calls = files.record();
  await run(files);
  expect(files.callCount).toBe(8);
  expect(calls.map(({ name }) => name)).toEqual([
    'makeDir',
    'create',
    'write',
    'sync',
    'size',
    'close',
    'list',
    'remove',
  ]);
  expect(calls[2]).toEqual({ name: 'write', path: '/d/a' });
});

test.each([
  ['EIO', 8],
  ['ENOSPC', 4],
  ['EMFILE', 2],
] as const)('%s can be put to each of the %i calls that it could spoil', async (kind, count) => {
  for (let at = 1; at <= count; at += 1) {
    const { files } = faulty({ kind, at });
    await expect(run(files)).rejects.toMatchObject({ code: kind });
    expect(files.spoiledCount).toBe(1);
  }
  const { files } = faulty({ kind, at: count + 1 });
  await run(files);
  expect([files.spoiledCount, files.callCount]).toEqual([0, count]);
});

test('a fault is over after one call, or lasts', async () => {
  for (const lasts of [false, true]) {
    const { files } = faulty({ kind: 'EIO', at: 2, lasts });
    await files.makeDir('/a');
    await expect(files.makeDir('/b')).rejects.toMatchObject({ code: 'EIO', path: '/b' });
    const third = files.makeDir('/c');
    if (lasts) await expect(third).rejects.toMatchObject({ code: 'EIO' });
    else await third;
    files.setFault(undefined);
    await files.makeDir('/d');
  }
});

test('a fault can be narrowed to some calls, and told before it happens', async () => {
  const told: string[] = [];
  const { files } = faulty({
    kind: 'EIO',
    at: 1,
    only: ({ name }) => name === 'sync',
    onFault: ({ name, path }) => told.push(`${name} ${path}`),
  });
  await expect(run(files)).rejects.toMatchObject({ code: 'EIO' });
  expect(told).toEqual(['sync /d/a']);
});

describe('a spoiled write', () => {
  test('that is short has written the first half and says so', async () => {
    const { files, disk } = faulty({ kind: 'short-write', at: 1 });
    const file = await files.open('/a', 'create');
    expect(await file.write([Buffer.from('abc'), Buffer.from('def')], 0)).toBe(3);
    expect(await contentOf(disk, '/a')).toBe('abc');
    expect(await file.write([Buffer.from('def')], 3)).toBe(3);
  });

  test('that fails by EIO has written something all the same', async () => {
    const { files, disk } = faulty({ kind: 'EIO', at: 2 });
    const file = await files.open('/a', 'create');
    await expect(file.write([Buffer.from('abcdef')], 0)).rejects.toMatchObject({ code: 'EIO' });
    expect(await contentOf(disk, '/a')).toBe('abc');
  });
});

test('a spoiled close has closed', async () => {
  const { files, disk } = faulty({ kind: 'EIO', at: 2 });
  const file = await files.open('/a', 'create');
  await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
  expect(disk.openCount).toBe(0);
});

test('a call that hangs never returns, nor does any after it', async () => {
  const { files, disk } = faulty({ kind: 'hang', at: 2 });
  const running = run(files).then(() => 'over');
  await files.hanging;
  const later = files.list('/').then(() => 'over');
  const turn = new Promise((resolve) => setImmediate(resolve, 'still waiting'));
  expect(await Promise.race([running, later, turn])).toBe('still waiting');
  const after = disk.kill();
  expect(await after.list('/')).toEqual([{ name: 'd', kind: 'directory' }]);
  expect(await after.list('/d')).toEqual([]);
});
