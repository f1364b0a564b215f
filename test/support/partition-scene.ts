/**
 * One partition over several runs of its server, with what the catalogue would know of it, and all
 * that it owes. Its steps behave as a server does: what is refused or fails is noted, and the run
 * goes on; a partition that cannot be opened ends the run (`isDiskError`).
 */
import { crc32c } from '../../src/codec/crc32c.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { isDiskError } from '../../src/storage/disk-errors.ts';
import type { Files } from '../../src/storage/files.ts';
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { LogOracle } from './log-oracle.ts';
import { ManualClock } from './manual-clock.ts';
import {
  appendTexts,
  contentOf,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  readAll,
} from './partition-fixture.ts';
import { SimulatedFiles } from './simulated-files.ts';

export type Config = { readonly [name: string]: string };

export class PartitionScene {
  readonly clock = new ManualClock();
  readonly #config: Config;
  disk: SimulatedFiles;
  /** What stands between the log and the disk in this run. */
  files: Files;
  /** How the last run ended, as the next one is told. */
  previousRun: PreviousRun = 'clean';
  #oracle = new LogOracle();
  #isThere = false;
  #log: PartitionLog | undefined;
  /** Of the last run that came so far. */
  #lastLog: PartitionLog | undefined;
  #mayForget = false;
  /** Counts the runs: a step of an old one must not go on in the next. */
  #run = 0;
  #written = 0;

  constructor(seed: number, config: Config = {}) {
    this.disk = new SimulatedFiles({ seed });
    this.files = this.disk;
    this.#config = config;
  }

  get log(): PartitionLog {
    if (this.#log === undefined) throw new Error('the partition is not open');
    return this.#log;
  }

  get owedCount(): number {
    return this.#oracle.owedCount;
  }

  /** Whole, or it takes itself back; if that fails too, the next start does it. */
  async create(): Promise<void> {
    this.#forget();
    const { files } = this;
    try {
      this.#log = await createLog(files, this.#fixture());
      this.#isThere = true;
    } catch (error) {
      await takeAway(files).catch((second: unknown) => rethrowUnless(isDiskError, second));
      throw error;
    }
  }

  async open(): Promise<void> {
    this.#forget();
    this.#log = await openLog(this.files, this.#fixture());
  }

  /** Two requests of one record at a time. */
  async write(requests: number, bytes = 40): Promise<void> {
    for (let at = 0; at < requests; at += 2) {
      const pair = at + 1 < requests ? [0, 1] : [0];
      await this.#inThisRun(Promise.all(pair.map(() => this.#writeOne(bytes))));
    }
  }

  /** Reads from every third offset, by offset and by time. */
  async read(): Promise<void> {
    const { log } = this;
    for (let offset = log.logStartOffset; offset < log.highWatermark; offset += 3) {
      try {
        const bytes = await this.#inThisRun(log.read(offset, 150));
        await this.#oracle.saw(bytes);
        await log.offsetForTimestamp(offset);
      } catch (error) {
        rethrowUnless(isRefusal, error);
      }
    }
  }

  /** A minute later. */
  async housekeep(): Promise<void> {
    this.clock.advance(60_000);
    this.#oracle.deleteBegan(this.log.highWatermark);
    try {
      await this.#inThisRun(this.log.housekeep({ clockIsSteady: true }));
      this.#oracle.deleted(this.log.logStartOffset);
    } catch (error) {
      rethrowUnless(isDiskError, error);
    }
  }

  async deleteRecords(beforeOffset: number): Promise<void> {
    const before = beforeOffset === -1 ? this.log.highWatermark : beforeOffset;
    this.#oracle.deleteBegan(before);
    try {
      this.#oracle.deleted(await this.#inThisRun(this.log.deleteRecords(before)));
    } catch (error) {
      rethrowUnless(isRefusal, error);
    }
  }

  /** As a server stops: in order only if every file and marker is where it belongs. */
  async close(): Promise<void> {
    const { log } = this;
    await this.#inThisRun(log.close());
    // A server says so for an offline one too; here its own marker has to tell it.
    this.previousRun = log.state === 'read-only' ? 'same-boot' : 'clean';
  }

  /** Its topic is deleted while somebody still writes. From here on nothing is owed. */
  async remove(): Promise<void> {
    const writing = this.write(2);
    this.#isThere = false;
    this.#oracle = new LogOracle();
    await this.log.discard();
    await writing;
    await takeAway(this.files);
  }

  /** SIGKILL: what was written is seen by the next run, and is not durable by that. */
  kill(): void {
    this.#end('same-boot');
    this.disk = this.disk.kill();
    this.files = this.disk;
  }

  /** What was not synced is lost, torn or reordered, as the seed has it. */
  cutPower(): void {
    this.#mayForget = true;
    this.#end('rebooted');
    this.disk = this.disk.crash();
    this.files = this.disk;
  }

  /** Ends a run that may have stopped in order. */
  goOn(): void {
    const { previousRun } = this;
    this.kill();
    this.previousRun = previousRun;
  }

  /** The next start: what is half made or half gone is removed, and made anew. */
  async restart(): Promise<void> {
    if (this.#isThere) {
      await this.open();
      return;
    }
    await takeAway(this.files);
    await this.create();
  }

  /** Only the weaker mode owes less after a power cut. Not before: an answer on its way was heard. */
  #forget(): void {
    if (this.#mayForget) this.#oracle.forgive(this.#lastLog?.durableOffset ?? 0);
    this.#mayForget = false;
  }

  /** Holds what is open now against what is owed. */
  faults(): Promise<readonly string[]> {
    return this.#oracle.faultsOf(this.log);
  }

  /** All that readers are shown, and what was kept aside. */
  async shown(): Promise<string> {
    const { state, logStartOffset, highWatermark } = this.log;
    const bytes = crc32c(await readAll(this.log));
    const torn = await this.#filesNamed('.torn');
    return JSON.stringify({ state, logStartOffset, highWatermark, bytes, torn });
  }

  /** Every segment and all that was kept aside, byte for byte. */
  async stored(): Promise<string> {
    return JSON.stringify([await this.#filesNamed('.log'), await this.#filesNamed('.torn')]);
  }

  async #writeOne(bytes: number): Promise<void> {
    this.#written += 1;
    const text = `record ${this.#written} `.padEnd(bytes, '.');
    const oracle = this.#oracle;
    oracle.began([text]);
    try {
      // An answer on its way when the power goes is still heard.
      const { baseOffset } = await appendTexts(this.log, text);
      oracle.acknowledged(baseOffset, [text]);
    } catch (error) {
      rethrowUnless(isRefusal, error);
      const { written } = error as MillraceError;
      if (written === 'no') oracle.refused([text]);
      else if (written !== 'unknown') throw error;
    }
  }

  /** What an old run had from memory is nothing that anybody saw. */
  async #inThisRun<T>(step: T | Promise<T>): Promise<T> {
    const run = this.#run;
    const result = await step;
    return run === this.#run ? result : new Promise<never>(() => undefined);
  }

  #end(previousRun: PreviousRun): void {
    this.#run += 1;
    this.#lastLog = this.#log ?? this.#lastLog;
    this.#log = undefined;
    this.previousRun = previousRun;
  }

  async #filesNamed(suffix: string): Promise<readonly string[]> {
    const names = (await namesIn(this.disk)).filter((name) => name.endsWith(suffix));
    const facts = names.map(async (name) => {
      const content = await contentOf(this.disk, `${DIRECTORY}/${name}`);
      return `${name} ${content.length} ${crc32c(content)}`;
    });
    return Promise.all(facts);
  }

  #fixture() {
    const { clock, previousRun } = this;
    // Until it stops in order.
    this.previousRun = 'same-boot';
    return { config: this.#config, clock, previousRun };
  }
}

async function takeAway(files: Files): Promise<void> {
  await files.removeDir(DIRECTORY);
  await files.syncDir('/');
}

function isRefusal(error: unknown): boolean {
  return error instanceof MillraceError;
}

function rethrowUnless(isExpected: (error: unknown) => boolean, error: unknown): void {
  if (!isExpected(error)) throw error;
}
