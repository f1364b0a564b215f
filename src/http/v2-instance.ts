/**
 * One consumer instance of Confluent's v2: a member of its group, or a reader of partitions given
 * by hand, with the positions in memory. What it can be told is here; how it is read is in
 * `v2-read.ts`.
 *
 * What a read answered counts as done with when the next read comes, with a commit or at the
 * deletion; not before, and not when the instance merely ends. Changes take turns; each ends a
 * read that waits, which then goes on as the change wants it.
 */
import type { TopicPartition } from '../broker/groups.ts';
import type { Cursor } from '../membership/cursor.ts';
import { offsetByPolicy } from '../membership/positions.ts';
import { subscribedTopics } from '../membership/subscribed-topics.ts';
import { V2_WAIT_MS_DEFAULT } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import type { V2Commit } from './v2-commits.ts';
import { checkPartitions, commitOffsets, committedOffsets } from './v2-commits.ts';
import { placeByHand } from './v2-hand-place.ts';
import type { V2Place } from './v2-membership.ts';
import { V2OneAtATime } from './v2-one-at-a-time.ts';
import type { PartitionOffset, V2Positions } from './v2-positions.ts';
import { illegalState, instanceNotFound, rebalancing } from './v2-refusals.ts';
import type { V2Identity, V2InstanceMeans } from './v2-source.ts';
import { V2Source } from './v2-source.ts';
import { within } from './v2-within.ts';

export class V2Instance {
  readonly identity: V2Identity;
  readonly source: V2Source;
  readonly #means: V2InstanceMeans;
  readonly #changes = new V2OneAtATime();
  #isClosed = false;
  #change = new AbortController();

  constructor(means: V2InstanceMeans, identity: V2Identity) {
    this.#means = means;
    this.identity = identity;
    this.source = new V2Source(means, identity);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Fires with the next change of what is to be read, or from where. */
  get change(): AbortSignal {
    return this.#change.signal;
  }

  /** Answers before the join is complete. */
  subscribe(subscription: Cursor['subscription']): Promise<void> {
    return this.#changing(async () => {
      if (this.source.handPlace !== undefined) {
        const fault = 'has partitions assigned by hand; delete its subscription first';
        throw illegalState(this.identity, fault);
      }
      const isSame = JSON.stringify(this.source.subscription) === JSON.stringify(subscription);
      if (isSame) return;
      await this.source.settle();
      await this.source.subscribe(subscription);
    });
  }

  /** Also gives up what was assigned by hand, as Kafka's consumer does. */
  unsubscribe(): Promise<void> {
    return this.#changing(async () => {
      await this.source.settle();
      await this.source.assign(undefined);
    });
  }

  /** Names of topics; of a pattern those that it matches now. */
  async subscription(): Promise<readonly string[]> {
    this.checkOpen();
    const { subscription } = this.source;
    if (subscription === undefined) return [];
    if (subscription.kind === 'topics') return subscription.topics;
    return [...(await subscribedTopics(this.#means.broker, subscription)).topics.keys()];
  }

  /** An empty list gives all of them up. */
  assign(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#changing(async () => {
      if (this.source.subscription !== undefined) {
        const fault = 'is subscribed to topics; delete its subscription first';
        throw illegalState(this.identity, fault);
      }
      // First: what is refused must not have committed anything.
      await checkPartitions(this.#means.broker, partitions);
      await this.source.settle();
      const { group, config } = this.identity;
      const { autoOffsetReset } = config;
      const before = this.source.handPlace?.positions;
      const wish = { group, autoOffsetReset, partitions, before };
      const place = await placeByHand(this.#means.broker, wish);
      await this.source.assign(partitions.length === 0 ? undefined : place);
    });
  }

  assignment(): readonly TopicPartition[] {
    this.checkOpen();
    const positions = this.source.current?.positions.all ?? [];
    return positions.map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Overrides where the next read begins. Waits a while for a join that is under way. */
  async seek(offsets: readonly PartitionOffset[]): Promise<void> {
    this.checkOpen();
    await this.#placeSoon();
    return this.#changing(async () => {
      const positions = this.#positionsWith(offsets);
      for (const each of offsets) positions?.move(each);
    });
  }

  /** The same, to one end of each; of all that it has when none is named, as in Kafka. */
  async seekTo(end: 'earliest' | 'latest', partitions: readonly TopicPartition[]): Promise<void> {
    this.checkOpen();
    await this.#placeSoon();
    return this.#changing(async () => {
      const positions = this.#positionsWith(partitions);
      const named = partitions.length > 0 ? partitions : (positions?.all ?? []);
      for (const { topic, partition } of named) {
        const offset = await offsetByPolicy(this.#means.broker, { topic, partition }, end);
        positions?.move({ topic, partition, offset });
      }
    });
  }

  /** `offsets`: the next ones to read; undefined: where the instance stands. Durable. */
  async commit(offsets: readonly V2Commit[] | undefined): Promise<void> {
    this.checkOpen();
    if (offsets === undefined) {
      // Where nothing was read there is nothing to wait for.
      await this.source.commitPositions();
    } else {
      // While a rebalance waits for this very commit, the generation that ends still takes it.
      const place = this.source.isOwing ? this.source.current : await this.#placeSoon();
      const isJoining = place === undefined && this.source.subscription !== undefined;
      if (isJoining) throw rebalancing(this.identity);
      await commitOffsets(this.#means.broker, { group: this.identity.group, place, offsets });
    }
    this.source.release();
  }

  /** As far as something is committed, by whomever. */
  async committed(partitions: readonly TopicPartition[]): Promise<readonly V2Commit[]> {
    this.checkOpen();
    return committedOffsets(this.#means.broker, this.identity.group, partitions);
  }

  /** Leaves the group. `settled`: the caller said so, and is done with what it got. */
  close({ settled }: { readonly settled: boolean }): Promise<void> {
    return this.#changing(async () => {
      if (settled) await this.source.settle();
      this.#isClosed = true;
      await this.source.assign(undefined);
    });
  }

  /** Throws CONSUMER_INSTANCE_NOT_FOUND once it has ended. */
  checkOpen(): void {
    if (this.#isClosed) throw instanceNotFound(this.identity);
  }

  /** Throws ILLEGAL_STATE when there is nothing to read from. */
  checkReadable(): void {
    this.checkOpen();
    const { handPlace, subscription } = this.source;
    if (handPlace !== undefined || subscription !== undefined) return;
    throw illegalState(this.identity, 'is not subscribed to topics and has no partitions assigned');
  }

  #changing(change: () => Promise<void>): Promise<void> {
    return this.#changes.run(async () => {
      this.checkOpen();
      try {
        await change();
      } finally {
        this.#change.abort();
        this.#change = new AbortController();
      }
    });
  }

  /** undefined: the join takes longer, because others have records in hand, or there is none. */
  #placeSoon(): Promise<V2Place | undefined> {
    return within(this.source.place(), { clock: this.#means.clock, ms: V2_WAIT_MS_DEFAULT });
  }

  /** Throws ILLEGAL_STATE when one of them is not among its partitions. */
  #positionsWith(partitions: readonly TopicPartition[]): V2Positions | undefined {
    const positions = this.source.current?.positions;
    for (const { topic, partition } of partitions) {
      if (positions?.of({ topic, partition }) !== undefined) continue;
      const fault = `does not have partition ${partition} of topic ${quote(topic)}`;
      throw illegalState(this.identity, fault, { topic, partition });
    }
    return positions;
  }
}
