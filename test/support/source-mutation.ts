/**
 * Runs a program with one place of the source changed: `node --import` this file, with the change
 * in the environment. Only in that process and in memory; a place that is not there, or not once,
 * ends it, so that no change can grow stale unseen.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface SourceMutation {
  /** From the root of the project. */
  readonly file: string;
  /** Exactly as it stands there, once. */
  readonly from: string;
  readonly to: string;
}

const given = process.env['SOURCE_MUTATION'];
if (given !== undefined) mutate(JSON.parse(given) as SourceMutation);

function mutate({ file, from, to }: SourceMutation): void {
  const changed = new URL(`../../${file}`, import.meta.url);
  const text = readFileSync(fileURLToPath(changed), 'utf8');
  const [before = '', after, ...more] = text.split(from);
  if (after === undefined || more.length > 0) {
    throw new Error(`${file} does not hold once: ${from}`);
  }
  registerHooks({
    load: (url, context, next) =>
      url === changed.href
        ? { format: 'module-typescript', source: before + to + after, shortCircuit: true }
        : next(url, context),
  });
}
