/**
 * Lines that a promise hangs on, and what stands there instead in a broker that breaks it. With any
 * one of them changed the simulation must find something; one that is no longer there fails too.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SourceMutation } from './source-mutation.ts';

export interface Control extends SourceMutation {
  /** What the changed broker does. */
  readonly name: string;
}

export const CONTROLS: readonly Control[] = [
  {
    name: 'acknowledging without a sync',
    file: 'src/storage/log-writer.ts',
    from: 'await certainly(`the sync of ${path} failed`, file.sync());\n      });\n      status',
    to: '});\n      status',
  },
  {
    name: 'going on after a failed sync, as if the next one could make it good',
    file: 'src/storage/fence.ts',
    from: '  status.fence(`${messageOf(error)}; restart the server to recover this partition`);',
    to: '  return;',
  },
  {
    name: 'trusting the page cache after a failed sync',
    file: 'src/storage/recovery.ts',
    from: "const rewrite = listing.isFenced || place.previousRun === 'same-boot';",
    to: 'const rewrite = false;',
  },
  {
    name: 'leaving in the log what a failed write has left there',
    file: 'src/storage/append-failure.ts',
    from: '    await file.truncate(bytes);\n',
    to: '',
  },
  {
    name: 'writing a torn tail over without cutting it',
    file: 'src/storage/recovery.ts',
    from: '  await repairTail(place, tail, rewrite);\n',
    to: '',
  },
  {
    name: 'taking every bad tail for damage',
    file: 'src/storage/torn-tail.ts',
    from: 'return proof !== undefined;',
    to: 'return true;',
  },
  {
    name: 'a roll whose new name is not synced',
    file: 'src/storage/roll.ts',
    from: 'await file.close();\n    await syncDirectory(files, directory);',
    to: 'await file.close();',
  },
  {
    name: 'a replaced file whose name is not synced',
    file: 'src/storage/replace-file.ts',
    from: '  await syncDirectory(files, dirname(path));\n',
    to: '',
  },
  {
    name: 'forgetting what a producer sent',
    file: 'src/storage/producer-state.ts',
    from: '    return earlierOf(batch, this.#producers.get(batch.producerId)?.batches)?.baseOffset;',
    to: '    return undefined;',
  },
  {
    name: 'showing the new log start before it is durable',
    file: 'src/storage/log-trimmer.ts',
    from: '    await this.#checkpointer.save({ logStartOffset, dropSegments, apply });',
    to: '    apply();',
  },
  {
    name: 'telling a waiter before its flush is done',
    file: 'src/storage/log-writer.ts',
    from: '    const flushed = this.#flushed;\n    if (flushed === undefined) return;',
    to: '    const flushed = this.#flushed ?? this.#inFlight;\n    if (flushed === undefined) return;',
  },
  {
    name: 'a topic that is shown before its directories are durable',
    file: 'src/storage/data-directory.ts',
    from: '    await this.createPartitions(topicId, 0, partitions);\n    await this.files.syncDir(this.#topicsDirectory);',
    to: '    await this.createPartitions(topicId, 0, partitions);',
  },
  {
    name: 'names on the way to the data directory that nobody syncs',
    file: 'src/storage/data-directory.ts',
    from: "      if (this.previousRun !== 'clean') await syncNames(files, directory);\n",
    to: '',
  },
  {
    name: 'taking commits of an old generation',
    file: 'src/broker/local/member-claims.ts',
    from: 'if (stranger !== undefined || claim.generation === current) return stranger;',
    to: 'return stranger;',
  },
  {
    name: 'ages that count from long before the flush',
    file: 'src/storage/log-writer.ts',
    from: 'const appendMs = clock.wallMs();',
    to: 'const appendMs = clock.wallMs() - 25_000;',
  },
  {
    name: 'sequences that a failed flush leaves behind',
    file: 'src/storage/log-writer.ts',
    from: '    state.producers.rollback(end);\n',
    to: '',
  },
  {
    name: 'offsets that a failed flush leaves behind',
    file: 'src/storage/log-writer.ts',
    from: '    state.logEndOffset = end;\n',
    to: '',
  },
];

const HOOK = new URL('./source-mutation.ts', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./broker-mutants.ts', import.meta.url));

/** The first finding in seeds 1 to `runs` with the line changed, or `none`. */
export async function findingWith(
  { file, from, to }: SourceMutation,
  runs: number,
): Promise<string> {
  const env = { ...process.env, SOURCE_MUTATION: JSON.stringify({ file, from, to }) };
  const args = ['--import', HOOK, PROGRAM, String(runs)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout.trim();
}
