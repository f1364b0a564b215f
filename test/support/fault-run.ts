/**
 * One partition on a disk that fails at the n-th call: it has a past (ended by a kill or, for an
 * even seed, a power cut, so that there is a tail to mend), is opened, written, read, rolled, trimmed and closed on the failing
 * disk, then opened on a sound one, then once more after a power cut; each time it is held against
 * everything it owes. A failed sync loses what it was to store, as Linux does it.
 */
import { MillraceError } from '../../src/model/errors.ts';
import { isDiskError } from '../../src/storage/disk-errors.ts';
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { FaultyFiles } from './faulty-files.ts';
import type { Fault } from './faulty-files.ts';
import { LogOracle } from './log-oracle.ts';
import { ManualClock } from './manual-clock.ts';
import { appendTexts, createLog, openLog } from './partition-fixture.ts';
import { SimulatedFiles } from './simulated-files.ts';

export interface FaultRunOptions {
  readonly seed: number;
  readonly fault: Pick<Fault, 'kind' | 'at' | 'lasts'>;
  /** Whether the power goes soon after the first fault. Default: it ends in order, if it can. */
  readonly crashes?: boolean;
  /** Beside small segments, rolled by age too, and little retention. */
  readonly config?: { readonly [name: string]: string };
}

export interface FaultRunOutcome {
  /** Whether any call was spoiled; if not, all of them were tried. */
  readonly isSpoiled: boolean;
  readonly faults: readonly string[];
}

const CONFIG = { 'segment.bytes': '700', 'segment.ms': '50', 'retention.bytes': '3000' };

export async function faultRun(options: FaultRunOptions): Promise<FaultRunOutcome> {
  return new FaultRun(options).run();
}

class FaultRun {
  readonly #options: FaultRunOptions;
  readonly #oracle = new LogOracle();
  readonly #clock = new ManualClock();
  #disk: SimulatedFiles;
  #failing: PartitionLog | undefined;
  #written = 0;

  constructor(options: FaultRunOptions) {
    this.#options = options;
    this.#disk = new SimulatedFiles({ seed: options.seed });
  }

  async run(): Promise<FaultRunOutcome> {
    const past = await createLog(this.#disk, this.#fixture('clean'));
    await this.#write(past, 12);
    const isKilled = this.#options.seed % 2 === 1;
    if (isKilled) this.#disk = this.#disk.kill();
    else this.#powerCut(past);
    const { fault } = this.#options;
    const files = new FaultyFiles(this.#disk, {
      ...fault,
      onFault: ({ name, path }) => {
        // A directory without a descriptor was never synced, which loses nothing.
        const isSync = (name === 'sync' || name === 'syncDir') && fault.kind !== 'EMFILE';
        if (isSync) this.#disk.loseUnsynced(path);
      },
    });
    const isInOrder = await this.#live(files, isKilled ? 'same-boot' : 'rebooted');
    const isSpoiled = files.spoiledCount > 0;
    if (this.#options.crashes === true) {
      this.#powerCut(this.#failing ?? past);
      return { isSpoiled, faults: await this.#lookBack('rebooted') };
    }
    this.#disk = this.#disk.kill();
    return { isSpoiled, faults: await this.#lookBack(isInOrder ? 'clean' : 'same-boot') };
  }

  /** Only the weaker mode owes less then. */
  #powerCut(log: PartitionLog): void {
    this.#oracle.forgive(log.durableOffset);
    this.#disk = this.#disk.crash();
  }

  #fixture(previousRun: PreviousRun) {
    const config = { ...CONFIG, ...this.#options.config };
    return { config, clock: this.#clock, previousRun };
  }

  /** Answers whether it ended in order. */
  async #live(files: FaultyFiles, previousRun: PreviousRun): Promise<boolean> {
    let log: PartitionLog;
    try {
      log = await openLog(files, this.#fixture(previousRun));
    } catch (error) {
      if (!isDiskError(error)) throw error;
      return false;
    }
    const isOver = (): boolean => this.#options.crashes === true && files.spoiledCount > 0;
    this.#failing = log;
    for (let round = 0; round < 3; round += 1) {
      for (let turn = 0; turn < 3; turn += 1) {
        await this.#write(log, 2);
        if (isOver()) return false;
      }
      await this.#read(log);
      this.#clock.advance(60);
      await this.#trim(log, round);
      if (isOver()) return false;
    }
    try {
      await log.close();
      return true;
    } catch (error) {
      if (!isDiskError(error)) throw error;
      return false;
    }
  }

  async #lookBack(previousRun: PreviousRun): Promise<readonly string[]> {
    const log = await openLog(this.#disk, this.#fixture(previousRun));
    const faults = await this.#oracle.faultsOf(log);
    if (faults.length > 0) return faults.map((each) => `after the faults: ${each}`);
    await this.#write(log, 5);
    this.#powerCut(log);
    const last = await openLog(this.#disk, this.#fixture('rebooted'));
    return (await this.#oracle.faultsOf(last)).map((each) => `after the power cut: ${each}`);
  }

  /** Two requests at a time. */
  async #write(log: PartitionLog, requests: number): Promise<void> {
    for (let at = 0; at < requests; at += 2) await Promise.all([this.#one(log), this.#one(log)]);
  }

  async #one(log: PartitionLog): Promise<void> {
    this.#written += 1;
    const text = `record ${this.#written} `.padEnd(40, '.');
    this.#oracle.began([text]);
    try {
      const { baseOffset } = await appendTexts(log, text);
      this.#oracle.acknowledged(baseOffset, [text]);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      if (error.written === 'no') this.#oracle.refused([text]);
      else if (error.written !== 'unknown') throw error;
    }
  }

  async #read(log: PartitionLog): Promise<void> {
    for (let offset = log.logStartOffset; offset < log.highWatermark; offset += 3) {
      try {
        await this.#oracle.saw(await log.read(offset, 150));
        await log.offsetForTimestamp(offset);
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error;
      }
    }
  }

  async #trim(log: PartitionLog, round: number): Promise<void> {
    this.#oracle.deleteBegan(log.highWatermark);
    try {
      await log.housekeep({ clockIsSteady: true });
      this.#oracle.deleted(log.logStartOffset);
    } catch (error) {
      if (!isDiskError(error)) throw error;
    }
    if (round !== 1) return;
    try {
      this.#oracle.deleted(await log.deleteRecords(log.logStartOffset + 3));
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
    }
  }
}
