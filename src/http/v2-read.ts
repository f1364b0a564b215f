/** A read of a consumer instance: waits for its join, for records, and through rebalances. */
import { readAssigned } from '../membership/assigned-read.ts';
import type { AssignedRead, ReadBounds } from '../membership/assigned-read.ts';
import type { GroupBroker } from '../membership/group-broker.ts';
import type { Position } from '../membership/positions.ts';
import { readAsMember } from '../membership/read.ts';
import type { Clock } from '../model/clock.ts';
import type { V2Instance } from './v2-instance.ts';
import type { V2Place } from './v2-membership.ts';
import { isOvertaken } from './v2-membership.ts';
import { V2OneAtATime } from './v2-one-at-a-time.ts';
import { within } from './v2-within.ts';

export interface V2Written<T> {
  readonly answer: T;
  /** Behind what the answer shows. */
  readonly positions: readonly Position[];
}

interface V2ReadWish<T> extends Omit<ReadBounds, 'turn'> {
  /** Makes the answer; its records count as handed out when it resolves. */
  readonly write: (read: AssignedRead) => Promise<V2Written<T>>;
}

interface Means {
  readonly broker: GroupBroker;
  readonly clock: Clock;
}

export class V2Reader {
  readonly #means: Means;
  readonly #instance: V2Instance;
  readonly #reads = new V2OneAtATime();
  #turn = 0;

  constructor(means: Means, instance: V2Instance) {
    this.#means = means;
    this.#instance = instance;
  }

  /**
   * The answer to what is there, or comes within the time; with no partitions when the time was
   * over first. Rejects with ILLEGAL_STATE, CONSUMER_INSTANCE_NOT_FOUND, what the join rejects
   * with, and what stands in a partition's result.
   */
  read<T>(wish: V2ReadWish<T>): Promise<T> {
    const deadlineMs = this.#means.clock.monotonicMs() + wish.waitMs;
    return this.#reads.run(async () => {
      this.#instance.checkReadable();
      await this.#instance.source.settle();
      return this.#readUntil(deadlineMs, wish);
    });
  }

  async #readUntil<T>(deadlineMs: number, wish: V2ReadWish<T>): Promise<T> {
    const { clock } = this.#means;
    for (;;) {
      this.#instance.checkReadable();
      const { change } = this.#instance;
      const waitMs = Math.max(0, deadlineMs - clock.monotonicMs());
      const signal = AbortSignal.any([wish.signal, change]);
      // The join goes on also when the time is over.
      const place = await within(this.#instance.source.place(), { clock, ms: waitMs, signal });
      const read = place && (await this.#readPlace(place, { ...wish, signal, waitMs }));
      const isOver = wish.signal.aborted || clock.monotonicMs() >= deadlineMs;
      if (place === undefined || read === undefined) {
        this.#instance.source.rejoinIfDone();
        if (isOver) return (await wish.write({ partitions: [], reset: [] })).answer;
        continue;
      }
      const isEmpty = read.partitions.every(({ batches }) => batches.length === 0);
      if (change.aborted && isEmpty && !isOver) continue;
      if (!isEmpty) this.#instance.source.owe();
      const { answer, positions } = await wish.write(read);
      // A caller who has gone has got nothing; who sought elsewhere meanwhile goes on from there.
      if (!wish.signal.aborted && !change.aborted) place.positions.reach(positions);
      this.#instance.source.rejoinIfDone();
      return answer;
    }
  }

  /** undefined: the partitions are being shared out anew. */
  async #readPlace(
    { member, cursor, assignment, positions }: V2Place,
    bounds: Omit<ReadBounds, 'turn'>,
  ): Promise<AssignedRead | undefined> {
    const { broker } = this.#means;
    this.#turn = (this.#turn + 1) % 1_000_003;
    const wish = { ...bounds, turn: this.#turn, cursor: { ...cursor, positions: positions.known } };
    if (member === undefined) return readAssigned(broker, wish, assignment);
    try {
      return await readAsMember(broker, { ...wish, member });
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      await this.#instance.source.settle();
      this.#instance.source.invalidatePlace();
      return undefined;
    }
  }
}
