/** Members of a group and what is assigned to them, in few words. */
import type { AssignedMember, AssignInput, Assignor } from '../../src/membership/assignor.ts';

/** Topics and partitions written `orders-0`, `orders-12`; by member. */
export type Assignment = ReadonlyMap<string, readonly string[]>;

export interface MemberWords {
  readonly topics: readonly string[];
  readonly owned?: readonly string[];
  readonly generation?: number;
  readonly instance?: string;
  readonly userData?: Uint8Array;
}

export function member(memberId: string, words: MemberWords): AssignedMember {
  return {
    memberId,
    groupInstanceId: words.instance,
    topics: words.topics,
    ownedPartitions: grouped(words.owned ?? []),
    generation: words.generation ?? -1,
    userData: words.userData ?? null,
  };
}

export function members(
  words: Readonly<{ [memberId: string]: MemberWords }>,
): readonly AssignedMember[] {
  return Object.entries(words).map(([memberId, each]) => member(memberId, each));
}

/** What the assignor gives to each member. */
export function assigned(
  assignor: Assignor,
  who: AssignInput['members'],
  partitionCounts: Readonly<{ [topic: string]: number }>,
): Assignment {
  const input = { members: who, partitionCounts: new Map(Object.entries(partitionCounts)) };
  return new Map(
    [...assignor.assign(input)].map(([memberId, topics]) => [
      memberId,
      topics.flatMap(({ topic, partitions }) => partitions.map((each) => `${topic}-${each}`)),
    ]),
  );
}

/** `orders-0` and its kin by topic. */
export function grouped(names: readonly string[]): AssignedMember['ownedPartitions'] {
  const topics = new Map<string, number[]>();
  for (const name of names) {
    const hyphen = name.lastIndexOf('-');
    const topic = name.slice(0, hyphen);
    const partition = Number(name.slice(hyphen + 1));
    topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}
