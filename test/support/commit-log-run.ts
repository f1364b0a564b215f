/**
 * Lives of one log of the groups on the simulated disk: writers change a few keys side by side, so
 * that snapshots and trims fall in between, until a call hangs or fails; then what is left is
 * opened and held against everything that is owed.
 */
import { dirname } from 'node:path';
import type { CommitLog } from '../../src/broker/local/commit-log.ts';
import type { GroupRecord } from '../../src/codec/group-records.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { isDiskError } from '../../src/storage/disk-errors.ts';
import type { Files } from '../../src/storage/files.ts';
import { CommitLogMachine, GROUPS_DIRECTORY, SMALL } from './commit-log-machine.ts';
import { FaultyFiles } from './faulty-files.ts';
import type { Fault, FileCall } from './faulty-files.ts';
import { commit, contentOf, groupMetadata } from './group-changes.ts';
import { GroupOracle } from './group-oracle.ts';
import { SeededRandom } from './seeded-random.ts';

export interface RunOutcome {
  readonly faults: readonly string[];
  /** Whether a call was spoiled, in the recovery if one was to be; if not, all were tried. */
  readonly isSpoiled: boolean;
  readonly acknowledged: number;
  readonly snapshots: number;
}

export type End = 'kill' | 'cutPower';

/** Random lives, each ended at some call, also while it starts. */
export async function crashRun(
  seed: number,
  wrap: (files: Files) => Files = (files) => files,
): Promise<RunOutcome> {
  const run = new CommitLogRun(seed);
  for (let life = 0; life < 4; life += 1) {
    const files = new FaultyFiles(run.machine.disk, {
      kind: 'hang',
      at: run.random.between(1, 400),
    });
    const story = async (): Promise<void> => {
      const commits = await run.machine.start(wrap(files));
      run.compare(commits);
      await run.writeSideBySide(commits, run.random.between(40, 150));
      if (run.random.chance(0.5)) await run.machine.stop(commits);
    };
    const over = await Promise.race([story().then(() => true), files.hanging]);
    run.machine[over !== true && run.random.chance(0.5) ? 'cutPower' : 'kill']();
    if (run.faults.length > 0) break;
  }
  return run.outcome(wrap(run.machine.disk), true);
}

export interface FaultOptions {
  readonly fault: Pick<Fault, 'kind' | 'at' | 'lasts'>;
  readonly end: End;
  /** The start behind that ends at its n-th call, too. */
  readonly recovery?: { readonly at: number; readonly end: End };
}

/**
 * One life with a snapshot in it, on which the fault falls; what the disk lost at a failed sync is
 * lost.
 */
export async function snapshotRun(seed: number, options: FaultOptions): Promise<RunOutcome> {
  const run = new CommitLogRun(seed);
  const { machine } = run;
  const files = new FaultyFiles(machine.disk);
  const past = await machine.start(files, { ...SMALL, bytesMax: 1_000_000 });
  await run.writeSideBySide(past, 40);
  await machine.stop(past);
  const commits = await machine.start(files, { ...SMALL, bytesMax: 1_000 });
  return run.spoiled(files, options, async () => {
    await run.writeSideBySide(commits, 10);
    await commits.idle();
  });
}

/** The first life of all, in which the log is made, and a second one; the fault falls anywhere. */
export async function firstRun(seed: number, options: FaultOptions): Promise<RunOutcome> {
  const run = new CommitLogRun(seed);
  const files = new FaultyFiles(run.machine.disk);
  return run.spoiled(files, options, async () => {
    for (let life = 0; life < 2; life += 1) {
      const commits = await run.machine.start(files);
      await run.writeSideBySide(commits, 8);
      await run.machine.stop(commits);
    }
  });
}

class CommitLogRun {
  readonly machine: CommitLogMachine;
  readonly random: SeededRandom;
  readonly faults: string[] = [];
  readonly #oracle = new GroupOracle();
  #written = 0;

  constructor(seed: number) {
    this.machine = new CommitLogMachine(seed);
    this.random = new SeededRandom(seed);
  }

  async spoiled(
    files: FaultyFiles,
    { fault, end, recovery }: FaultOptions,
    story: () => Promise<void>,
  ): Promise<RunOutcome> {
    const { machine } = this;
    const losesIt = fault.kind === 'EIO' || fault.kind === 'ENOSPC';
    const onFault = ({ name, path }: FileCall): void => {
      if (losesIt && name.startsWith('sync')) machine.disk.loseUnsynced(path);
    };
    // What a failed sync of the names above the log has lost, no later one knows of; the log's own
    // name is taken back then, unless that fails as well.
    const within = fault.lasts === true ? GROUPS_DIRECTORY : dirname(GROUPS_DIRECTORY);
    const isAbove = ({ name, path }: FileCall): boolean =>
      losesIt && name === 'syncDir' && !path.startsWith(within);
    files.setFault({ ...fault, onFault, only: (call) => !isAbove(call) });
    const isOver = story().catch((error: unknown) => {
      if (!(error instanceof MillraceError) && !isDiskError(error)) throw error;
    });
    await Promise.race([isOver, files.hanging]);
    let isSpoiled = files.spoiledCount > 0;
    machine[end]();
    if (recovery !== undefined) {
      const again = new FaultyFiles(machine.disk, { kind: 'hang', at: recovery.at });
      await Promise.race([machine.start(again), again.hanging]);
      isSpoiled = again.spoiledCount > 0;
      machine[recovery.end]();
    }
    return this.outcome(machine.disk, isSpoiled);
  }

  async writeSideBySide(commits: CommitLog, requests: number): Promise<void> {
    const writers = Array.from({ length: 4 }, async () => {
      const random = this.random.fork();
      for (let at = 0; at < requests / 4; at += 1) {
        await this.#write(commits, random);
        if (random.chance(0.1)) await housekeep(commits);
      }
    });
    await Promise.all(writers);
  }

  /** After the faults and the end: what is found, and again after more of it and a power cut. */
  async outcome(files: Files, isSpoiled: boolean): Promise<RunOutcome> {
    for (const again of [true, false]) {
      if (this.faults.length > 0) break;
      const commits = await this.machine.start(again ? files : this.machine.disk);
      this.compare(commits);
      if (again) await this.writeSideBySide(commits, 20);
      if (again) this.machine.cutPower();
    }
    const acknowledged = this.#oracle.acknowledgedCount;
    const shrunk = this.machine.log.lines.filter(({ message }) => message.includes('was shrunk'));
    return { faults: this.faults, isSpoiled, acknowledged, snapshots: shrunk.length };
  }

  compare(commits: CommitLog): void {
    const { state, reason, isComplete } = commits.stats();
    if (state !== 'online' || !isComplete) this.faults.push(`it is ${state}: ${reason}`);
    this.faults.push(...this.#oracle.faultsOf(contentOf(commits.groups())));
  }

  async #write(commits: CommitLog, random: SeededRandom): Promise<void> {
    const records = Array.from({ length: random.between(1, 3) }, () => this.#change(random));
    const request = this.#oracle.began(records);
    try {
      await commits.append(records);
      request.acknowledged();
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      if (error.written === 'no') request.refused();
      else if (error.written !== 'unknown') throw error;
    }
  }

  #change(random: SeededRandom): GroupRecord {
    this.#written += 1;
    const value = random.chance(0.3) ? null : this.#written;
    const group = `g${random.below(4)}`;
    if (random.chance(0.2)) return groupMetadata(value, group);
    return commit(value, { group, topic: `t${random.below(2)}`, partition: random.below(4) });
  }
}

async function housekeep(commits: CommitLog): Promise<void> {
  try {
    await commits.housekeep({ clockIsSteady: true });
  } catch (error) {
    if (!isDiskError(error)) throw error;
  }
}
