/** What holds for any members and topics, whatever the assignor. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AssignedMember, Assignor } from '../../src/membership/assignor.ts';
import {
  ASSIGNOR_NAMES,
  assignorNamed,
  chooseAssignors,
  DEFAULT_ASSIGNORS,
} from '../../src/membership/assignors.ts';
import { assigned, member } from '../support/group-members.ts';
import type { Assignment } from '../support/group-members.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

const ASSIGNORS = ASSIGNOR_NAMES.map((name) => assignorNamed(name) as Assignor);
const STICKY = ASSIGNORS.filter(({ name }) => name.includes('sticky'));

type Counts = Readonly<{ [topic: string]: number }>;

const TOPICS = ['a', 'b', 'c', 'd'];
const MEMBER_IDS = Array.from({ length: 8 }, (_, index) => `member${index}`);

const anyCounts: fc.Arbitrary<Counts> = fc.dictionary(
  fc.constantFrom(...TOPICS),
  fc.integer({ min: 0, max: 12 }),
);
const anyOwned = fc.array(
  fc.tuple(fc.constantFrom(...TOPICS, 'gone'), fc.nat({ max: 14 })).map((each) => each.join('-')),
  { maxLength: 12 },
);

/** Claims may contradict each other and what there is. */
function anyMembers(topics: fc.Arbitrary<readonly string[]>): fc.Arbitrary<AssignedMember[]> {
  return fc.uniqueArray(fc.constantFrom(...MEMBER_IDS), { minLength: 1 }).chain((memberIds) =>
    fc.tuple(
      ...memberIds.map((memberId) =>
        fc
          .record({
            topics,
            owned: anyOwned,
            generation: fc.integer({ min: -1, max: 3 }),
            isStatic: fc.boolean(),
          })
          .map(({ isStatic, ...words }) =>
            member(memberId, isStatic ? { ...words, instance: `i${memberId}` } : words),
          ),
      ),
    ),
  );
}

const anyTopics = fc.array(fc.constantFrom(...TOPICS, 'missing'), { maxLength: 5 });
const anyone = anyMembers(anyTopics);
const anyAlike = fc
  .subarray(TOPICS, { minLength: 1 })
  .chain((topics) => anyMembers(fc.constant(topics)));

/** Every partition with all who got it. */
function ownersIn(assignment: Assignment): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const [memberId, names] of assignment) {
    for (const name of names) owners.set(name, [...(owners.get(name) ?? []), memberId]);
  }
  return owners;
}

/** Every partition that exists and that somebody subscribes to. */
function wanted(who: readonly AssignedMember[], counts: Counts): string[] {
  return Object.entries(counts)
    .filter(([topic]) => who.some(({ topics }) => topics.includes(topic)))
    .flatMap(([topic, count]) => Array.from({ length: count }, (_, each) => `${topic}-${each}`));
}

function topicOf(name: string): string {
  return name.slice(0, name.lastIndexOf('-'));
}

/** As they join the next time, when each has what it was given. */
function after(who: readonly AssignedMember[], assignment: Assignment): AssignedMember[] {
  return who.map(({ memberId, groupInstanceId, topics }) => {
    const words = { topics, owned: assignment.get(memberId) ?? [], generation: 10 };
    return member(
      memberId,
      groupInstanceId === undefined ? words : { ...words, instance: groupInstanceId },
    );
  });
}

/** Rebalances until nobody has to give anything up. */
function settled(assignor: Assignor, who: readonly AssignedMember[], counts: Counts): Assignment {
  let members = who;
  for (let round = 1; round <= 5; round += 1) {
    const assignment = assigned(assignor, members, counts);
    if ([...assignment.values()].flat().length === wanted(who, counts).length) return assignment;
    members = after(members, assignment);
  }
  throw new Error('it does not settle');
}

describe.each(ASSIGNORS)('$name', (assignor) => {
  test('gives each partition to one member, and to one that subscribes to its topic', () => {
    fc.assert(
      fc.property(anyone, anyCounts, (who, counts) => {
        const assignment = assigned(assignor, who, counts);
        expect([...assignment.keys()].sort()).toEqual(who.map((each) => each.memberId).sort());
        const subscribed = new Map(who.map(({ memberId, topics }) => [memberId, topics]));
        const owners = ownersIn(assignment);
        for (const [name, [owner, ...others]] of owners) {
          expect(others).toEqual([]);
          expect(subscribed.get(owner as string)).toContain(topicOf(name));
        }
        const all = wanted(who, counts);
        if (assignor.isCooperative) expect(all).toEqual(expect.arrayContaining([...owners.keys()]));
        else expect([...owners.keys()].sort()).toEqual(all.sort());
      }),
      RUNS,
    );
  });

  test('does not depend on the order of members and topics', () => {
    fc.assert(
      fc.property(anyone, anyCounts, (who, counts) => {
        const turned = Object.fromEntries(Object.entries(counts).toReversed());
        const other = who.toReversed().map((each) => ({
          ...each,
          topics: each.topics.toReversed(),
          ownedPartitions: each.ownedPartitions.toReversed(),
        }));
        const [one, two] = [assigned(assignor, who, counts), assigned(assignor, other, turned)];
        expect(Object.fromEntries(two)).toEqual(Object.fromEntries(one));
      }),
      RUNS,
    );
  });

  test('gives members with the same topics as many partitions as one another, or one more', () => {
    fc.assert(
      fc.property(anyAlike, anyCounts, (who, counts) => {
        // Range evens out each topic by itself.
        const parts = assignor.name === 'range' ? Object.entries(counts) : [undefined];
        for (const part of parts) {
          const some = part === undefined ? counts : Object.fromEntries([part]);
          const shares = [...settled(assignor, who, some).values()].map((each) => each.length);
          expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        }
      }),
      RUNS,
    );
  });

  test('shares a thousand partitions out among a hundred members in milliseconds', () => {
    const topics = Array.from({ length: 10 }, (_, index) => `topic${index}`);
    const counts = Object.fromEntries(topics.map((topic) => [topic, 100]));
    const who = Array.from({ length: 100 }, (_, index) =>
      member(`member${index}`, { topics: index % 7 === 0 ? topics.slice(0, 5) : topics }),
    );
    const before = after(who, settled(assignor, who, counts)).slice(1);
    const start = performance.now();
    for (let count = 0; count < 10; count += 1) assigned(assignor, before, counts);
    expect((performance.now() - start) / 10).toBeLessThan(50);
  });
});

describe.each(STICKY)('$name', (assignor) => {
  test('settles so that no member has two more than another that could take one of its own', () => {
    fc.assert(
      fc.property(anyone, anyCounts, (who, counts) => {
        const assignment = settled(assignor, who, counts);
        for (const [memberId, names] of assignment) {
          for (const other of who) {
            const size = assignment.get(other.memberId)?.length ?? 0;
            if (other.memberId === memberId || names.length <= size + 1) continue;
            expect(names.filter((name) => other.topics.includes(topicOf(name)))).toEqual([]);
          }
        }
      }),
      RUNS,
    );
  });

  test('changes nothing when nothing has changed', () => {
    fc.assert(
      fc.property(anyone, anyCounts, (who, counts) => {
        const assignment = settled(assignor, who, counts);
        const again = assigned(assignor, after(who, assignment), counts);
        expect(Object.fromEntries(again)).toEqual(Object.fromEntries(assignment));
      }),
      RUNS,
    );
  });

  test('takes from members with the same topics only what an even share demands', () => {
    fc.assert(
      fc.property(
        anyAlike,
        anyCounts,
        fc.integer({ min: -3, max: 3 }),
        (everyone, counts, change) => {
          // Some of those who stay are new, or some of those who were there have gone.
          const staying = change < 0 ? everyone.slice(0, change) : everyone;
          const before = change > 0 ? everyone.slice(0, -change) : everyone;
          fc.pre(staying.length > 0 && before.length > 0);
          const owned = settled(assignor, before, counts);
          const now = settled(assignor, after(staying, owned), counts);

          const sizes = staying.map(({ memberId }) => owned.get(memberId)?.length ?? 0);
          const total = wanted(staying, counts).length;
          const share = Math.floor(total / staying.length);
          const odd = total % staying.length;
          const needed = sizes
            .sort((a, b) => b - a)
            .map((size, index) => Math.max(0, size - share - (index < odd ? 1 : 0)))
            .reduce((sum, each) => sum + each, 0);
          const taken = staying.flatMap(({ memberId }) =>
            (owned.get(memberId) ?? []).filter((name) => !now.get(memberId)?.includes(name)),
          );
          expect(taken).toHaveLength(needed);
        },
      ),
      RUNS,
    );
  });
});

describe('the assignors that a member offers', () => {
  test('are the ones that every common client knows when it names none', () => {
    expect(chooseAssignors().map(({ name }) => name)).toEqual([...DEFAULT_ASSIGNORS]);
  });

  test('are the named ones in their order', () => {
    expect(chooseAssignors(['sticky', 'range']).map(({ name }) => name)).toEqual([
      'sticky',
      'range',
    ]);
    expect(chooseAssignors(['cooperative-sticky'])).toHaveLength(1);
  });

  test.each([
    [[], /assignors is empty/],
    [['range', 'uniform'], /names "uniform", which is not known/],
    [['__proto__'], /"__proto__"/],
    [['range', 'range'], /names "range" twice/],
    [Array.from({ length: 33 }, () => 'range'), /names 33; at most 32/],
    [['range', 'cooperative-sticky'], /mixes "cooperative-sticky", .* with "range"/],
    [['cooperative-sticky', 'sticky'], /mixes "cooperative-sticky", .* with "sticky"/],
  ])('are refused when they are %j', (names, message) => {
    const refusal = refusalOf(() => chooseAssignors(names));
    expect(refusal.code).toBe('INVALID_REQUEST');
    expect(refusal.message).toMatch(message);
    expect(refusal.message).toContain('allowed are some of "range", "roundrobin"');
    expect(refusal.details['allowed']).toEqual(ASSIGNOR_NAMES);
  });
});
