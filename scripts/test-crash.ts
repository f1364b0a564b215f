/**
 * `npm run test:crash`: the crash tier, whole, or the simulated broker from given seeds on, which
 * repeats a failure exactly. What it does not know goes to vitest.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `Usage: npm run test:crash -- [--seed N] [--runs N] [vitest's own arguments]

Without --seed and --runs the whole crash tier runs: minutes of crashes, power cuts and failing disks.

  --seed N   only the simulated broker, from this seed on; seeds from 1000000 on are longer runs
  --runs N   how many seeds (default 1); without --seed they begin at 1
  --help     this text

A seed always gives the same run: what a failure names repeats it exactly.
`;

const SIMULATION = 'test/crash/broker-simulation.test.ts';
const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { values, tokens } = parseArgs({
  args: process.argv.slice(2),
  options: { seed: { type: 'string' }, runs: { type: 'string' }, help: { type: 'boolean' } },
  strict: false,
  tokens: true,
});
if (values['help'] === true) {
  process.stdout.write(HELP);
} else {
  const seed = countOf('seed', values['seed'], 0);
  const runs = countOf('runs', values['runs'], 1);
  if (process.exitCode === undefined) start(seed, runs);
}

/** Undefined when it was not given; a bad one ends the program. */
function countOf(name: string, given: unknown, least: number): number | undefined {
  if (given === undefined) return undefined;
  const count = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : -1;
  if (count >= least) return count;
  const found = given === true ? 'nothing' : JSON.stringify(given);
  process.stderr.write(
    `--${name} must be a whole number from ${least} to 999999999, not ${found}\n`,
  );
  process.exitCode = 2;
  return undefined;
}

function start(seed: number | undefined, runs: number | undefined): void {
  const isOnlySeeds = seed !== undefined || runs !== undefined;
  const ours = new Set(tokens.flatMap((token) => ownArguments(token)));
  const others = process.argv.slice(2).filter((_, index) => !ours.has(index));
  const child = spawn(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      ...['run', '--config', 'test/vitest.config.ts', '--mode', 'crash'],
      ...(isOnlySeeds ? [SIMULATION] : []),
      ...others,
    ],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        ...(isOnlySeeds && { CRASH_SEED: String(seed ?? 1), CRASH_RUNS: String(runs ?? 1) }),
      },
    },
  );
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

/** The places of the arguments that are not vitest's. */
function ownArguments(token: NonNullable<typeof tokens>[number]): number[] {
  if (token.kind !== 'option' || !['seed', 'runs'].includes(token.name)) return [];
  return token.inlineValue === false ? [token.index, token.index + 1] : [token.index];
}
