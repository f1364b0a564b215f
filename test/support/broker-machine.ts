/**
 * The machine under a simulated broker: a disk that loses its power, fills up and fails as a life's
 * plan has it, a clock for each life, and SQLite's files in memory, whose promises are their own.
 * What hangs never returns: that is the moment of a kill or of a power cut.
 */
import { DatabaseSync } from 'node:sqlite';
import { LocalBroker } from '../../src/broker/local/local-broker.ts';
import { silentLog } from '../../src/model/log.ts';
import { Catalogue } from '../../src/storage/catalogue.ts';
import type { Files } from '../../src/storage/files.ts';
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import { FaultyFiles } from './faulty-files.ts';
import type { Fault, FileCall } from './faulty-files.ts';
import { ManualClock } from './manual-clock.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedFiles } from './simulated-files.ts';

export type LifeEnd = 'stop' | 'kill' | 'power cut' | 'stop, then power cut';

export interface Trouble {
  /** The call at which everything stands still; none: the life comes to its end. */
  readonly hangAt?: number | undefined;
  /** Of the syncs of segments: there the most is at stake. Default: of all calls. */
  readonly hangsAtSync?: boolean;
  readonly fault?: Pick<Fault, 'kind' | 'at' | 'lasts'> | undefined;
}

/** What happened to the disk, over all lives. */
export interface MachineCounts {
  crashes: number;
  powerCuts: number;
  injectedErrors: number;
  fullDisks: number;
}

const HOST = {
  hostName: 'simulated',
  bootId: 'boot',
  pid: 1,
  processStart: '1',
  isAlive: async () => false,
};

export class BrokerMachine {
  readonly counts: MachineCounts = { crashes: 0, powerCuts: 0, injectedErrors: 0, fullDisks: 0 };
  clock = new ManualClock();
  /** Whether a call hangs: then the life is over. */
  isHanging = false;
  readonly #wrap: (files: Files) => Files;
  readonly #database = new DatabaseSync(':memory:');
  /** It remembers nothing but what is in the database, and to open it takes a while. */
  readonly #catalogue = Catalogue.open(this.#database, 'x'.repeat(22));
  readonly #random: SeededRandom;
  #disk: SimulatedFiles;
  #previousRun: PreviousRun = 'none';
  #faulty: FaultyFiles | undefined;
  #hanging: Promise<void> = Promise.resolve();
  /** The file system could not store a name, and changes nothing until it is mounted anew. */
  #hasStopped = false;

  /** `wrap`: something that stands in front of the disk, for instance to leave syncs out. */
  constructor(seed: number, wrap: (files: Files) => Files = (files) => files) {
    this.#disk = new SimulatedFiles({ seed });
    this.#random = new SeededRandom(seed);
    this.#wrap = wrap;
  }

  get injectedErrors(): number {
    return this.#faulty?.spoiledCount ?? 0;
  }

  /** Rejects like the broker; undefined when it hangs before it serves. */
  async start({ hangAt, hangsAtSync = false, fault }: Trouble): Promise<LocalBroker | undefined> {
    const disk = this.#disk;
    const only = (): boolean => this.#hasStopped;
    const stopping: Fault = { kind: 'EROFS', at: 1, lasts: true, only };
    const hung = new FaultyFiles(
      fault === undefined ? disk : new FaultyFiles(disk, stopping),
      hangAt === undefined
        ? undefined
        : { kind: 'hang', at: hangAt, only: (call) => !hangsAtSync || isSegmentSync(call) },
    );
    this.isHanging = false;
    this.#faulty = new FaultyFiles(hung, fault && { ...fault, onFault: this.#losing(fault) });
    this.clock = new ManualClock(this.clock.wallMs());
    this.#hanging = this.#watch(hung.hanging);
    const previousRun = this.#previousRun;
    this.#previousRun = 'same-boot';
    const release = async (ending: 'clean' | 'unclean'): Promise<void> => {
      if (ending === 'clean') this.#previousRun = 'clean';
    };
    const opening = LocalBroker.open({
      directory: '/data',
      files: this.#wrap(this.#faulty),
      clock: this.clock,
      log: silentLog,
      host: HOST,
      randomBytes: (count) => this.#random.bytes(count),
      settings: { autoCreateTopics: true, defaultPartitions: 1 },
      kept: { owner: { previousRun, release }, catalogue: this.#catalogue },
    });
    return this.unlessHanging(opening);
  }

  /** What is left of a life that has ended may still come to a call that hangs. */
  async #watch(hanging: Promise<void>): Promise<void> {
    const life = this.clock;
    await hanging;
    if (this.clock === life) this.isHanging = true;
  }

  /** Undefined when a call hangs first. */
  async unlessHanging<T>(promise: Promise<T>): Promise<T | undefined> {
    return (await Promise.race([promise, this.#hanging])) ?? undefined;
  }

  /** The disk as the next process finds it. */
  end(end: LifeEnd): void {
    this.counts.injectedErrors += this.injectedErrors;
    if (!end.startsWith('stop')) this.counts.crashes += 1;
    if (this.#hasStopped) {
      this.#hasStopped = false;
      // Mounted anew in the same boot; how this run ended could not be noted.
      this.#disk = this.#disk.crash();
      this.#previousRun = 'same-boot';
    } else if (end.endsWith('power cut')) {
      this.counts.powerCuts += 1;
      this.#disk = this.#disk.crash();
      if (this.#previousRun !== 'clean') this.#previousRun = 'rebooted';
    } else {
      this.#disk = this.#disk.kill();
    }
  }

  /**
   * A failed sync as Linux has it: what it was to store counts as clean, and is lost. For names that
   * is harder than what file systems do, which stop then; where nothing makes the names anew, this
   * one does as they do.
   */
  #losing({ kind }: Pick<Fault, 'kind'>): (call: FileCall) => void {
    const disk = this.#disk;
    return ({ name, path }) => {
      // Without a descriptor nothing was begun.
      if (kind === 'EMFILE' || !name.startsWith('sync')) return;
      disk.loseUnsynced(path);
      this.#hasStopped ||= name === 'syncDir' && FIRST_DIRECTORIES.includes(path);
    };
  }

  fillDisk(roomBytes: number): void {
    this.counts.fullDisks += 1;
    this.#disk.capacityBytes = this.#disk.usedBytes + roomBytes;
  }

  freeDisk(): void {
    this.#disk.capacityBytes = Infinity;
  }

  close(): void {
    this.#database.close();
  }
}

function isSegmentSync({ name, path }: FileCall): boolean {
  return name === 'sync' && path.endsWith('.log');
}

/** Made at the first start; nothing here makes them anew. */
const FIRST_DIRECTORIES: readonly string[] = ['/', '/data', '/data/groups'];
