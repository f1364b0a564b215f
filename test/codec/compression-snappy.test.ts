import { compressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import { inflateSnappy } from '../../src/codec/compression-snappy.ts';
import { INFLATE_SYNC_BLOCKS_MAX } from '../../src/model/limits.ts';
import { xerial } from '../support/compressed-frames.ts';
import { refusalOf } from '../support/refusal.ts';

const MAX = 1_000_000;
const PARTS = ['first chunk, ', 'second chunk, ', 'third'].map((each) => Buffer.from(each));
const WHOLE = Buffer.concat(PARTS);

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

describe('raw', () => {
  test('a block by hand: its length, a literal, a copy of it', () => {
    // 8 bytes; literal of 4 (tag (4-1)<<2); copy of 4 from 4 back (tag 1: 00000001, offset 4).
    expect(inflateSnappy(hex('08 0c 61626364 01 04'), MAX)).toEqual(Buffer.from('abcdabcd'));
  });

  test.each([
    ['nothing at all', '', 'snappy data length'],
    ['a length without an end', 'ffffffffff 00', 'snappy data length'],
    ['a length that so few bytes cannot make', 'ff7f 00', 'snappy data length'],
    ['a literal that is cut off', '04 0c 61', 'snappy data'],
    ['a copy from before the beginning', '08 0c 61626364 01 05', 'snappy data'],
    ['more than was declared', '03 0c 61626364', 'snappy data'],
  ])('%s is corrupt', (_, bytes, field) => {
    expect(refusalOf(() => inflateSnappy(hex(bytes), MAX))).toMatchObject({
      code: 'CORRUPT_MESSAGE',
      details: { field },
    });
  });

  test('a declared length above the bound is refused before anything is inflated', () => {
    // 4 GiB - 1; the rest is no valid block, which nobody gets to see.
    const bytes = Buffer.concat([hex('ffffffff0f'), Buffer.alloc(1_000_000)]);
    expect(refusalOf(() => inflateSnappy(bytes, MAX)).details['expected']).toBe(
      'at most 1000000 bytes decompressed',
    );
  });
});

describe('in the framing of snappy-java', () => {
  test('chunks come back as one', () => {
    expect(inflateSnappy(xerial(PARTS), MAX)).toEqual(WHOLE);
  });

  test('a frame without chunks is empty', () => {
    expect(inflateSnappy(xerial([]), MAX)).toHaveLength(0);
  });

  test('many chunks are inflated later, so that tiny ones cannot hold up the rest', async () => {
    const chunks = Array.from({ length: INFLATE_SYNC_BLOCKS_MAX + 1 }, (_, i) => Buffer.from([i]));
    const later = inflateSnappy(xerial(chunks), MAX);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toEqual(Buffer.concat(chunks));
  });

  test('the declared lengths are bounded in sum', () => {
    const chunks = Array.from({ length: 3 }, () => Buffer.alloc(400_000));
    expect(refusalOf(() => inflateSnappy(xerial(chunks), MAX)).details['expected']).toBe(
      'at most 1000000 bytes decompressed',
    );
  });

  test.each([
    ['a header that is cut off', xerial([]).subarray(0, 15)],
    ['a chunk length that is cut off', xerial(PARTS).subarray(0, 18)],
    ['a chunk that is cut off', xerial(PARTS).subarray(0, -1)],
    ['a chunk of no bytes', Buffer.concat([xerial([]), Buffer.alloc(4)])],
    ['a negative chunk length', Buffer.concat([xerial([]), hex('ffffffff 00')])],
    ['a chunk length beyond the end', Buffer.concat([xerial([]), hex('7fffffff 00')])],
    ['a broken chunk', Buffer.concat([xerial([]), hex('00000002 05 00')])],
  ])('%s is corrupt', (_, bytes) => {
    expect(refusalOf(() => inflateSnappy(bytes, MAX)).code).toBe('CORRUPT_MESSAGE');
  });

  test('a broken chunk among many is corrupt as well', async () => {
    const chunks = Array.from({ length: INFLATE_SYNC_BLOCKS_MAX + 1 }, () => Buffer.from('abc'));
    const bytes = Buffer.concat([xerial(chunks), hex('00000002 05 00')]);
    await expect(inflateSnappy(bytes, MAX)).rejects.toMatchObject({ code: 'CORRUPT_MESSAGE' });
  });
});

test('bytes that only begin like the framing are a raw block', () => {
  const block = compressSync(Buffer.alloc(0x2982, 'S'));
  expect(block.subarray(0, 2)).toEqual(hex('8253'));
  expect(inflateSnappy(block, MAX)).toHaveLength(0x2982);
});
