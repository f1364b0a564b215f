/**
 * Runs tests with one place of the source changed, in a process of their own: a test that guards
 * something must fail without it. The place must be there, and once, so that no control can grow
 * stale unseen.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SourceMutation } from './source-mutation.ts';

export interface TestControl extends SourceMutation {
  /** What holds no more. */
  readonly name: string;
  /** The file that must notice it, and the words that its test's name begins with. */
  readonly test: readonly [file: string, name: string];
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = fileURLToPath(new URL('./control-vitest.config.ts', import.meta.url));
const VITEST = `${ROOT}node_modules/vitest/vitest.mjs`;

/** How often the place is there. */
export function placesOf({ file, from }: SourceMutation): number {
  return readFileSync(`${ROOT}${file}`, 'utf8').split(from).length - 1;
}

/** Of the tests asked for, those that ran: "passed", or "failed". */
export function runWith(control: TestControl): Promise<ReadonlyMap<string, string>> {
  const { file, from, to } = control;
  const [path, name] = control.test;
  const env = { ...process.env, SOURCE_MUTATION: JSON.stringify({ file, from, to }) };
  const pattern = name.replaceAll(/[^\w ,]/g, '.');
  const args = [VITEST, 'run', '--config', CONFIG, '--reporter=tap-flat', '-t', pattern, path];
  return new Promise((resolve, reject) => {
    // It ends with 1 where a test failed, which is what is hoped for.
    execFile(process.execPath, args, { env, cwd: ROOT, maxBuffer: 2 ** 26 }, (_, stdout, told) => {
      const lines = stdout.matchAll(/^(not )?ok \d+ - (.*?)(?: # time=.*)?$/gm);
      const ran = [...lines].filter(([line]) => !line.includes('# SKIP'));
      if (ran.length > 0) {
        resolve(new Map(ran.map(([, not, test = '']) => [test, not ? 'failed' : 'passed'])));
      } else {
        reject(new Error(`no test ran: ${stdout}${told}`));
      }
    });
  });
}
