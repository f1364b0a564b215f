import { expect, test } from 'vitest';
import { cliWorld, runIn } from '../support/cli-world.ts';

test('the help says what is read, what a repair does, and every exit code', async () => {
  const { code, out } = await runIn(cliWorld(), ['doctor', '--help']);
  expect(code).toBe(0);
  for (const word of ['./data', '--repair', '--json', 'set-aside-1', 'changes nothing without']) {
    expect(out).toContain(word);
  }
  expect(out).toMatch(/0 nothing is damaged, 1 .*\n?.* 2 wrong usage,\n?\s*3 a server owns/s);
});

test('wrong usage is told', async () => {
  expect((await runIn(cliWorld(), ['doctor', 'a', 'b'])).code).toBe(2);
  expect((await runIn(cliWorld(), ['doctor', '--mend'])).code).toBe(2);
});
