import { expect, test } from 'vitest';
import { unlessAborted } from '../../src/model/unless-aborted.ts';

const stopped = (): Error => new Error('stopped');

test('settles like the work', async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve(7), signal, stopped)).toBe(7);
  const failing = Promise.reject(new Error('no'));
  await expect(unlessAborted(failing, signal, stopped)).rejects.toThrow('no');
});

test('rejects as soon as the signal fires', async () => {
  const controller = new AbortController();
  const waiting = unlessAborted(new Promise(() => {}), controller.signal, stopped);
  controller.abort();
  await expect(waiting).rejects.toThrow('stopped');
});

test('rejects at once when it has fired', async () => {
  const waiting = unlessAborted(new Promise(() => {}), AbortSignal.abort(), stopped);
  await expect(waiting).rejects.toThrow('stopped');
});

test('work that fails unheard later is no unhandled rejection', async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  await expect(unlessAborted(promise, AbortSignal.abort(), stopped)).rejects.toThrow('stopped');
  reject(new Error('late'));
  await new Promise((resolve) => setImmediate(resolve));
});
