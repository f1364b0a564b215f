/** Random histories through the state machine: what holds in all of them, and that it can fail. */
import { expect, test } from 'vitest';
import { GroupSimulation } from '../support/group-simulation.ts';
import type { SimulationOptions } from '../support/group-simulation.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const HISTORIES = 10_000;
/** Of one test: a part that a machine busy with other things, too, is through with in its time. */
const HISTORIES_A_TEST = 500;
const EVENTS = 30;

const FIRST_SEEDS = Array.from(
  { length: HISTORIES / HISTORIES_A_TEST },
  (_, part) => part * HISTORIES_A_TEST,
);

/** The first seed whose history breaks a rule, and the rule. */
function firstViolation(
  { first = 0, histories }: { readonly first?: number; readonly histories: number },
  options: Partial<SimulationOptions> = {},
): string | undefined {
  for (let seed = first; seed < first + histories; seed += 1) {
    try {
      new GroupSimulation(new SeededRandom(seed), { events: EVENTS, ...options }).run();
    } catch (error) {
      return `seed ${seed}: ${(error as Error).message}`;
    }
  }
  return undefined;
}

test.each(FIRST_SEEDS)(
  `in ${HISTORIES_A_TEST} random histories from seed %i on nobody loses or doubles a partition, and all come to work`,
  (first) => {
    expect(firstViolation({ first, histories: HISTORIES_A_TEST })).toBeUndefined();
  },
);

test('a coordinator that takes commits of any generation is found out', () => {
  expect(firstViolation({ histories: 100 }, { takesOldCommits: true })).toMatch(
    /a commit of generation .* taken/,
  );
});

test('a coordinator that tells assignments which are not stored is found out', () => {
  expect(firstViolation({ histories: 100 }, { storesNothing: true })).toMatch(
    /what was told is not stored/,
  );
});
