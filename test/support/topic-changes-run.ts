/**
 * A broker makes a topic, gives it partitions, deletes it and makes it anew, with records in
 * between, while its disk fails or everything ends at the n-th call. The next start must find the
 * topic as it was before the change that was cut off or as it was after it, with all that was
 * acknowledged, with nothing of its namesake, and no directory that the catalogue does not know.
 */
import { Scene } from '../contract/scene.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { LocalBroker } from '../../src/broker/local/local-broker.ts';
import type { Files } from '../../src/storage/files.ts';
import { isDiskError } from '../../src/storage/disk-errors.ts';
import { tallyFault } from './campaign-tally.ts';
import { FaultyFiles } from './faulty-files.ts';
import type { Fault } from './faulty-files.ts';
import type { End } from './life-run.ts';
import { SimulatedMachine } from './simulated-machine.ts';

interface TopicChangesRunOptions {
  readonly seed: number;
  readonly fault: Pick<Fault, 'kind' | 'at' | 'lasts'>;
  readonly end: End;
  /** Stands between the broker and the disk, for instance to leave syncs out. */
  readonly wrap?: ((files: Files) => Files) | undefined;
}

/** What topic `t` may be after the next start: absent with 0 partitions. */
interface Possible {
  readonly partitions: number;
  /** Where its records say that they belong to: each making of it has another one. */
  readonly making: number;
}

/** Each call is tried in all ways, or in one, by turns; answers how many there are. */
export async function topicChangesCampaign(
  kind: Fault['kind'],
  { isThorough = false, wrap }: { isThorough?: boolean } & Pick<TopicChangesRunOptions, 'wrap'>,
): Promise<{ readonly calls: number; readonly problem: string | undefined }> {
  for (let at = 1; ; at += 1) {
    for (const way of isThorough ? WAYS : WAYS.slice(at % WAYS.length).slice(0, 1)) {
      const options = { seed: at, fault: { kind, at, lasts: way.lasts }, end: way.end, wrap };
      const run = new TopicChangesRun(options);
      const isSpoiled = await run.change();
      const [violation] = await run.violations();
      const problem = violation && `${JSON.stringify(options)}: ${violation}`;
      if (problem !== undefined || !isSpoiled) return { calls: at - 1, problem };
      tallyFault(kind, way.end);
    }
  }
}

const WAYS: readonly { readonly lasts: boolean; readonly end: End }[] = [
  { lasts: false, end: 'kill' },
  { lasts: true, end: 'cutPower' },
  { lasts: false, end: 'cutPower' },
  { lasts: true, end: 'kill' },
];

class TopicChangesRun {
  readonly #options: TopicChangesRunOptions;
  readonly #machine: SimulatedMachine;
  #possible: readonly Possible[] = [{ partitions: 0, making: 0 }];
  /** Acknowledged: by making and partition, the values in their order. */
  readonly #owed = new Map<string, string[]>();

  constructor(options: TopicChangesRunOptions) {
    this.#options = options;
    this.#machine = new SimulatedMachine(options.seed);
  }

  /** What a failed sync was to store is gone for good, as Linux does it. */
  get #losesSyncs(): boolean {
    const { kind } = this.#options.fault;
    return kind === 'EIO' || kind === 'ENOSPC';
  }

  async change(): Promise<boolean> {
    const { fault, end, wrap } = this.#options;
    const { disk } = this.#machine;
    const files = new FaultyFiles(disk);
    const broker = await this.#machine.start(wrap?.(files) ?? files);
    files.setFault({
      ...fault,
      onFault: ({ name, path }) => {
        if (this.#losesSyncs && name.startsWith('sync')) disk.loseUnsynced(path);
      },
    });
    const isOver = (): boolean => end === 'cutPower' && files.spoiledCount > 0;
    await Promise.race([this.#story(broker, isOver), files.hanging]);
    this.#machine[end]();
    return files.spoiledCount > 0;
  }

  /** The power goes before the topic does, if something had failed by then. */
  async #story(broker: LocalBroker, isOver: () => boolean): Promise<void> {
    const name = 't';
    await this.#try({ partitions: 2, making: 1 }, () =>
      broker.createTopic({ name, partitionCount: 2 }),
    );
    for (const partition of [0, 1]) await this.#produce(broker, 1, partition);
    const isAdded = await this.#try({ partitions: 3, making: 1 }, () =>
      broker.addPartitions(name, 3),
    );
    // What a failed sync has lost must not count as made by the next try.
    if (!isAdded) {
      await this.#try({ partitions: 3, making: 1 }, () => broker.addPartitions(name, 3));
    }
    await this.#produce(broker, 1, 2);
    if (isOver()) return;
    await this.#try({ partitions: 0, making: 1 }, () => broker.deleteTopic(name));
    await this.#try({ partitions: 1, making: 2 }, () =>
      broker.createTopic({ name, partitionCount: 1 }),
    );
    await this.#produce(broker, 2, 0);
    await broker.close().catch((error: unknown) => {
      if (!isDiskError(error)) throw error;
    });
  }

  /** Answers whether it was done. */
  async #try(then: Possible, change: () => Promise<unknown>): Promise<boolean> {
    const before = this.#possible;
    this.#possible = [...before, then];
    try {
      await change();
      this.#possible = [then];
      return true;
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      if (error.written !== 'unknown') this.#possible = before;
      return false;
    }
  }

  async #produce(broker: LocalBroker, making: number, partition: number): Promise<void> {
    const value = `${making}.${partition}`;
    try {
      const outcome = await new Scene(broker, this.#machine.clock).produce([value], { partition });
      if (outcome.error === undefined) this.#owed.set(value, [value]);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
    }
  }

  /** After a start, after more of the same, and after a power cut. */
  async violations(): Promise<readonly string[]> {
    const { wrap } = this.#options;
    const first = await this.#look(await this.#machine.start(wrap?.(this.#machine.disk)));
    if (first.length > 0) return first;
    this.#machine.cutPower();
    const second = await this.#look(await this.#machine.start(wrap?.(this.#machine.disk)));
    return second.map((each) => `after the power cut: ${each}`);
  }

  async #look(broker: LocalBroker): Promise<readonly string[]> {
    const scene = new Scene(broker, this.#machine.clock);
    const topics = await broker.listTopics();
    const count = topics[0]?.partitionCount ?? 0;
    const violations: string[] = broker
      .health()
      .notOnline.map(
        ({ topic, partition, reason }) => `${topic}-${partition} is not online: ${reason}`,
      );
    const found: (string | null)[] = [];
    for (let partition = 0; partition < count; partition += 1) {
      found.push(...(await scene.values(partition)));
    }
    const fits = this.#possible.filter(
      ({ partitions, making }) => partitions === count && this.#isOf(making, found, count),
    );
    if (fits.length === 0) {
      violations.push(
        `${count} partitions with ${found.join()}: ${JSON.stringify(this.#possible)}`,
      );
    }
    const known = topics.map(({ topicId }) => topicId.replaceAll('-', ''));
    const names = (await this.#machine.disk.list('/data/topics')).map(({ name }) => name);
    const unknown = names.filter((name) => !known.includes(name));
    // Where the sync of its removal has failed, a directory may come back from the dead.
    if (unknown.length > 0 && !this.#losesSyncs) {
      violations.push(`directories that no topic has: ${unknown.join()}`);
    }
    return violations;
  }

  /** Nothing else, and all that is owed to the partitions there are. */
  #isOf(making: number, found: readonly (string | null)[], count: number): boolean {
    const isOurs = found.every((value) => value?.startsWith(`${making}.`) === true);
    const owed = [...this.#owed.keys()].filter((value) => value.startsWith(`${making}.`));
    return isOurs && (count === 0 || owed.every((value) => found.includes(value)));
  }
}
