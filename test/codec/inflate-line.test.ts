import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { InflateLine } from '../../src/codec/inflate-line.ts';
import { INFLATE_SYNC_BLOCKS_MAX, INFLATE_SYNC_BYTES_MAX } from '../../src/model/limits.ts';

test('tasks run one after the other, in the order they came', async () => {
  const line = new InflateLine();
  const steps: string[] = [];
  const task = (name: string, turns: number) => async (): Promise<string> => {
    steps.push(`${name} begins`);
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    steps.push(`${name} ends`);
    return name;
  };
  const results = Promise.all([line.run(task('a', 3)), line.run(task('b', 0))]);
  expect(steps).toEqual([]);
  expect(await results).toEqual(['a', 'b']);
  expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a task that fails says so to its caller alone', async () => {
  const line = new InflateLine();
  const failing = line.run(() => Promise.reject(new Error('bad')));
  const next = line.run(async () => 'fine');
  await expect(failing).rejects.toThrow('bad');
  expect(await next).toBe('fine');
});

async function hasTurn(line: InflateLine, bytes: number): Promise<boolean> {
  let turned = false;
  const turn = setImmediate(() => (turned = true));
  await line.rest(bytes);
  clearImmediate(turn);
  return turned;
}

test('the event loop gets its turn when much was inflated, by however many tasks', async () => {
  const line = new InflateLine();
  expect(await hasTurn(line, INFLATE_SYNC_BYTES_MAX - 1)).toBe(false);
  expect(await hasTurn(line, 1)).toBe(true);
  expect(await hasTurn(line, 1)).toBe(false);
});

test('and when it was little, but often', async () => {
  const line = new InflateLine();
  for (let batch = 1; batch < INFLATE_SYNC_BLOCKS_MAX; batch++) {
    expect(await hasTurn(line, 0)).toBe(false);
  }
  expect(await hasTurn(line, 0)).toBe(true);
  expect(await hasTurn(line, 0)).toBe(false);
});
