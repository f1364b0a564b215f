/** How the crash tier is started, as far as it can be tried without running it. */
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function testCrash(...args: readonly string[]): Promise<Ended> {
  // Its tests are vitest's children, and must not take this run for theirs.
  const { FORCE_COLOR: _, ...rest } = process.env;
  const own = Object.entries(rest).filter(([name]) => !name.startsWith('VITEST'));
  const env = { ...Object.fromEntries(own), NO_COLOR: '1' };
  return new Promise((resolve) => {
    const all = ['scripts/test-crash.ts', ...args];
    execFile(process.execPath, all, { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

test('--help says what there is', async () => {
  const { code, stdout } = await testCrash('--help');
  expect(code).toBe(0);
  for (const flag of ['--seed', '--runs', '--help']) expect(stdout).toContain(flag);
});

test.each([
  [['--seed', 'x'], '--seed must be a whole number from 0 to 999999999, not "x"'],
  [['--seed'], '--seed must be a whole number from 0 to 999999999, not nothing'],
  [['--seed', '--runs', '3'], '--seed must be a whole number from 0 to 999999999, not "--runs"'],
  [['--seed=1.5'], '--seed must be a whole number from 0 to 999999999, not "1.5"'],
  [['--runs', '0'], '--runs must be a whole number from 1 to 999999999, not "0"'],
  [['--runs=-1'], '--runs must be a whole number from 1 to 999999999, not "-1"'],
])('%j is refused in one line', async (args, message) => {
  expect(await testCrash(...args)).toEqual({ code: 2, stdout: '', stderr: `${message}\n` });
});

test('a seed runs the simulated broker from there on, and what else is said goes to vitest', async () => {
  const { code, stdout } = await testCrash('--seed', '7', '--reporter=verbose', '--runs=3');
  expect(code).toBe(0);
  expect(stdout).toMatch(/broker-simulation\.test\.ts .*from seed 7 on, in 3 runs/);
  expect(stdout).toMatch(/Tests +1 passed/);
});

test('without a seed the tier is narrowed by what vitest is told alone', async () => {
  expect(await testCrash('no-such-test')).toMatchObject({ code: 1 });
  const { code, stdout } = await testCrash('no-such-test', '--passWithNoTests');
  expect(code).toBe(0);
  expect(stdout).toContain('No test files found');
});
