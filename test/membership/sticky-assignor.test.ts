/** The cases are Java's own (AbstractStickyAssignorTest and those of its two sub-classes). */
import { describe, expect, test } from 'vitest';
import { cooperativeStickyAssignor, stickyAssignor } from '../../src/membership/sticky-assignor.ts';
import type { Assignor } from '../../src/membership/assignor.ts';
import { assigned, members } from '../support/group-members.ts';
import type { Assignment, MemberWords } from '../support/group-members.ts';

type Who = Readonly<{ [memberId: string]: MemberWords }>;
type Counts = Readonly<{ [topic: string]: number }>;

function share(who: Who, counts: Counts, assignor: Assignor = stickyAssignor): object {
  return Object.fromEntries(assigned(assignor, members(who), counts));
}

/** Once all that is to be given up has been given up. */
function settle(who: Who, counts: Counts): object {
  const first = assigned(cooperativeStickyAssignor, members(who), counts);
  return share(owning(who, first), counts, cooperativeStickyAssignor);
}

function owning(who: Who, owned: Assignment): Who {
  return Object.fromEntries(
    Object.entries(who).map(([memberId, words]) => [
      memberId,
      { ...words, owned: owned.get(memberId) ?? [], generation: 20 },
    ]),
  );
}

const ONE = { topics: ['topic'], generation: 1 };
const BOTH = { topics: ['topic1', 'topic2'], generation: 1 };

describe.each([stickyAssignor, cooperativeStickyAssignor])('$name', (assignor) => {
  test('gives nothing where there is no topic, or it does not exist', () => {
    expect(share({ consumer: { topics: [] } }, {}, assignor)).toEqual({ consumer: [] });
    expect(share({ consumer: ONE }, { topic: 0 }, assignor)).toEqual({ consumer: [] });
    const gone = { ...ONE, owned: ['topic-0', 'topic-1'] };
    expect(share({ consumer: gone }, {}, assignor)).toEqual({ consumer: [] });
  });

  test('passes over owned partitions that do not exist or are of topics left', () => {
    const owned = ['topic-0', 'topic-1', 'topic-2', 'other-0', 'other-1'];
    expect(share({ consumer: { ...ONE, owned } }, { topic: 2, other: 2 }, assignor)).toEqual({
      consumer: ['topic-0', 'topic-1'],
    });
  });

  test('deals out what nobody owned', () => {
    expect(share({ consumer1: ONE, consumer2: ONE }, { topic: 1 }, assignor)).toEqual({
      consumer1: ['topic-0'],
      consumer2: [],
    });
    const counts = { topic1: 3, topic2: 3 };
    expect(share({ consumer1: BOTH, consumer2: BOTH }, counts, assignor)).toEqual({
      consumer1: ['topic1-0', 'topic1-2', 'topic2-1'],
      consumer2: ['topic1-1', 'topic2-0', 'topic2-2'],
    });
  });

  test('gives a member with an even share one more where one is over', () => {
    const who = {
      consumer1: { ...BOTH, owned: ['topic1-0', 'topic2-1'] },
      consumer2: { ...BOTH, owned: ['topic1-1', 'topic2-2'] },
    };
    expect(share(who, { topic1: 2, topic2: 3 }, assignor)).toEqual({
      consumer1: ['topic1-0', 'topic2-0', 'topic2-1'],
      consumer2: ['topic1-1', 'topic2-2'],
    });
  });

  test('fills members with less than their share', () => {
    const who = {
      consumer1: { ...BOTH, owned: ['topic1-0'] },
      consumer2: { ...BOTH, owned: ['topic1-1'] },
      consumer3: BOTH,
    };
    expect(share(who, { topic1: 2, topic2: 3 }, assignor)).toEqual({
      consumer1: ['topic1-0', 'topic2-1'],
      consumer2: ['topic1-1', 'topic2-2'],
      consumer3: ['topic2-0'],
    });
    const three = {
      consumer1: { ...ONE, owned: ['topic-0', 'topic-1'] },
      consumer2: { ...ONE, owned: ['topic-2'] },
      consumer3: ONE,
    };
    expect(share(three, { topic: 4 }, assignor)).toEqual({
      consumer1: ['topic-0', 'topic-1'],
      consumer2: ['topic-2'],
      consumer3: ['topic-3'],
    });
  });

  test('keeps everything when the second of two leaves', () => {
    const owned = ['topic1-1', 'topic2-0', 'topic2-2'];
    expect(share({ consumer2: { ...BOTH, owned } }, { topic1: 3, topic2: 3 }, assignor)).toEqual({
      consumer2: ['topic1-0', 'topic1-1', 'topic1-2', 'topic2-0', 'topic2-1', 'topic2-2'],
    });
  });

  test('believes the member with the highest generation', () => {
    const topics = ['topic1', 'topic2', 'topic3'];
    const counts = { topic1: 3, topic2: 3, topic3: 3 };
    const newest = ['topic1-0', 'topic2-0', 'topic3-0'];
    const newer = ['topic1-1', 'topic2-1', 'topic3-1'];
    const who = {
      consumer1: { topics, generation: 10, owned: newest },
      consumer2: { topics, generation: 9, owned: newer },
      consumer3: { topics, generation: 8, owned: ['topic2-1', 'topic3-0', 'topic3-2'] },
    };
    expect(share(who, counts, assignor)).toEqual({
      consumer1: newest,
      consumer2: newer,
      consumer3: ['topic1-2', 'topic2-2', 'topic3-2'],
    });
    for (const generation of [9, -1]) {
      const stale = {
        consumer1: { ...BOTH, generation: 10, owned: ['topic1-0', 'topic1-2', 'topic2-1'] },
        consumer2: { ...BOTH, generation, owned: ['topic1-0', 'topic1-2', 'topic2-1'] },
      };
      expect(share(stale, { topic1: 3, topic2: 3 }, assignor)).toEqual({
        consumer1: ['topic1-0', 'topic1-2', 'topic2-1'],
        consumer2: ['topic1-1', 'topic2-0', 'topic2-2'],
      });
    }
  });

  test('believes an older generation where nobody objects', () => {
    const topics = ['topic', 'topic1', 'topic2', 'topic3'];
    const who = {
      consumer1: { topics },
      consumer2: { topics, generation: 9, owned: ['topic-0', 'topic2-0', 'topic1-0'] },
      consumer3: { topics, generation: 8, owned: ['topic3-2', 'topic2-2', 'topic1-1'] },
      consumer4: { topics, generation: 7, owned: ['topic3-1', 'topic-1', 'topic-2'] },
    };
    expect(share(who, { topic: 3, topic1: 3, topic2: 3, topic3: 3 }, assignor)).toMatchObject({
      consumer1: ['topic1-2', 'topic2-1', 'topic3-0'],
    });
  });

  test('gives every partition once, whoever of three is believed', () => {
    for (const [a, b, c] of [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [2, 3, 1],
      [3, 1, 2],
      [3, 2, 1],
    ] as const) {
      const who = {
        consumer1: { ...ONE, generation: a, owned: ['topic-0', 'topic-2'] },
        consumer2: { ...ONE, generation: b, owned: ['topic-1', 'topic-2', 'topic-3'] },
        consumer3: { ...ONE, generation: c, owned: ['topic-2', 'topic-4', 'topic-5'] },
        consumer4: { topics: ['topic1'], generation: 2, owned: ['topic1-0'] },
      };
      const all = Object.values(share(who, { topic: 6, topic1: 1 }, assignor)) as string[][];
      expect(new Set(all.flat()).size).toBe(all.flat().length);
      for (const each of all) {
        expect(each.length).toBeGreaterThanOrEqual(1);
        expect(each.length).toBeLessThanOrEqual(2);
      }
    }
  });

  test('serves the members with the least choice first', () => {
    const all = ['topic1', 'topic2', 'topic3', 'topic4', 'topic5'];
    const odd = ['topic1', 'topic3', 'topic5'];
    const counts = { topic1: 2, topic2: 1, topic3: 2, topic4: 1, topic5: 2 };
    const who = {
      consumer1: { topics: all },
      consumer2: { topics: odd },
      consumer3: { topics: odd },
      consumer4: { topics: all },
    };
    const shares = Object.values(share(who, counts, assignor)) as string[][];
    expect(shares.map((each) => each.length)).toEqual([2, 2, 2, 2]);
  });
});

describe('sticky', () => {
  test('moves the highest partitions to a new member', () => {
    const owned = ['topic-0', 'topic-1', 'topic-2'];
    expect(share({ consumer1: { ...ONE, owned }, consumer2: ONE }, { topic: 3 })).toEqual({
      consumer1: ['topic-0', 'topic-1'],
      consumer2: ['topic-2'],
    });
  });

  test('spreads what moves over the topics', () => {
    const counts = { topic1: 12, topic2: 12 };
    const first = assigned(stickyAssignor, members({ consumer1: BOTH }), counts);
    const who = owning({ consumer1: BOTH, consumer2: BOTH }, first);
    for (const each of Object.values(share(who, counts)) as string[][]) {
      expect(each.filter((name) => name.startsWith('topic1'))).toHaveLength(6);
      expect(each).toHaveLength(12);
    }
  });

  test('takes no more than is needed from members that all have more', () => {
    const who = {
      consumer1: { ...BOTH, owned: ['topic1-0', 'topic1-2', 'topic2-1', 'topic2-3'] },
      consumer2: { ...BOTH, owned: ['topic1-1', 'topic2-0', 'topic2-2'] },
      consumer3: BOTH,
      consumer4: BOTH,
    };
    expect(share(who, { topic1: 3, topic2: 4 })).toEqual({
      consumer1: ['topic1-0', 'topic2-1'],
      consumer2: ['topic1-1', 'topic2-0'],
      consumer3: ['topic1-2', 'topic2-3'],
      consumer4: ['topic2-2'],
    });
  });

  test('believes neither of two that claim a partition in one generation', () => {
    const who = {
      consumer1: { ...ONE, owned: ['topic-0', 'topic-1'] },
      consumer2: { ...ONE, owned: ['topic-0', 'topic-2'] },
      consumer3: ONE,
    };
    expect(share(who, { topic: 3 })).toEqual({
      consumer1: ['topic-1'],
      consumer2: ['topic-2'],
      consumer3: ['topic-0'],
    });
    expect(share(who, { topic: 4 })).toEqual({
      consumer1: ['topic-1', 'topic-3'],
      consumer2: ['topic-2'],
      consumer3: ['topic-0'],
    });
  });
});

describe('cooperative-sticky', () => {
  test('leaves out what its old owner has not given up, and gives it away the next time', () => {
    const who = {
      consumer1: { ...ONE, owned: ['topic-0', 'topic-1', 'topic-2'] },
      consumer2: ONE,
    };
    expect(share(who, { topic: 3 }, cooperativeStickyAssignor)).toEqual({
      consumer1: ['topic-0', 'topic-1'],
      consumer2: [],
    });
    expect(settle(who, { topic: 3 })).toEqual({
      consumer1: ['topic-0', 'topic-1'],
      consumer2: ['topic-2'],
    });
  });

  test('moves one of two even shares of which only one may be larger', () => {
    const who = {
      consumer1: { ...BOTH, owned: ['topic1-0', 'topic2-0'] },
      consumer2: { ...BOTH, owned: ['topic1-1', 'topic2-1'] },
      consumer3: BOTH,
    };
    const settled = settle(who, { topic1: 2, topic2: 2 }) as { [memberId: string]: string[] };
    expect(Object.values(settled).map((each) => each.length)).toEqual([2, 1, 1]);
  });

  test('gives what two claim in one generation to nobody until both have given it up', () => {
    const who = {
      consumer1: { ...ONE, owned: ['topic-0', 'topic-1'] },
      consumer2: { ...ONE, owned: ['topic-0', 'topic-2'] },
      consumer3: ONE,
    };
    expect(share(who, { topic: 3 }, cooperativeStickyAssignor)).toEqual({
      consumer1: ['topic-1'],
      consumer2: ['topic-2'],
      consumer3: [],
    });
    expect(share(who, { topic: 4 }, cooperativeStickyAssignor)).toEqual({
      consumer1: ['topic-1', 'topic-3'],
      consumer2: ['topic-2'],
      consumer3: [],
    });
    expect(settle(who, { topic: 3 })).toMatchObject({ consumer3: ['topic-0'] });
  });

  test('waits for a member that no longer subscribes to what it owns', () => {
    const who = {
      consumer1: { topics: ['topic2'], generation: 1, owned: ['topic1-0'] },
      consumer2: BOTH,
    };
    expect(share(who, { topic1: 1, topic2: 1 }, cooperativeStickyAssignor)).toEqual({
      consumer1: ['topic2-0'],
      consumer2: [],
    });
    expect(settle(who, { topic1: 1, topic2: 1 })).toEqual({
      consumer1: ['topic2-0'],
      consumer2: ['topic1-0'],
    });
  });
});
