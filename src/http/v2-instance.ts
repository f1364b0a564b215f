/**
 * One consumer instance of Confluent's v2: a member of its group, or a reader of partitions given
 * by hand, with the positions in memory.
 *
 * What a read answered counts as done with when the next read comes, with a commit or at the
 * deletion; not before, and not when the instance merely ends. Reads take turns, and so do
 * changes; a change ends a read that waits, which then goes on as the change wants it.
 */
import type { TopicPartition } from '../broker/groups.ts';
import type { Cursor } from '../membership/cursor.ts';
import type { GroupBroker } from '../membership/group-broker.ts';
import { offsetByPolicy } from '../membership/positions.ts';
import { subscribedTopics } from '../membership/subscribed-topics.ts';
import type { Clock } from '../model/clock.ts';
import { V2_WAIT_MS_DEFAULT } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import type { V2Commit } from './v2-commits.ts';
import { commitOffsets, committedOffsets, commitPositions } from './v2-commits.ts';
import type { V2Config } from './v2-config.ts';
import { placeByHand } from './v2-hand-place.ts';
import type { V2Place } from './v2-membership.ts';
import { isOvertaken, V2Membership } from './v2-membership.ts';
import { V2OneAtATime } from './v2-one-at-a-time.ts';
import type { PartitionOffset, V2Positions } from './v2-positions.ts';
import { illegalState, instanceNotFound, rebalancing } from './v2-refusals.ts';
import { within } from './v2-within.ts';

export interface V2InstanceMeans {
  readonly broker: GroupBroker;
  readonly clock: Clock;
  /** For what fails while nobody is asking. */
  readonly onFailure: (error: unknown) => void;
}

export interface V2Identity {
  readonly group: string;
  readonly name: string;
  /** Of whoever made it; for people who look at the group. */
  readonly clientHost: string;
  readonly config: V2Config;
}

export class V2Instance {
  readonly identity: V2Identity;
  readonly #means: V2InstanceMeans;
  readonly #changes = new V2OneAtATime();
  #membership: V2Membership | undefined;
  #handPlace: V2Place | undefined;
  /** The caller may still be at work on what the last read answered. */
  #isOwing = false;
  #isClosed = false;
  #change = new AbortController();

  constructor(means: V2InstanceMeans, identity: V2Identity) {
    this.#means = means;
    this.identity = identity;
  }

  /** Answers before the join is complete. */
  subscribe(subscription: Cursor['subscription']): Promise<void> {
    return this.#changing(async () => {
      if (this.#handPlace !== undefined) {
        throw illegalState(
          this.identity,
          'has partitions assigned by hand; delete its subscription first',
        );
      }
      const current = this.#membership?.wish.subscription;
      if (JSON.stringify(current) === JSON.stringify(subscription)) return;
      const { broker, clock } = this.#means;
      const { group, name, clientHost, config } = this.identity;
      const { autoOffsetReset } = config;
      const wish = { group, subscription, autoOffsetReset, clientId: name, clientHost };
      const onEnded = (): void => this.rejoinIfDone();
      await this.#replace(new V2Membership({ broker, clock, onEnded }, wish));
      this.rejoinIfDone();
    });
  }

  /** Also gives up what was assigned by hand, as Kafka's consumer does. */
  unsubscribe(): Promise<void> {
    return this.#changing(() => this.#replace(undefined));
  }

  /** Names of topics; of a pattern those that it matches now. */
  async subscription(): Promise<readonly string[]> {
    this.checkOpen();
    const subscription = this.#membership?.wish.subscription;
    if (subscription === undefined) return [];
    if (subscription.kind === 'topics') return subscription.topics;
    return [...(await subscribedTopics(this.#means.broker, subscription)).topics.keys()];
  }

  /** An empty list gives all of them up. */
  assign(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#changing(async () => {
      if (this.#membership !== undefined) {
        throw illegalState(this.identity, 'is subscribed to topics; delete its subscription first');
      }
      const { group, config } = this.identity;
      const { autoOffsetReset } = config;
      await this.settle();
      const before = this.#handPlace?.positions;
      const wish = { group, autoOffsetReset, partitions, before };
      const place = await placeByHand(this.#means.broker, wish);
      this.#handPlace = partitions.length === 0 ? undefined : place;
    });
  }

  assignment(): readonly TopicPartition[] {
    this.checkOpen();
    return this.#current?.positions.all.map(({ topic, partition }) => ({ topic, partition })) ?? [];
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
    const { broker } = this.#means;
    const { group } = this.identity;
    if (offsets === undefined) {
      // Where nothing was read there is nothing to wait for.
      if (this.#current !== undefined) await this.#commitPositions(this.#current);
    } else {
      // While a rebalance waits for this very commit, the generation that ends still takes it.
      const place = this.#isOwing ? this.#current : await this.#placeSoon();
      if (place === undefined && this.#membership !== undefined) throw rebalancing(this.identity);
      await commitOffsets(broker, { group, place, offsets });
    }
    this.#isOwing = false;
    this.rejoinIfDone();
  }

  /** As far as something is committed, by whomever. */
  async committed(partitions: readonly TopicPartition[]): Promise<readonly V2Commit[]> {
    this.checkOpen();
    return committedOffsets(this.#means.broker, this.identity.group, partitions);
  }

  /** The caller is done with what it got: commits that, where the instance is to do so. */
  async settle(): Promise<void> {
    this.#isOwing = false;
    const place = this.#current;
    if (this.identity.config.autoCommit && place !== undefined) await this.#commitPositions(place);
  }

  /** What to read; undefined while there is neither a subscription nor an assignment. */
  async place(): Promise<V2Place | undefined> {
    if (this.#handPlace !== undefined) return this.#handPlace;
    const membership = this.#membership;
    try {
      return await membership?.place();
    } catch (error) {
      // It was given up while somebody waited for its join.
      if (membership?.hasLeft === true) return undefined;
      throw error;
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Throws ILLEGAL_STATE when there is nothing to read from. */
  checkReadable(): void {
    this.checkOpen();
    if (this.#handPlace === undefined && this.#membership === undefined) {
      throw illegalState(
        this.identity,
        'is not subscribed to topics and has no partitions assigned',
      );
    }
  }

  /** Throws CONSUMER_INSTANCE_NOT_FOUND once it has ended. */
  checkOpen(): void {
    if (this.#isClosed) throw instanceNotFound(this.identity);
  }

  /** Fires with the next change of what is to be read, or from where. */
  get change(): AbortSignal {
    return this.#change.signal;
  }

  /** A read was told that the place is no longer the right one. */
  invalidatePlace(): void {
    this.#membership?.invalidate();
  }

  /** Records are on their way out: a rebalance has to wait until the caller is done with them. */
  owe(): void {
    this.#isOwing = true;
  }

  /** Joins, or joins again for a rebalance, unless the caller has something in hand. */
  rejoinIfDone(): void {
    const membership = this.#membership;
    if (membership === undefined || membership.isFresh || this.#isOwing || this.#isClosed) return;
    this.settle()
      .then(() => membership.place())
      .catch((error) => {
        // The next read tries again, and is told.
        if (!membership.hasLeft) this.#means.onFailure(error);
      });
  }

  /** Leaves the group. `settled`: the caller said so, and is done with what it got. */
  close({ settled }: { readonly settled: boolean }): Promise<void> {
    return this.#changing(async () => {
      if (settled) await this.settle();
      this.#isClosed = true;
      await this.#membership?.leave();
    });
  }

  /** Tells of a commit that came too late only who has something to lose by it. */
  async #commitPositions(place: V2Place): Promise<void> {
    const isToBeTold = this.#isOwing;
    try {
      await commitPositions(this.#means.broker, this.identity.group, place);
    } catch (error) {
      // The group has gone on without this instance.
      if (isToBeTold || !isOvertaken(error)) throw error;
    }
  }

  /** undefined: the join takes longer, because others have records in hand, or there is none. */
  #placeSoon(): Promise<V2Place | undefined> {
    return within(this.place(), { clock: this.#means.clock, ms: V2_WAIT_MS_DEFAULT });
  }

  get #current(): V2Place | undefined {
    return this.#handPlace ?? this.#membership?.current;
  }

  async #replace(next: V2Membership | undefined): Promise<void> {
    await this.settle();
    const before = this.#membership;
    this.#membership = next;
    this.#handPlace = undefined;
    await before?.leave();
  }

  /** Throws ILLEGAL_STATE when one of them is not among its partitions. */
  #positionsWith(partitions: readonly TopicPartition[]): V2Positions | undefined {
    const positions = this.#current?.positions;
    for (const { topic, partition } of partitions) {
      if (positions?.of({ topic, partition }) !== undefined) continue;
      throw illegalState(
        this.identity,
        `does not have partition ${partition} of topic ${quote(topic)}`,
        { topic, partition },
      );
    }
    return positions;
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
}
