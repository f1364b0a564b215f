import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { inflate } from '../../src/codec/compression.ts';
import { loadLz4, loadSnappy, nativeFault } from '../../src/codec/native-codecs.ts';

const { cache } = createRequire(import.meta.url);

function isLoaded(name: string): boolean {
  return Object.keys(cache).some((path) => path.includes(`/node_modules/${name}/`));
}

test('a codec is loaded when the first batch needs it, and not before', () => {
  expect(inflate('none', Buffer.from('x'))).toHaveLength(1);
  expect([isLoaded('snappy'), isLoaded('lz4-napi')]).toEqual([false, false]);
  // A raw block: length 1, a literal of 1.
  expect(inflate('snappy', Buffer.from([1, 0, 0x61]))).toEqual(Buffer.from('a'));
  expect([isLoaded('snappy'), isLoaded('lz4-napi')]).toEqual([true, false]);
  expect(loadLz4()).toBe(loadLz4());
  expect(isLoaded('lz4-napi')).toBe(true);
});

test.each([
  ['snappy', () => loadSnappy().uncompressSync(Buffer.from([9]))],
  ['lz4', () => loadLz4().uncompressSync(Buffer.from([9]))],
])('what %s throws about its bytes is told as their fault', (_, act) => {
  expect(faultOf(act)).toMatchObject({
    code: 'CORRUPT_MESSAGE',
    message: expect.stringMatching(/^data: expected whole, found ./) as string,
    details: { field: 'data', expected: 'whole' },
  });
});

test('anything else that a codec throws stays what it is', () => {
  const other = new RangeError('no memory');
  const act = (): never => {
    throw other;
  };
  expect(faultOf(act)).toBe(other);
});

function faultOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return nativeFault(error, { field: 'data', expected: 'whole' });
  }
}
