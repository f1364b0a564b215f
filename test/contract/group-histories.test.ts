/** Random histories through the state machine: what holds in all of them, and that it can fail. */
import { expect, test } from 'vitest';
import { GroupSimulation } from '../support/group-simulation.ts';
import type { SimulationOptions } from '../support/group-simulation.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const HISTORIES = 10_000;
const EVENTS = 30;

/** The first seed whose history breaks a rule, and the rule. */
function firstViolation(
  histories: number,
  options: Partial<SimulationOptions>,
): string | undefined {
  for (let seed = 0; seed < histories; seed += 1) {
    try {
      new GroupSimulation(new SeededRandom(seed), { events: EVENTS, ...options }).run();
    } catch (error) {
      return `seed ${seed}: ${(error as Error).message}`;
    }
  }
  return undefined;
}

test(`in ${HISTORIES} random histories nobody loses or doubles a partition, and all come to work`, () => {
  expect(firstViolation(HISTORIES, {})).toBeUndefined();
});

test('a coordinator that takes commits of any generation is found out', () => {
  expect(firstViolation(100, { takesOldCommits: true })).toMatch(/a commit of generation .* taken/);
});

test('a coordinator that tells assignments which are not stored is found out', () => {
  expect(firstViolation(100, { storesNothing: true })).toMatch(/what was told is not stored/);
});
