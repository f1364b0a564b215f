import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inParallel } from '../../../src/broker/local/in-parallel.ts';

test('every item is handled, and never more than so many at a time', async () => {
  const items = Array.from({ length: 20 }, (_, n) => n);
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await inParallel(items, 4, async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < item % 3; turn += 1) await nextTurn();
    running -= 1;
    done.push(item);
  });
  expect(most).toBe(4);
  expect(new Set(done)).toEqual(new Set(items));
});

test('no items are no work', async () => {
  await inParallel([], 4, async () => expect.unreachable());
});

test('an error keeps no other item from being handled, and the first one is told', async () => {
  const events: string[] = [];
  const failing = inParallel(['bad', 'slow', 'worse', 'last'], 2, async (item) => {
    if (item === 'bad' || item === 'worse') throw new Error(item);
    await nextTurn();
    events.push(item);
  });
  await expect(failing).rejects.toThrow('bad');
  expect(events).toEqual(['slow', 'last']);
});
