/**
 * One life of a partition with one thing going wrong at the n-th call: it fails, once or for ever,
 * or the process or the power ends there; then, if asked for, another end in the middle of the
 * recovery. What is left is opened on a sound disk and held against everything that is owed; once
 * more after a second end, when nothing may have changed; and once more after further writes and a
 * power cut. A failed sync loses what it was to store, as Linux does it.
 */
import { isDiskError } from '../../src/storage/disk-errors.ts';
import type { Files } from '../../src/storage/files.ts';
import { FaultyFiles } from './faulty-files.ts';
import type { Fault, FileCall } from './faulty-files.ts';
import type { PartitionLife } from './partition-lives.ts';
import { PartitionScene } from './partition-scene.ts';

export type End = 'kill' | 'cutPower';

export interface LifeRunOptions {
  readonly seed: number;
  /** `hang`: the process or the power ends there. Default: nothing goes wrong. */
  readonly fault?: Pick<Fault, 'kind' | 'at' | 'lasts'> | undefined;
  /** How the run ends. Default: in order, if it can. With one, it comes soon after the fault. */
  readonly end?: End | undefined;
  /** The recovery that follows ends at its n-th call. */
  readonly recovery?: { readonly at: number; readonly end: End } | undefined;
  /** Stands between the partition and the disk, for instance to leave syncs out. */
  readonly wrap?: ((files: Files) => Files) | undefined;
}

export interface LifeRunOutcome {
  /** Whether there was an n-th call; if not, all of them were tried. */
  readonly isSpoiled: boolean;
  readonly isRecoverySpoiled: boolean;
  readonly faults: readonly string[];
  /** What readers were shown after the recovery, and what it kept aside. */
  readonly shown: string;
  readonly owed: number;
}

export async function lifeRun(
  life: PartitionLife,
  options: LifeRunOptions,
): Promise<LifeRunOutcome> {
  const partition = new PartitionScene(options.seed, life.config);
  const wrap = options.wrap ?? ((files) => files);
  await life.before(partition);
  const isSpoiled = await runWithFault(partition, life, options);
  let isRecoverySpoiled = false;
  if (options.recovery !== undefined) {
    const { at, end } = options.recovery;
    const files = new FaultyFiles(partition.disk, { kind: 'hang', at });
    partition.files = wrap(files);
    const isOver = partition.restart().then(() => true);
    isRecoverySpoiled = (await Promise.race([isOver, files.hanging])) !== true;
    partition[end]();
  }
  const { faults, shown } = await lookBack(partition, wrap);
  return { isSpoiled, isRecoverySpoiled, faults, shown, owed: partition.owedCount };
}

async function runWithFault(
  partition: PartitionScene,
  life: PartitionLife,
  { fault, end, wrap }: LifeRunOptions,
): Promise<boolean> {
  const { disk } = partition;
  const met = Promise.withResolvers<void>();
  const onFault = ({ name, path }: FileCall): void => {
    const isSync = name === 'sync' || name === 'syncDir';
    if (isSync && fault?.kind !== 'hang' && fault?.kind !== 'EMFILE') disk.loseUnsynced(path);
    met.resolve();
  };
  const files = new FaultyFiles(disk, fault && { ...fault, onFault });
  partition.files = wrap?.(files) ?? files;
  const running = life.run(partition).catch((error: unknown) => {
    if (!isDiskError(error)) throw error;
  });
  if (end === undefined) {
    await running;
    partition.goOn();
  } else {
    await Promise.race([running, met.promise.then(() => turns(fault?.at))]);
    partition[end]();
    // Those who had their answer on the way still get to hear it.
    await turns(1);
  }
  return files.spoiledCount > 0;
}

/** Differs, so that the end comes now in the middle of what a fault brings about, now behind it. */
async function turns(at = 1): Promise<void> {
  for (let turn = 0; turn < at % 7; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function lookBack(
  partition: PartitionScene,
  wrap: (files: Files) => Files,
): Promise<{ faults: readonly string[]; shown: string }> {
  const start = async (): Promise<void> => {
    partition.files = wrap(partition.disk);
    await partition.restart();
  };
  await start();
  const shown = await partition.shown();
  const first = await partition.faults();
  if (first.length > 0) return { faults: first.map((each) => `afterwards: ${each}`), shown };
  const stored = await partition.stored();
  for (const end of ['kill', 'cutPower'] as const) {
    partition[end]();
    await start();
    const again = await partition.stored();
    if (again !== stored) {
      return { faults: [`another start after a ${end} changed ${stored} to ${again}`], shown };
    }
  }
  await partition.write(3);
  partition.cutPower();
  await start();
  return { faults: (await partition.faults()).map((each) => `at the end: ${each}`), shown };
}
