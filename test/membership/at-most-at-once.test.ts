import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { atMostAtOnce } from '../../src/membership/at-most-at-once.ts';

test('results come in the order of the items, and no more are under way than allowed', async () => {
  let running = 0;
  let most = 0;
  const results = await atMostAtOnce(3, [5, 1, 4, 2, 3], async (turns) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    running -= 1;
    return turns * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(3);
});

test('nothing is nothing', async () => {
  expect(await atMostAtOnce(3, [], async () => 1)).toEqual([]);
});

test('the first failure rejects, and nothing new is begun', async () => {
  const begun: number[] = [];
  const work = async (item: number): Promise<void> => {
    begun.push(item);
    await nextTurn();
    if (item === 1) throw new Error('no');
  };
  await expect(atMostAtOnce(2, [1, 2, 3, 4, 5, 6], work)).rejects.toThrow('no');
  await nextTurn();
  expect(begun).toEqual([1, 2]);
});
