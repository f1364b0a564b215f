import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Housekeeping } from '../../../src/broker/local/housekeeping.ts';
import type { HousekeepingMeans } from '../../../src/broker/local/housekeeping.ts';
import { MillraceError } from '../../../src/model/errors.ts';
import { CLOCK_STEADY_MS, RETENTION_INTERVAL_MS } from '../../../src/model/limits.ts';
import { silentLog } from '../../../src/model/log.ts';
import { ManualClock } from '../../support/manual-clock.ts';

type Housekept = ReturnType<HousekeepingMeans['partitions']>[number];

/** Housekeeping of these partitions, and all that happens in it. */
function housekeeping(partitions: readonly Housekept[]) {
  const clock = new ManualClock();
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_: object, message: string) => warnings.push(message) };
  const counted = { deletions: 0 };
  const keeper = new Housekeeping({
    clock,
    log,
    partitions: () => partitions,
    finishDeletions: async () => {
      counted.deletions += 1;
    },
  });
  onTestFinished(() => keeper.stop());
  /** Lets one interval pass, and the pass that it brings. */
  const pass = async (): Promise<void> => {
    const before = counted.deletions;
    clock.advance(RETENTION_INTERVAL_MS);
    while (counted.deletions === before || clock.timerCount === 0) await nextTurn();
  };
  return { clock, keeper, pass, warnings, counted };
}

/** A partition that notes what it is told of the clock. */
function noting(): Housekept & { readonly told: boolean[] } {
  const told: boolean[] = [];
  return {
    told,
    housekeep: async ({ clockIsSteady }) => {
      told.push(clockIsSteady);
      return 0;
    },
  };
}

test('each interval every partition is looked after once, and then the deletions', async () => {
  const partitions = [noting(), noting()];
  const { clock, pass, counted } = housekeeping(partitions);
  clock.advance(RETENTION_INTERVAL_MS - 1);
  await nextTurn();
  expect(partitions[0]?.told).toEqual([]);
  clock.advance(1);
  while (counted.deletions === 0) await nextTurn();
  await pass();
  expect(partitions.map((each) => each.told)).toEqual([
    [true, true],
    [true, true],
  ]);
  expect(counted.deletions).toBe(2);
});

test('a jump of the wall clock is told to all, also in the middle of a pass', async () => {
  const last = noting();
  const jumping: Housekept = {
    housekeep: async () => {
      clock.jumpWall(86_400_000);
      return 0;
    },
  };
  const first = noting();
  const { clock, pass } = housekeeping([first, jumping, last]);
  await pass();
  expect({ first: first.told, last: last.told }).toEqual({ first: [true], last: [false] });
});

test('once the clock has gone steadily for long enough it is trusted again', async () => {
  const partition = noting();
  const { clock, pass } = housekeeping([partition]);
  clock.jumpWall(-86_400_000);
  for (let n = 0; n <= CLOCK_STEADY_MS / RETENTION_INTERVAL_MS; n += 1) await pass();
  expect(partition.told.at(0)).toBe(false);
  expect(partition.told.at(-2)).toBe(false);
  expect(partition.told.at(-1)).toBe(true);
});

test('the failure of one partition is told, and the next is looked after', async () => {
  const last = noting();
  const refusing: Housekept = {
    housekeep: () => Promise.reject(new MillraceError('KAFKA_STORAGE_ERROR', 'offline')),
  };
  const failing: Housekept = {
    housekeep: () => Promise.reject(Object.assign(new Error('no'), { code: 'EIO' })),
  };
  const { pass, warnings } = housekeeping([refusing, failing, last]);
  await pass();
  await pass();
  expect(last.told).toEqual([true, true]);
  expect(warnings).toHaveLength(4);
});

test('stop waits for the partition in hand and leaves the others', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const last = noting();
  const slow: Housekept = { housekeep: () => promise };
  const { clock, keeper } = housekeeping([slow, last]);
  clock.advance(RETENTION_INTERVAL_MS);
  let isStopped = false;
  const stopping = keeper.stop().then(() => (isStopped = true));
  await nextTurn();
  expect(isStopped).toBe(false);
  resolve(0);
  await stopping;
  expect(last.told).toEqual([]);
  expect(clock.timerCount).toBe(0);
});
