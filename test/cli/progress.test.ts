import { expect, it } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';
import { cliWorld } from '../support/cli-world.ts';

const CLEAR = '\r\u001b[K';

function onTerminal() {
  return cliWorld({ terminals: ['stderr'] });
}

it('shows nothing of short work', () => {
  const world = onTerminal();
  const progress = new Progress(world, 100);
  world.nowMs = 499;
  progress.update(10, 10);
  progress.clear();
  expect(world.err.text).toBe('');
});

it('shows nothing where stderr is no terminal', () => {
  const world = cliWorld();
  const progress = new Progress(world, 100);
  world.nowMs = 10_000;
  progress.update(10, 10);
  progress.clear();
  expect(world.err.text).toBe('');
});

it('shows a bar, the part done, the time left and the rate when the size is known', () => {
  const world = onTerminal();
  const progress = new Progress(world, 1_000);
  world.nowMs = 2_000;
  progress.update(5_000, 250);
  expect(world.err.text).toBe(
    `${CLEAR}[######..................]  25 %  6 s left  5,000 records  2,500 records/s`,
  );
});

it('shows records and rate when it is not', () => {
  const world = onTerminal();
  const progress = new Progress(world, undefined);
  world.nowMs = 1_000;
  progress.update(1_234, 99);
  expect(world.err.text).toBe(`${CLEAR}1,234 records  1,234 records/s`);
});

it('is drawn ten times a second at the most', () => {
  const world = onTerminal();
  const progress = new Progress(world, undefined);
  for (world.nowMs = 0; world.nowMs < 1_500; world.nowMs += 1) progress.update(1, 1);
  expect(world.err.text.split(CLEAR).length - 1).toBe(10);
});

it('never claims more than all of it', () => {
  const world = onTerminal();
  const progress = new Progress(world, 10);
  world.nowMs = 1_000;
  progress.update(1, 20);
  expect(world.err.text).toContain('] 100 %  0 s left');
});

it('bears with an empty file, and with a start that took no time', () => {
  const world = onTerminal();
  world.nowMs = 0;
  const progress = new Progress(world, 0);
  world.nowMs = 600;
  progress.update(0, 0);
  expect(world.err.text).toBe(`${CLEAR}0 records  0 records/s`);
});

it('takes the line away once', () => {
  const world = onTerminal();
  const progress = new Progress(world, undefined);
  world.nowMs = 1_000;
  progress.update(1, 1);
  progress.clear();
  progress.clear();
  expect(world.err.text.endsWith(`records/s${CLEAR}`)).toBe(true);
});
