import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { V2OneAtATime } from '../../src/http/v2-one-at-a-time.ts';

test('tasks run in the order they came, also behind one that failed', async () => {
  const tasks = new V2OneAtATime();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = tasks.run(async () => {
    order.push('first begins');
    await gate.promise;
    order.push('first fails');
    throw new Error('no');
  });
  const second = tasks.run(async () => order.push('second'));
  const failed = expect(first).rejects.toThrow('no');
  await nextTurn();
  expect(order).toEqual(['first begins']);
  gate.resolve();
  await failed;
  expect(await second).toBe(3);
  expect(order).toEqual(['first begins', 'first fails', 'second']);
});
