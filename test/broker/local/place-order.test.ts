import { expect, test } from 'vitest';
import { PlaceOrder } from '../../../src/broker/local/place-order.ts';

test('nobody is ahead where nobody waits', async () => {
  const order = new PlaceOrder();
  expect(order.ahead(['a'])).toBeUndefined();
  order.hold(['b'], Promise.resolve());
  expect(order.ahead(['a'])).toBeUndefined();
});

test('who comes later waits for the last one at any of the same places', async () => {
  const order = new PlaceOrder();
  const [first, second] = [Promise.withResolvers(), Promise.withResolvers()];
  const steps: string[] = [];
  order.hold(['a', 'b'], first.promise);
  order.hold(['b', 'c'], second.promise);
  const a = order.ahead(['a', 'd'])?.then(() => steps.push('a'));
  const all = order.ahead(['a', 'b', 'c'])?.then(() => steps.push('all'));
  first.resolve(undefined);
  await a;
  expect(steps).toEqual(['a']);
  expect(order.ahead(['a'])).toBeUndefined();
  expect(order.ahead(['b'])).toBeDefined();
  second.resolve(undefined);
  await all;
  expect(order.ahead(['a', 'b', 'c'])).toBeUndefined();
});

test('who is refused lets the next one pass', async () => {
  const order = new PlaceOrder();
  const refused = Promise.reject(new Error('refused'));
  order.hold(['a'], refused);
  await order.ahead(['a']);
  expect(order.ahead(['a'])).toBeUndefined();
  await expect(refused).rejects.toThrow('refused');
});
