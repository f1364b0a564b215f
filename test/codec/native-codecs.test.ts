import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { inflate } from '../../src/codec/compression.ts';
import { isNativeDecodeError, loadLz4, loadSnappy } from '../../src/codec/native-codecs.ts';

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

test('what a codec throws about its bytes is told from everything else', () => {
  const thrown = (act: () => unknown): unknown => {
    try {
      return act();
    } catch (error) {
      return error;
    }
  };
  expect(isNativeDecodeError(thrown(() => loadSnappy().uncompressSync(Buffer.from([9]))))).toBe(
    true,
  );
  expect(isNativeDecodeError(thrown(() => loadLz4().uncompressSync(Buffer.from([9]))))).toBe(true);
  expect(isNativeDecodeError(new TypeError('something else'))).toBe(false);
});
