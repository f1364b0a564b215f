import { expect, test } from 'vitest';
import { SteadyClock } from '../../../src/broker/local/steady-clock.ts';
import { CLOCK_DRIFT_MS_MAX, CLOCK_STEADY_MS } from '../../../src/model/limits.ts';
import { silentLog } from '../../../src/model/log.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function steadyClock(): { clock: ManualClock; steady: SteadyClock } {
  const clock = new ManualClock();
  return { clock, steady: new SteadyClock(clock, silentLog) };
}

test('a clock that only goes on is steady, from the start', () => {
  const { clock, steady } = steadyClock();
  expect(steady.isSteady()).toBe(true);
  clock.advance(86_400_000);
  expect(steady.isSteady()).toBe(true);
});

test.each([86_400_000, -86_400_000, CLOCK_DRIFT_MS_MAX + 1])(
  'after a jump of %i ms it is not, until it went steadily for a while',
  (jumpMs) => {
    const { clock, steady } = steadyClock();
    clock.jumpWall(jumpMs);
    expect(steady.isSteady()).toBe(false);
    clock.advance(CLOCK_STEADY_MS - 1);
    expect(steady.isSteady()).toBe(false);
    clock.advance(1);
    expect(steady.isSteady()).toBe(true);
  },
);

test('a jump that is mended by another one counts as two', () => {
  const { clock, steady } = steadyClock();
  clock.jumpWall(86_400_000);
  steady.isSteady();
  clock.advance(CLOCK_STEADY_MS - 1);
  clock.jumpWall(-86_400_000);
  expect(steady.isSteady()).toBe(false);
  clock.advance(1);
  expect(steady.isSteady()).toBe(false);
});

test('slow drift never adds up to a jump', () => {
  const { clock, steady } = steadyClock();
  for (let n = 0; n < 10; n += 1) {
    clock.advance(30_000);
    clock.jumpWall(CLOCK_DRIFT_MS_MAX);
    expect(steady.isSteady()).toBe(true);
  }
});
