/**
 * What a consumer instance reads from: its subscription as a member of the group, partitions
 * given by hand, or nothing; and whether its caller is done with what was read.
 *
 * A rebalance waits while the caller has records in hand, so that they are committed before others
 * could read them again. Otherwise it is joined for at once, though nobody calls.
 */
import type { Cursor } from '../membership/cursor.ts';
import type { GroupBroker } from '../membership/group-broker.ts';
import type { Clock } from '../model/clock.ts';
import { commitPositions } from './v2-commits.ts';
import type { V2Config } from './v2-config.ts';
import type { V2Place } from './v2-membership.ts';
import { isOvertaken, V2Membership } from './v2-membership.ts';

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

export class V2Source {
  readonly #means: V2InstanceMeans;
  readonly #identity: V2Identity;
  #membership: V2Membership | undefined;
  #handPlace: V2Place | undefined;
  #isOwing = false;

  constructor(means: V2InstanceMeans, identity: V2Identity) {
    this.#means = means;
    this.#identity = identity;
  }

  get subscription(): Cursor['subscription'] | undefined {
    return this.#membership?.wish.subscription;
  }

  get handPlace(): V2Place | undefined {
    return this.#handPlace;
  }

  /** Where it stands, also while a rebalance waits for it. */
  get current(): V2Place | undefined {
    return this.#handPlace ?? this.#membership?.current;
  }

  /** The caller may still be at work on what the last read answered. */
  get isOwing(): boolean {
    return this.#isOwing;
  }

  /** Once what was there before has been left; the join begins and is not waited for. */
  async subscribe(subscription: Cursor['subscription']): Promise<void> {
    const { broker, clock } = this.#means;
    const { group, name, clientHost, config } = this.#identity;
    const { autoOffsetReset } = config;
    const wish = { group, subscription, autoOffsetReset, clientId: name, clientHost };
    const onEnded = (): void => this.rejoinIfDone();
    await this.#replace(new V2Membership({ broker, clock, onEnded }, wish));
    this.rejoinIfDone();
  }

  /** undefined: none. */
  async assign(place: V2Place | undefined): Promise<void> {
    await this.#replace(undefined);
    this.#handPlace = place;
  }

  /** What to read, once the join for it is complete; undefined while there is nothing. */
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

  /** A read was told that the place is no longer the right one. */
  invalidatePlace(): void {
    this.#membership?.invalidate();
  }

  /** Records are on their way out. */
  owe(): void {
    this.#isOwing = true;
  }

  /** The caller is done with what it got: commits that, where the instance is to do so. */
  async settle(): Promise<void> {
    this.#isOwing = false;
    if (this.#identity.config.autoCommit) await this.commitPositions();
  }

  /** Tells of a commit that came too late only who has something to lose by it. */
  async commitPositions(): Promise<void> {
    const isToBeTold = this.#isOwing;
    if (this.current === undefined) return;
    try {
      await commitPositions(this.#means.broker, this.#identity.group, this.current);
    } catch (error) {
      // The group has gone on without this instance.
      if (isToBeTold || !isOvertaken(error)) throw error;
    }
  }

  /** The caller has committed what it was to commit. */
  release(): void {
    this.#isOwing = false;
    this.rejoinIfDone();
  }

  rejoinIfDone(): void {
    const membership = this.#membership;
    if (membership === undefined || membership.isFresh || this.#isOwing) return;
    this.settle()
      .then(() => membership.place())
      .catch((error) => {
        // The next read tries again, and is told.
        if (!membership.hasLeft) this.#means.onFailure(error);
      });
  }

  async #replace(next: V2Membership | undefined): Promise<void> {
    const before = this.#membership;
    this.#membership = next;
    this.#handPlace = undefined;
    await before?.leave();
  }
}
