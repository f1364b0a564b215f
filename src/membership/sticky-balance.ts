/**
 * Shares partitions out evenly while as many as possible stay where they are.
 *
 * Promises: when all members subscribe to the same topics, none has two partitions more than
 * another, and no more partitions change hands than that takes. Otherwise no member has two more
 * than another that could take one of its partitions; what moves is then little, but not proved to
 * be the least. (The bound on sweeps may end the second early in a group of thousands.)
 *
 * Members and partitions are numbers here: positions in arrays.
 */
import { BALANCE_SWEEPS_MAX } from '../model/limits.ts';
import type { SharedTopic } from './subscribers.ts';

/** Its partitions have the numbers from `firstNumber` on. */
export interface NumberedTopic extends SharedTopic {
  readonly firstNumber: number;
}

export interface Shares {
  readonly topics: readonly NumberedTopic[];
  readonly memberCount: number;
  /** By partition: the member that has it; -1 = none. Changed in place. */
  readonly owners: Int32Array;
}

const NOBODY = -1;

/** Afterwards every partition has an owner, one that subscribes to its topic. */
export function balance({ topics, memberCount, owners }: Shares): void {
  const isEqual = topics.every(({ subscribers }) => subscribers.length === memberCount);
  if (!isEqual) releaseUnsubscribed(topics, owners);
  if (isEqual) releaseSurplus(topics, memberCount, owners);
  const sizes = new Sizes(memberCount, owners);
  const isNew = allot(topics, owners, sizes);
  if (isEqual) return;
  // What comes to somebody new anyway is moved before what is owned.
  level(topics, owners, sizes, (number) => isNew[number] === 1);
  level(topics, owners, sizes, () => true);
}

function releaseUnsubscribed(topics: readonly NumberedTopic[], owners: Int32Array): void {
  for (const { subscribers, firstNumber, partitionCount } of topics) {
    const isSubscriber = new Set(subscribers);
    for (let number = firstNumber; number < firstNumber + partitionCount; number += 1) {
      if (!isSubscriber.has(owners[number] as number)) owners[number] = NOBODY;
    }
  }
}

/**
 * Everybody keeps up to an even share; of those with more, as many as the odd partitions allow
 * keep one more. The highest partitions go first, so that what stays is spread over the topics.
 */
function releaseSurplus(
  topics: readonly NumberedTopic[],
  memberCount: number,
  owners: Int32Array,
): void {
  const share = Math.floor(owners.length / memberCount);
  let odd = owners.length % memberCount;
  const before = new Sizes(memberCount, owners);
  const allowed = Array.from({ length: memberCount }, (_, member) => {
    if (before.of(member) <= share || odd === 0) return share;
    odd -= 1;
    return share + 1;
  });
  const kept = new Sizes(memberCount);
  for (const number of numbersByPartition(topics)) {
    const owner = owners[number] as number;
    if (owner === NOBODY) continue;
    if (kept.of(owner) < (allowed[owner] as number)) kept.change(owner, 1);
    else owners[number] = NOBODY;
  }
}

/** The first partition of every topic, then the second of every topic, and so on. */
function numbersByPartition(topics: readonly NumberedTopic[]): number[] {
  const partitionsMax = topics.reduce((most, each) => Math.max(most, each.partitionCount), 0);
  const rows: number[][] = Array.from({ length: partitionsMax }, () => []);
  for (const { firstNumber, partitionCount } of topics) {
    for (let partition = 0; partition < partitionCount; partition += 1) {
      rows[partition]?.push(firstNumber + partition);
    }
  }
  return rows.flat();
}

/**
 * Gives each partition that nobody has to the subscriber with the fewest, topics with the fewest
 * subscribers first because they leave the least choice. Answers which these were.
 */
function allot(topics: readonly NumberedTopic[], owners: Int32Array, sizes: Sizes): Uint8Array {
  const isNew = new Uint8Array(owners.length);
  const inOrder = [...topics].sort((a, b) => a.subscribers.length - b.subscribers.length);
  for (const { subscribers, firstNumber, partitionCount } of inOrder) {
    const next = fewestFirst(subscribers, sizes);
    for (let number = firstNumber; number < firstNumber + partitionCount; number += 1) {
      if (owners[number] !== NOBODY) continue;
      const member = next();
      owners[number] = member;
      sizes.change(member, 1);
      isNew[number] = 1;
    }
  }
  return isNew;
}

/**
 * Names the member with the fewest each time that it is called, the first of equals. It goes
 * around the members instead of looking at all, which is right as long as no size shrinks.
 */
function fewestFirst(members: readonly number[], sizes: Sizes): () => number {
  let fewest = 0;
  let at = members.length;
  return () => {
    for (;;) {
      for (; at < members.length; at += 1) {
        const member = members[at] as number;
        if (sizes.of(member) === fewest) {
          at += 1;
          return member;
        }
      }
      fewest = sizes.of(smallest(members, sizes));
      at = 0;
    }
  };
}

/** Moves partitions to subscribers that have two fewer or less, until there are none such. */
function level(
  topics: readonly NumberedTopic[],
  owners: Int32Array,
  sizes: Sizes,
  mayMove: (number: number) => boolean,
): void {
  for (let sweep = 1; sweep <= BALANCE_SWEEPS_MAX; sweep += 1) {
    let hasMoved = false;
    // A move never leaves anybody below this.
    const fewest = sizes.least();
    for (const { subscribers, firstNumber, partitionCount } of topics) {
      for (let number = firstNumber + partitionCount - 1; number >= firstNumber; number -= 1) {
        const from = owners[number] as number;
        if (sizes.of(from) <= fewest + 1 || !mayMove(number)) continue;
        const to = smallest(subscribers, sizes);
        if (sizes.of(from) <= sizes.of(to) + 1) continue;
        owners[number] = to;
        sizes.change(from, -1);
        sizes.change(to, 1);
        hasMoved = true;
      }
    }
    if (!hasMoved) return;
  }
}

/** The first of those with the fewest. */
function smallest(members: readonly number[], sizes: Sizes): number {
  let best = members[0] as number;
  for (const member of members) if (sizes.of(member) < sizes.of(best)) best = member;
  return best;
}

/** How many partitions each member has. */
class Sizes {
  readonly #sizes: Int32Array;

  constructor(memberCount: number, owners: Int32Array = new Int32Array()) {
    this.#sizes = new Int32Array(memberCount);
    for (const owner of owners) if (owner !== NOBODY) this.change(owner, 1);
  }

  of(member: number): number {
    return this.#sizes[member] as number;
  }

  change(member: number, by: number): void {
    this.#sizes[member] = this.of(member) + by;
  }

  least(): number {
    return this.#sizes.reduce((least, size) => Math.min(least, size), Infinity);
  }
}
