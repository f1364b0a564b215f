import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inflate } from '../../src/codec/compression.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { DECOMPRESSED_BATCH_BYTES_MAX, INFLATE_SYNC_BYTES_MAX } from '../../src/model/limits.ts';
import { CODECS, compress } from '../support/compressed-frames.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const TEXT = Buffer.from('the same words again and again, '.repeat(100));
/** Larger than what is inflated in one turn, and itself compressed to little. */
const LARGE = Buffer.alloc(3 * INFLATE_SYNC_BYTES_MAX, 'and so on');

/** Stays larger than what is inflated in one turn, whatever the codec. */
function incompressible(): Buffer {
  const random = new SeededRandom(1);
  const bytes = Buffer.alloc(INFLATE_SYNC_BYTES_MAX + 4);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(random.below(2 ** 32), at);
  return bytes;
}

/** Both ways of failing, thrown and rejected, as one. */
async function failureOf(act: () => unknown): Promise<MillraceError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

test('without a codec the bytes are what they are', () => {
  expect(inflate('none', TEXT)).toBe(TEXT);
});

describe.each(CODECS)('%s', (codec) => {
  test('small bytes come back at once', () => {
    expect((inflate(codec, compress(codec, TEXT)) as Buffer).equals(TEXT)).toBe(true);
  });

  test('nothing comes back as nothing', () => {
    expect(inflate(codec, compress(codec, Buffer.alloc(0)))).toHaveLength(0);
  });

  test('large output comes back later', async () => {
    const later = inflate(codec, compress(codec, LARGE));
    expect(later).toBeInstanceOf(Promise);
    expect((await later).equals(LARGE)).toBe(true);
  });

  test('large input comes back later', async () => {
    const bytes = incompressible();
    const later = inflate(codec, compress(codec, bytes));
    expect(later).toBeInstanceOf(Promise);
    expect((await later).equals(bytes)).toBe(true);
  });

  test('output of exactly the bound is fine, one byte more is not', async () => {
    for (const plain of [TEXT, LARGE]) {
      const bytes = compress(codec, plain);
      expect((await inflate(codec, bytes, plain.length)).equals(plain)).toBe(true);
      const error = await failureOf(() => inflate(codec, bytes, plain.length - 1));
      expect(error.code).toBe('MESSAGE_TOO_LARGE');
      expect(error.details['expected']).toBe(`at most ${plain.length - 1} bytes decompressed`);
    }
  });

  test('a bomb ends at the bound of a batch', async () => {
    const bomb = compress(codec, Buffer.alloc(DECOMPRESSED_BATCH_BYTES_MAX + 1));
    expect(bomb.length).toBeLessThan(4_000_000);
    const error = await failureOf(() => inflate(codec, bomb));
    expect(error.code).toBe('MESSAGE_TOO_LARGE');
    expect(error.details['expected']).toContain(String(DECOMPRESSED_BATCH_BYTES_MAX));
  });

  test('every cut is noticed', async () => {
    const bytes = compress(codec, TEXT.subarray(0, 200));
    for (let end = 0; end < bytes.length; end++) {
      const error = await failureOf(() => inflate(codec, bytes.subarray(0, end)));
      expect(error.code).toBe('CORRUPT_MESSAGE');
    }
  });

  test('any other bytes, and any flipped bit, are refused or give bytes within the bound', async () => {
    const check = async (bytes: Buffer): Promise<void> => {
      try {
        expect((await inflate(codec, bytes, 100_000)).length).toBeLessThanOrEqual(100_000);
      } catch (error) {
        const refusal = expect.stringMatching(/^(?:CORRUPT_MESSAGE|MESSAGE_TOO_LARGE)$/) as unknown;
        expect(error).toMatchObject({ name: 'MillraceError', code: refusal });
      }
    };
    const good = compress(codec, TEXT);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = Buffer.from(good);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      await check(bytes);
    }
    const any = fc.uint8Array({ maxLength: 100 }).map((each) => Buffer.from(each));
    await fc.assert(fc.asyncProperty(any, check), RUNS);
  });
});

test('a small bomb that needs no more than a turn to begin is ended as well', async () => {
  for (const codec of ['gzip', 'zstd'] as const) {
    const error = await failureOf(() => inflate(codec, compress(codec, LARGE), LARGE.length - 1));
    expect(error.code).toBe('MESSAGE_TOO_LARGE');
  }
});

test('streams of several members are read whole, as other readers do', () => {
  const half = TEXT.subarray(0, 100);
  for (const [codec, one] of [
    ['gzip', gzipSync(half)],
    ['zstd', zstdCompressSync(half)],
  ] as const) {
    const bytes = inflate(codec, Buffer.concat([one, one])) as Buffer;
    expect(bytes.equals(Buffer.concat([half, half]))).toBe(true);
  }
});

test('a mistake of the caller is not told as a fault of the bytes', () => {
  const bytes = compress('gzip', TEXT);
  expect(() => inflate('gzip', bytes, -1)).toThrow(
    expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
  );
});
