/**
 * Lines that a promise hangs on, each with what a broker without it would do. For every one the
 * simulation must find something; a line that is no longer there fails too.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SourceMutation } from './source-mutation.ts';

export interface Control extends SourceMutation {
  readonly name: string;
}

export const CONTROLS: readonly Control[] = [
  {
    name: 'acknowledging without a sync',
    file: 'src/storage/log-writer.ts',
    from: 'await certainly(`the sync of ${path} failed`, file.sync());\n      });\n      if',
    to: '});\n      if',
  },
  {
    name: 'going on after a failed sync',
    file: 'src/storage/fence.ts',
    from: '  status.fence(`${messageOf(error)}; restart the server to recover this partition`);',
    to: '  return;',
  },
  {
    name: 'leaving in the log what a failed write has left there',
    file: 'src/storage/append-failure.ts',
    from: '    await file.truncate(bytes);\n    await file.sync();',
    to: '',
  },
  {
    name: 'forgetting what a producer sent',
    file: 'src/storage/producer-state.ts',
    from: '    return earlierOf(batch, this.#producers.get(batch.producerId)?.batches)?.baseOffset;',
    to: '    return undefined;',
  },
];

const HOOK = new URL('./source-mutation.ts', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./broker-mutants.ts', import.meta.url));

/** The first finding with the line changed, or `none`. */
export async function findingWith(
  { file, from, to }: SourceMutation,
  runs: number,
): Promise<string> {
  const env = { ...process.env, SOURCE_MUTATION: JSON.stringify({ file, from, to }) };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--import', HOOK, PROGRAM, '1', String(runs)], {
    env,
  });
  return stdout.trim();
}
