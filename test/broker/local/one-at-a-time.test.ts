import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { OneAtATime } from '../../../src/broker/local/one-at-a-time.ts';

test('a task begins when the one before it has ended', async () => {
  const tasks = new OneAtATime();
  const events: string[] = [];
  const task = (name: string) => async () => {
    events.push(`${name} begins`);
    await nextTurn();
    events.push(`${name} ends`);
    return name;
  };
  const both = await Promise.all([tasks.run(task('a')), tasks.run(task('b'))]);
  expect(both).toEqual(['a', 'b']);
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a task that fails tells its caller alone, and the next one runs', async () => {
  const tasks = new OneAtATime();
  const failing = tasks.run(async () => {
    throw new Error('no');
  });
  const next = tasks.run(async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('idle waits for all that was handed in', async () => {
  const tasks = new OneAtATime();
  let isDone = false;
  const task = tasks.run(async () => {
    await nextTurn();
    isDone = true;
  });
  await tasks.idle();
  expect(isDone).toBe(true);
  await task;
});
