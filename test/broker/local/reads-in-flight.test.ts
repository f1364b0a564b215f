import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ReadsInFlight } from '../../../src/broker/local/reads-in-flight.ts';

/** Reads that end when they are told to. */
function scene(bytesMax: number) {
  const reads = new ReadsInFlight(bytesMax);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string, bytes: number): Promise<string> =>
    reads.run(bytes, () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, () => resolve(name)));
    });
  return { reads, begun, run, end: (name: string) => ends.get(name)?.() };
}

test('what fits is read at once, the rest in the order it came', async () => {
  const { begun, run, end } = scene(10);
  const all = [run('a', 6), run('b', 4), run('c', 5), run('d', 1)];
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await nextTurn();
  // d would fit; but then c might wait for ever.
  expect(begun).toEqual(['a', 'b']);
  end('a');
  await nextTurn();
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  end('c');
  end('d');
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
});

test('one that is larger than all the room passes alone', async () => {
  const { begun, run, end } = scene(10);
  const all = [run('small', 1), run('large', 11), run('last', 1)];
  end('small');
  await nextTurn();
  expect(begun).toEqual(['small', 'large']);
  end('large');
  await nextTurn();
  end('last');
  expect(await Promise.all(all)).toEqual(['small', 'large', 'last']);
});

test('a read that fails gives its room back', async () => {
  const { reads } = scene(10);
  const failing = reads.run(10, () => Promise.reject(new Error('no disk')));
  const next = reads.run(10, () => Promise.resolve('read'));
  await expect(failing).rejects.toThrow('no disk');
  expect(await next).toBe('read');
});
