/**
 * The sync of a directory's own name fails when the first start makes it. What file systems do then
 * is assumed, and said in README.md of the storage engine: they stop, and change nothing until they
 * are mounted anew; nothing was acknowledged on names that are gone by then.
 */
import { expect, test } from 'vitest';
import type { LocalBroker } from '../../src/broker/local/local-broker.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import type { FileCall } from '../support/faulty-files.ts';
import { SimulatedMachine } from '../support/simulated-machine.ts';
import { Scene } from './scene.ts';

const DIRECTORIES = ['/', '/data', '/data/topics', '/data/groups'] as const;
const SEEDS = Array.from({ length: 12 }, (_, n) => n + 1);

type Kind = 'stops' | 'goes on';

/** A machine on which each sync of this directory's names fails, once, and loses them. */
class Story {
  readonly machine: SimulatedMachine;
  readonly acknowledged: string[] = [];
  committed: number | undefined;
  #hasStopped = false;
  #hasFailed = false;

  constructor(seed: number) {
    this.machine = new SimulatedMachine(seed);
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** What stands in front of the disk, from one mount to the next. */
  files(kind: Kind, directory: string): FaultyFiles {
    const { disk } = this.machine;
    const stopping = new FaultyFiles(disk, {
      kind: 'EROFS',
      at: 1,
      lasts: true,
      only: () => this.#hasStopped,
    });
    const isIt = ({ name, path }: FileCall): boolean => name === 'syncDir' && path === directory;
    const only = (call: FileCall): boolean => !this.#hasFailed && isIt(call);
    const onFault = (): void => {
      disk.loseUnsynced(directory);
      this.#hasFailed = true;
      this.#hasStopped = kind === 'stops';
    };
    return new FaultyFiles(stopping, { kind: 'EIO', at: 1, lasts: true, only, onFault });
  }

  mountAnew(): void {
    this.machine.cutPower();
    this.#hasStopped = false;
  }

  /** Starts and does what a server is for, as far as the disk lets it. */
  async live(files?: FaultyFiles): Promise<'started' | 'refused'> {
    let broker: LocalBroker;
    try {
      broker = await this.machine.start(files);
    } catch {
      return 'refused';
    }
    const value = `${this.acknowledged.length}`;
    const offsets = [{ topic: 't', partition: 0, leaderEpoch: -1, metadata: '' }];
    try {
      await broker.topic('t', { autoCreate: true });
      const { error } = await new Scene(broker, this.machine.clock).produce([value]);
      if (error === undefined) this.acknowledged.push(value);
      const offset = this.acknowledged.length;
      const commit = { group: 'g', memberId: '', generation: -1 };
      await broker.commitOffsets({ ...commit, offsets: offsets.map((at) => ({ ...at, offset })) });
      this.committed = offset;
    } catch {
      // Refused, so nothing is owed.
    }
    return 'started';
  }

  /** What is missing after one more start, in words. */
  async lost(): Promise<string | undefined> {
    const broker = await this.machine.start();
    const values = await new Scene(broker, this.machine.clock).values().catch(String);
    const [commit] = await broker.fetchOffsets('g').catch(() => []);
    if (values.toString() !== this.acknowledged.toString() && this.acknowledged.length > 0) {
      return `records: ${values.toString()} instead of ${this.acknowledged.toString()}`;
    }
    if ((commit?.offset ?? -1) >= (this.committed ?? -1)) return undefined;
    return `commit ${this.committed}`;
  }
}

test.each(DIRECTORIES)(
  'a file system that stops when it cannot store a name in %s takes nothing that was acknowledged',
  async (directory) => {
    for (const seed of SEEDS) {
      const story = new Story(seed);
      const files = story.files('stops', directory);
      await story.live(files);
      expect(story.hasFailed).toBe(true);
      const before = story.acknowledged.length;
      story.machine.kill();
      // The same file system, not mounted anew: no start succeeds on it.
      const again = story.files('stops', directory);
      expect(await story.live(again)).toBe('refused');
      expect(story.acknowledged).toHaveLength(before);
      story.mountAnew();
      expect(await story.lost()).toBeUndefined();
      story.machine.kill();
      expect(await story.live()).toBe('started');
      expect(story.acknowledged).toHaveLength(before + 1);
      story.mountAnew();
      expect(await story.lost()).toBeUndefined();
    }
  },
);

test.each(['/data/topics', '/data/groups'] as const)(
  'one that goes on all the same, as those without a journal may, takes nothing for a name in %s: it is made anew',
  async (directory) => {
    for (const seed of SEEDS) {
      const story = new Story(seed);
      await story.live(story.files('goes on', directory));
      expect(story.hasFailed).toBe(true);
      story.machine.kill();
      await story.live();
      story.mountAnew();
      expect(await story.lost()).toBeUndefined();
    }
  },
);

test.each(['/', '/data'] as const)(
  'one that goes on takes what was acknowledged below a name in %s: this is not promised',
  async (directory) => {
    const lost = new Set<string | undefined>();
    for (const seed of SEEDS) {
      const story = new Story(seed);
      await story.live(story.files('goes on', directory));
      story.machine.kill();
      await story.live();
      story.mountAnew();
      lost.add(await story.lost());
    }
    expect([...lost].filter((each) => each !== undefined).length).toBeGreaterThan(0);
  },
);
