/**
 * Lives of one partition on the simulated disk: each writes, reads, rolls and trims until a call
 * hangs where the seed has it, and ends by a power cut or a kill; then what is left is opened
 * (which may be cut off as well) and held against everything it owes.
 */
import { readBatchHeader } from '../../src/codec/batch-header.ts';
import { crc32c } from '../../src/codec/crc32c.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { isDurable } from '../../src/model/topic-config.ts';
import type { Files } from '../../src/storage/files.ts';
import { recordsInput } from '../../src/storage/log-appender.ts';
import type { AppendInput } from '../../src/storage/log-appender.ts';
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { batchesIn, encodedBatch, textRecord } from './batches.ts';
import { FaultyFiles } from './faulty-files.ts';
import { LogOracle } from './log-oracle.ts';
import { ManualClock } from './manual-clock.ts';
import {
  append,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  readAll,
  topicConfig,
} from './partition-fixture.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedFiles } from './simulated-files.ts';

export interface CrashRunOptions {
  readonly seed: number;
  readonly lives?: number;
  /** Default: drawn from the seed among small segments, merging bounds and the weaker mode. */
  readonly config?: { readonly [name: string]: string };
  /** Stands between the log and the disk, for instance to leave syncs out. */
  readonly wrap?: (files: Files) => Files;
}

export interface CrashRunOutcome {
  readonly faults: readonly string[];
  /** Records acknowledged or shown over all lives. */
  readonly owed: number;
  readonly crashes: number;
  readonly powerCuts: number;
}

export async function crashRun(options: CrashRunOptions): Promise<CrashRunOutcome> {
  return new CrashRun(options).run();
}

class CrashRun {
  readonly #options: CrashRunOptions;
  readonly #random: SeededRandom;
  readonly #config: { readonly [name: string]: string };
  readonly #clock = new ManualClock();
  readonly #oracle = new LogOracle();
  #disk: SimulatedFiles;
  #previousRun: PreviousRun = 'clean';
  /** As the last log that was open knew it. */
  #durableOffset = 0;
  #written = 0;
  /** Power cuts among them. */
  #crashes = 0;
  #powerCuts = 0;
  /** What the idempotent producer sent last and does not know the outcome of. */
  #unanswered: string[] | undefined;
  #nextSequence = 0;

  constructor(options: CrashRunOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#config = options.config ?? drawnConfig(this.#random);
    this.#disk = new SimulatedFiles({ seed: options.seed });
  }

  async run(): Promise<CrashRunOutcome> {
    await (await createLog(this.#disk, this.#fixture())).close();
    const lives = this.#options.lives ?? 3;
    let faults: readonly string[] = [];
    for (let life = 0; life < lives && faults.length === 0; life += 1) {
      await this.#live();
      faults = await this.#lookBack();
    }
    const powerCuts = this.#powerCuts;
    return { faults, owed: this.#oracle.owedCount, crashes: this.#crashes - powerCuts, powerCuts };
  }

  #fixture() {
    return { config: this.#config, clock: this.#clock, previousRun: this.#previousRun };
  }

  #files(hangAt: number): { files: Files; hanging: Promise<void> } {
    const faulty = new FaultyFiles(this.#disk, { kind: 'hang', at: hangAt });
    const files = this.#options.wrap?.(faulty) ?? faulty;
    return { files, hanging: faulty.hanging };
  }

  /** Opens, works and crashes; a few lives end in order. */
  async #live(): Promise<void> {
    const { files, hanging } = this.#files(this.#random.between(1, 250));
    const opening = openLog(files, this.#fixture());
    const log = (await Promise.race([opening, hanging])) ?? undefined;
    if (log === undefined) {
      await this.#crash(undefined);
      return;
    }
    const isOver = await Promise.race([this.#work(log).then(() => true), hanging]);
    if (isOver === true && this.#random.chance(0.5)) {
      const isClosed = await Promise.race([log.close().then(() => true), hanging]);
      if (isClosed === true) {
        this.#previousRun = 'clean';
        return;
      }
    }
    await this.#crash(log);
  }

  async #crash(log: PartitionLog | undefined): Promise<void> {
    this.#crashes += 1;
    this.#durableOffset = log?.durableOffset ?? this.#durableOffset;
    if (this.#random.chance(0.5)) {
      this.#disk = this.#disk.kill();
      this.#previousRun = 'same-boot';
      return;
    }
    this.#powerCuts += 1;
    this.#disk = this.#disk.crash();
    this.#previousRun = 'rebooted';
    // Those who had their answer on the way still get to hear it.
    await new Promise((resolve) => setImmediate(resolve));
    this.#oracle.forgive(this.#durableOffset);
  }

  /** Opens what is left, perhaps crashing there a few times more, and looks; then once more. */
  async #lookBack(): Promise<readonly string[]> {
    for (let attempts = this.#random.below(3); attempts > 0; attempts -= 1) {
      const { files, hanging } = this.#files(this.#random.between(1, 40));
      const opening = openLog(files, this.#fixture());
      const opened = (await Promise.race([opening, hanging])) ?? undefined;
      if (opened !== undefined && this.#random.chance(0.7)) continue;
      await this.#crash(opened);
    }
    const wrap = this.#options.wrap ?? ((files: Files) => files);
    const log = await openLog(wrap(this.#disk), this.#fixture());
    const faults = await this.#oracle.faultsOf(log);
    if (faults.length > 0) return faults;
    const before = await this.#everything(log);
    await this.#crash(log);
    const again = await openLog(wrap(this.#disk), this.#fixture());
    const after = await this.#everything(again);
    if (before !== after) return [`a second recovery changed something: ${before} -> ${after}`];
    await again.close();
    this.#previousRun = 'clean';
    return this.#oracle.faultsOf(await openLog(wrap(this.#disk), this.#fixture()));
  }

  async #everything(log: PartitionLog): Promise<string> {
    const names = await namesIn(this.#disk, DIRECTORY);
    const torn = names.filter((name) => name.endsWith('.torn') || name.endsWith('.log'));
    const bytes = await readAll(log);
    return [log.state, log.logStartOffset, log.highWatermark, crc32c(bytes), torn].join();
  }

  /** Writers, a reader and a trimmer side by side. */
  async #work(log: PartitionLog): Promise<void> {
    const writers = Array.from({ length: this.#random.between(1, 4) }, () => this.#write(log));
    const retrier = isDurable(topicConfig(this.#config)) ? [this.#writeOnce(log)] : [];
    await Promise.all([...writers, ...retrier, this.#read(log), this.#trim(log)]);
  }

  /** An idempotent producer, which repeats after a crash what it had no answer for. */
  async #writeOnce(log: PartitionLog): Promise<void> {
    const random = this.#random.fork();
    for (let requests = random.between(2, 10); requests > 0; requests -= 1) {
      this.#unanswered ??= this.#textsOf(random);
      const texts = this.#unanswered;
      this.#oracle.began(texts);
      const records = texts.map((text) => textRecord(text));
      const producer = { producerId: 7, producerEpoch: 0, baseSequence: this.#nextSequence };
      const { baseOffset } = await append(log, recordsInput(records, producer));
      this.#oracle.acknowledged(baseOffset, texts);
      this.#unanswered = undefined;
      this.#nextSequence += texts.length;
    }
  }

  async #write(log: PartitionLog): Promise<void> {
    const random = this.#random.fork();
    for (let requests = random.between(5, 25); requests > 0; requests -= 1) {
      const { texts, input } = this.#request(random);
      this.#oracle.began(texts);
      try {
        const { baseOffset } = await append(log, input);
        this.#oracle.acknowledged(baseOffset, texts);
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error;
        if (error.written === 'no') this.#oracle.refused(texts);
      }
    }
  }

  #textsOf(random: SeededRandom): string[] {
    return Array.from({ length: random.between(1, 4) }, () => {
      this.#written += 1;
      return `record ${this.#written} `.padEnd(random.pick([12, 40]), '.');
    });
  }

  #request(random: SeededRandom): { texts: string[]; input: AppendInput } {
    const texts = this.#textsOf(random).map((text) => text.padEnd(random.pick([12, 200]), '.'));
    const records = texts.map((text) => textRecord(text, { timestamp: this.#written }));
    if (random.chance(0.6)) return { texts, input: recordsInput(records) };
    const batches = records.map((record) => encodedBatch([record]));
    const bytes = Buffer.concat(batches);
    const headers = batchesIn(bytes).map((batch) => readBatchHeader(batch, 0));
    return { texts, input: { kind: 'batches', bytes, batches: headers } };
  }

  async #read(log: PartitionLog): Promise<void> {
    const random = this.#random.fork();
    const life = this.#crashes;
    // What was read lately is in memory: a reader must not go on living after the crash.
    for (let reads = random.between(5, 20); reads > 0 && life === this.#crashes; reads -= 1) {
      const { logStartOffset, highWatermark } = log;
      const offset = random.between(logStartOffset, highWatermark);
      try {
        await this.#oracle.saw(await log.read(offset, random.pick([1, 500, 100_000])));
      } catch (error) {
        const wasTrimmed = error instanceof MillraceError && error.code === 'OFFSET_OUT_OF_RANGE';
        if (!wasTrimmed) throw error;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #trim(log: PartitionLog): Promise<void> {
    const random = this.#random.fork();
    for (let turns = random.between(1, 6); turns > 0; turns -= 1) {
      for (let wait = random.below(60); wait > 0; wait -= 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      this.#clock.advance(random.pick([1, 50, 1_000]));
      await log.housekeep({ clockIsSteady: true });
      if (random.chance(0.4)) {
        const before = random.between(log.logStartOffset, log.highWatermark);
        this.#oracle.deleteBegan(before);
        this.#oracle.deleted(await log.deleteRecords(before));
      }
    }
  }
}

function drawnConfig(random: SeededRandom): { readonly [name: string]: string } {
  return {
    'segment.bytes': random.pick(['600', '2000', '1000000']),
    'segment.ms': random.pick(['604800000', '100']),
    'retention.ms': '-1',
    'max.message.bytes': random.pick(['300', '2000']),
    ...random.pick([{}, {}, { 'flush.messages': '7' }, { 'flush.ms': '20' }]),
  };
}
