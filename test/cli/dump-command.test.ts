import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cliWorld, runIn } from '../support/cli-world.ts';
import { storedValues } from '../support/stored-records.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

it('hands its options on', async () => {
  const path = join(await temporaryDirectory(), 'a.log');
  await writeFile(path, storedValues(['x'.repeat(100)]));
  const printed = async (...options: string[]) =>
    (await runIn(cliWorld(), ['dump', path, ...options])).out;
  expect(await printed()).toContain('... (100 bytes)');
  expect(await printed('--values')).toContain('x'.repeat(100));
  expect(await printed('--batches')).not.toContain('x');
  expect(JSON.parse(await printed('--json', '-b'))).toHaveProperty('batch');
});

it('needs a file', async () => {
  const ran = await runIn(cliWorld(), 'dump');
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err).toContain("missing required argument 'file'");
});
