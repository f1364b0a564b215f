/**
 * What is going to happen to a simulated broker, drawn from one seed: lives, each with its trouble,
 * its end and the steps of its clients. A plan is plain data, so that a failing one can be made
 * smaller by leaving things out.
 */
import type { LifeEnd, Trouble } from './broker-machine.ts';
import { SeededRandom } from './seeded-random.ts';

export interface Plan {
  readonly seed: number;
  readonly lives: readonly Life[];
}

export interface Life extends Trouble {
  readonly end: LifeEnd;
  /** Whether everything is read at its begin. */
  readonly looks: boolean;
  readonly steps: readonly Step[];
}

export interface Step {
  /** Of its own in the plan: what it writes carries it. */
  readonly id: string;
  readonly client: string;
  readonly kind: StepKind;
  /** Turns of the event loop before it begins. */
  readonly wait: number;
  readonly topic: string;
  /** Taken modulo the partitions there are. */
  readonly partition: number;
  /** 0 to 1: which of what there is to choose from. */
  readonly draw: number;
  readonly count: number;
  readonly bytes: number;
  /** Whether the client goes on without the answer, or tries twice at once. */
  readonly isHasty: boolean;
}

export type StepKind = (typeof STEPS)[keyof typeof STEPS][number];

/** Clients and what they do; what stands twice is done twice as often. */
const STEPS = {
  writer: ['produce', 'produce', 'produce', 'produce parts', 'produce batches'],
  repeater: ['produce once'],
  reader: ['fetch', 'fetch', 'wait for records', 'fetch offsets'],
  member: [
    'take part',
    'take part',
    'commit as member',
    'commit as member',
    'leave',
    'fall silent',
  ],
  committer: ['commit', 'commit', 'fetch offsets', 'delete group'],
  admin: [
    'create topic',
    'create topic',
    'delete topic',
    'add partitions',
    'delete records',
    'delete records',
    'list topics',
  ],
  machine: ['pass time', 'pass time', 'pass time', 'fill disk', 'free disk'],
} as const;

type Role = keyof typeof STEPS;

const CLIENTS: readonly (readonly [name: string, role: Role, stepsMax: number])[] = [
  ['writer 1', 'writer', 6],
  ['writer 2', 'writer', 4],
  ['repeater 1', 'repeater', 6],
  ['repeater 2', 'repeater', 4],
  ['reader', 'reader', 5],
  ['member 1', 'member', 5],
  ['member 2', 'member', 5],
  ['committer', 'committer', 4],
  ['admin', 'admin', 3],
  ['machine', 'machine', 3],
];

export const TOPICS = ['orders', 'events'] as const;

/** Seeds from here on have more lives, with more to do in each. */
export const LONG_SEEDS_FROM = 1_000_000;

export function planOf(seed: number): Plan {
  const random = new SeededRandom(seed);
  const isLong = seed >= LONG_SEEDS_FROM;
  const lives = random.between(1, isLong ? 6 : 3);
  const busy = isLong ? 3 : 1;
  return {
    seed,
    lives: Array.from({ length: lives }, (_, life) => {
      const stepsOf = ([name, role, most]: (typeof CLIENTS)[number]): Step[] =>
        Array.from({ length: random.below(most * busy + 1) }, (_step, index) =>
          stepOf(random, { id: `${life}.${initials(name)}.${index}`, client: name, role }),
        );
      const steps = life === 0 ? firstSteps(random) : [];
      return {
        ...troubleOf(random),
        end: random.pick([
          'kill',
          'kill',
          'power cut',
          'power cut',
          'stop',
          'stop, then power cut',
        ]),
        looks: random.chance(0.5),
        steps: [...steps, ...CLIENTS.flatMap(stepsOf)],
      } satisfies Life;
    }),
  };
}

/** Most lives hit upon something; a few are spared. */
function troubleOf(random: SeededRandom): Trouble {
  const hangsAtSync = random.chance(0.5);
  const hangAt = random.chance(0.6) ? random.between(1, hangsAtSync ? 25 : 260) : undefined;
  if (!random.chance(0.4)) return { hangAt, hangsAtSync };
  const kind = random.pick(['EIO', 'EIO', 'EIO', 'EMFILE', 'ENOSPC', 'short-write'] as const);
  return {
    hangAt,
    hangsAtSync,
    fault: { kind, at: random.between(1, 160), lasts: random.chance(0.2) },
  };
}

/** Without topics there is nothing to do. */
function firstSteps(random: SeededRandom): Step[] {
  return TOPICS.map((topic) => ({
    ...stepOf(random, { id: `0.${topic}`, client: 'first', role: 'admin' }),
    kind: 'create topic',
    topic,
    wait: 0,
  }));
}

function stepOf(
  random: SeededRandom,
  { id, client, role }: { readonly id: string; readonly client: string; readonly role: Role },
): Step {
  return {
    id,
    client,
    kind: random.pick<StepKind>(STEPS[role]),
    wait: random.pick([0, 0, 1, 3, 10]),
    topic: random.chance(0.7) ? TOPICS[0] : TOPICS[1],
    partition: random.below(3),
    draw: random.next(),
    count: random.pick([1, 1, 2, 4]),
    bytes: random.pick([10, 10, 60, 300, 1_500]),
    isHasty: random.chance(0.3),
  };
}

function initials(name: string): string {
  return name.replace(/^(\w)\w*(?: (\d))?$/, '$1$2');
}
