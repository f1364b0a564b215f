import { expect, test } from 'vitest';
import { Pace } from '../../src/model/pace.ts';

test('a turn is due after so many items, and then after as many more', async () => {
  const pace = new Pace(3);
  expect([pace.did(1), pace.did(1)]).toEqual([undefined, undefined]);
  let others = 0;
  setImmediate(() => (others += 1));
  await pace.did(1);
  expect(others).toBe(1);
  expect(pace.did(2)).toBeUndefined();
  await expect(pace.did(50)).resolves.toBeUndefined();
  expect(pace.did(2)).toBeUndefined();
});
