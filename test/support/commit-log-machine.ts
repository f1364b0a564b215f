/**
 * A machine with a simulated disk on which a log of the groups runs again and again: stopped in
 * order, killed, or cut off from its power.
 */
import { DatabaseSync } from 'node:sqlite';
import { CommitLog } from '../../src/broker/local/commit-log.ts';
import type { CommitLogOptions } from '../../src/broker/local/commit-log.ts';
import type { GroupRecord } from '../../src/codec/group-records.ts';
import { Catalogue } from '../../src/storage/catalogue.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import type { Files } from '../../src/storage/files.ts';
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import { commit } from './group-changes.ts';
import { localBrokerOptions } from './local-broker.ts';
import { ManualClock } from './manual-clock.ts';
import { recordingLog } from './partition-fixture.ts';
import { SimulatedFiles } from './simulated-files.ts';

export const GROUPS_DIRECTORY = '/data/groups/0';

type Sizes = Pick<CommitLogOptions, 'bytesMax' | 'segmentBytes'>;

/** So small that a few hundred commits make a snapshot. */
export const SMALL = { bytesMax: 6_000, segmentBytes: 1_500 } satisfies Sizes;

export class CommitLogMachine {
  readonly clock = new ManualClock();
  readonly log = recordingLog();
  disk: SimulatedFiles;
  /** How the last run ended, as the next one is told. */
  previousRun: PreviousRun = 'none';
  readonly #database = new DatabaseSync(':memory:');

  constructor(seed = 1) {
    this.disk = new SimulatedFiles({ seed });
  }

  /** `files`: something that stands in front of the disk. */
  async start(files: Files = this.disk, sizes: Sizes = SMALL): Promise<CommitLog> {
    const { clock, log, previousRun } = this;
    const owner = { previousRun, release: () => Promise.resolve() };
    const catalogue = Catalogue.open(this.#database, 'x'.repeat(22));
    const kept = { owner, catalogue };
    const directory = '/data';
    const place = await DataDirectory.open(
      localBrokerOptions({ directory, files, clock, log, kept }),
    );
    this.previousRun = 'same-boot';
    return CommitLog.open({ place, clock, log, ...sizes });
  }

  async stop(commits: CommitLog): Promise<void> {
    await commits.close();
    this.previousRun = commits.stats().state === 'online' ? 'clean' : 'same-boot';
  }

  /** SIGKILL: what was written is seen by the next run, and is not durable by that. */
  kill(): void {
    this.disk = this.disk.kill();
    this.previousRun = 'same-boot';
  }

  /** What was not synced is lost, torn or reordered, as the seed has it. */
  cutPower(): void {
    this.disk = this.disk.crash();
    this.previousRun = 'rebooted';
  }

  warnings(): string[] {
    return this.log.lines
      .filter(({ level }) => level !== 'info' && level !== 'debug')
      .map(({ message }) => message);
  }
}

/** Commits one after the other to a few partitions: `count` times some 120 bytes. */
export async function churn(commits: CommitLog, count: number, from = 0): Promise<GroupRecord[]> {
  const records = Array.from({ length: count }, (_, at) =>
    commit(from + at, { partition: at % 7 }),
  );
  for (const record of records) await commits.append([record]);
  return records;
}
