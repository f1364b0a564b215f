import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { readDescriptorLimit } from '../../src/storage/descriptor-limit.ts';
import { realFiles } from '../../src/storage/real-files.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

async function limitIn(text: string): Promise<number | undefined> {
  const files = new SimulatedFiles({ seed: 1 });
  await files.makeDir('/proc/self');
  const file = await files.open('/proc/self/limits', 'create');
  await file.write([Buffer.from(text)], 0);
  return readDescriptorLimit(files);
}

test('it is the soft one of the kernel’s table', async () => {
  const table = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max processes             unlimited            unlimited            processes ',
    'Max open files            1024                 524288               files     ',
    'Max locked memory         8388608              8388608              bytes     ',
  ];
  expect(await limitIn(`${table.join('\n')}\n`)).toBe(1_024);
});

test('it is unknown where the system does not tell, or there is none', async () => {
  expect(await readDescriptorLimit(new SimulatedFiles({ seed: 1 }))).toBeUndefined();
  expect(await limitIn('Max open files            unlimited            unlimited   files\n')).toBe(
    undefined,
  );
});

test('it is what Node has made of the limit of the shell', async () => {
  const own = await readDescriptorLimit(realFiles);
  if (own === undefined) return; // A system that does not tell.
  const program = `import { readDescriptorLimit } from './src/storage/descriptor-limit.ts';
    import { realFiles } from './src/storage/real-files.ts';
    console.log(await readDescriptorLimit(realFiles));`;
  const limit = (flags: string): string => {
    const command = `ulimit ${flags}; exec "$0" --input-type=module-typescript -e "$1"`;
    const args = ['-c', command, process.execPath, program];
    return execFileSync('sh', args, { encoding: 'utf8' }).trim();
  };
  expect(limit('-n 100')).toBe('100');
  expect(limit('-S -n 100')).toBe(String(own));
});
