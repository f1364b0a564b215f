import { compressFrameSync } from 'lz4-napi';
import { describe, expect, test } from 'vitest';
import { inflateLz4 } from '../../src/codec/compression-lz4.ts';
import { xxh32 } from '../../src/codec/xxh32.ts';
import { INFLATE_SYNC_BLOCKS_MAX, INFLATE_SYNC_BYTES_MAX } from '../../src/model/limits.ts';
import { lz4Compressed, lz4Frame, lz4Stored } from '../support/compressed-frames.ts';
import type { Lz4Block, Lz4FrameOptions } from '../support/compressed-frames.ts';
import { refusalOf } from '../support/refusal.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const MAX = 8_000_000;
const BLOCK_BYTES = 65_536;

/** Text in which the same words come again far apart, so that linked blocks refer back. */
function words(count: number): Buffer {
  const random = new SeededRandom(7);
  const some = Array.from({ length: 300 }, () => random.below(2 ** 32).toString(36));
  return Buffer.from(Array.from({ length: count }, () => random.pick(some)).join(' '));
}

function slices(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

/** Each block may refer to the 64 KiB before it. */
function linkedBlocks(bytes: Buffer, size: number): Lz4Block[] {
  return slices(bytes, size).map((slice, index) => {
    const start = index * size;
    const history = bytes.subarray(Math.max(0, start - BLOCK_BYTES), start);
    return index === 0 ? lz4Compressed(slice) : lz4Compressed(slice, history);
  });
}

function inflated(frame: Buffer): Buffer {
  return inflateLz4(frame, MAX) as Buffer;
}

function block(hex: string): Lz4Block {
  return { bytes: Buffer.from(hex.replaceAll(' ', ''), 'hex'), isStored: false };
}

describe('a frame', () => {
  test('of independent blocks', () => {
    const text = words(40_000);
    const frame = lz4Frame(slices(text, BLOCK_BYTES).map((each) => lz4Compressed(each)));
    expect(inflated(frame).equals(text)).toBe(true);
  });

  test('of linked blocks, however small they are', () => {
    const text = words(40_000);
    for (const size of [BLOCK_BYTES, 10_000]) {
      const blocks = linkedBlocks(text, size);
      const alone = slices(text, size).map((each) => lz4Compressed(each));
      expect(Buffer.concat(blocks.map(({ bytes }) => bytes)).length).toBeLessThan(
        Buffer.concat(alone.map(({ bytes }) => bytes)).length,
      );
      expect(inflated(lz4Frame(blocks, { isLinked: true })).equals(text)).toBe(true);
    }
  });

  test('of linked blocks by hand, with a copy that runs from the last block into its own', () => {
    // No literals, 12 bytes from 4 back (token 08), then the last literals (token 50).
    const blocks = [lz4Stored(Buffer.from('abcdefgh')), block('08 0400 50 3132333435')];
    expect(inflated(lz4Frame(blocks, { isLinked: true })).toString()).toBe(
      'abcdefghefghefghefgh12345',
    );
  });

  test('of independent blocks may not refer back', () => {
    const blocks = [lz4Stored(Buffer.from('abcdefgh')), block('08 0400 50 3132333435')];
    expect(refusalOf(() => inflated(lz4Frame(blocks))).details['field']).toBe('lz4 frame block');
  });

  test('as other writers make it, with and without checksums', () => {
    const text = words(40_000);
    for (const options of [{}, { blockChecksums: true }, { contentChecksum: true }]) {
      expect(inflated(compressFrameSync(text, options)).equals(text)).toBe(true);
    }
  });

  test('with everything in it', () => {
    const text = words(20_000);
    const options: Lz4FrameOptions = {
      isLinked: true,
      hasBlockChecksums: true,
      contentBytes: text.length,
      contentChecksum: xxh32(text),
      blockSizeCode: 0x50,
    };
    expect(inflated(lz4Frame(linkedBlocks(text, 50_000), options)).equals(text)).toBe(true);
  });

  test('of stored blocks, or of none', () => {
    const parts = ['abc', 'def'].map((each) => lz4Stored(Buffer.from(each)));
    expect(inflated(lz4Frame(parts)).toString()).toBe('abcdef');
    expect(inflated(lz4Frame([]))).toHaveLength(0);
  });

  test('of much or of many is inflated later, linked blocks too', async () => {
    const text = words(300_000);
    expect(text.length).toBeGreaterThan(INFLATE_SYNC_BYTES_MAX);
    const much = inflateLz4(lz4Frame(linkedBlocks(text, BLOCK_BYTES), { isLinked: true }), MAX);
    expect(much).toBeInstanceOf(Promise);
    expect((await much).equals(text)).toBe(true);
    const tiny = Array.from({ length: INFLATE_SYNC_BLOCKS_MAX + 2 }, () => block('10 61'));
    const many = inflateLz4(lz4Frame(tiny), MAX);
    expect(many).toBeInstanceOf(Promise);
    expect((await many).toString()).toBe('a'.repeat(tiny.length));
  });
});

describe('a frame is corrupt', () => {
  const abc = [lz4Stored(Buffer.from('abc'))];

  function spoiled(change: (frame: Buffer) => Buffer | void, options?: Lz4FrameOptions): Buffer {
    const frame = lz4Frame(abc, options);
    return change(frame) ?? frame;
  }

  test.each<[string, Buffer, string]>([
    ['with another magic', spoiled((f) => void (f[0] = 5)), 'magic'],
    ['of another version', lz4Frame(abc, { flags: 0b1010_0000 }), 'flags'],
    ['with a dictionary', lz4Frame(abc, { flags: 0b0110_0001 }), 'flags'],
    ['with the reserved flag', lz4Frame(abc, { flags: 0b0110_0010 }), 'flags'],
    ['with a block size that is none', lz4Frame(abc, { blockSizeCode: 0x30 }), 'block size code'],
    ['with reserved size bits', lz4Frame(abc, { blockSizeCode: 0x41 }), 'block size code'],
    ['with another header checksum', spoiled((f) => void (f[6]! ^= 1)), 'header checksum'],
    ['cut in its content size', lz4Frame(abc, { contentBytes: 3 }).subarray(0, 14), 'header'],
    ['without a block', spoiled((f) => f.subarray(0, 7)), 'block size'],
    ['without its end mark', spoiled((f) => f.subarray(0, -4)), 'block size'],
    ['with bytes behind its end', spoiled((f) => Buffer.concat([f, Buffer.alloc(1)])), 'end'],
    ['with an empty block', lz4Frame([lz4Stored(Buffer.alloc(0))]), 'block size'],
    ['with a block above its size', lz4Frame([lz4Stored(Buffer.alloc(65_537))]), 'block size'],
    [
      'with another block checksum',
      spoiled((f) => void (f[f.length - 5]! ^= 1), { hasBlockChecksums: true }),
      'block checksum',
    ],
    ['with another content checksum', lz4Frame(abc, { contentChecksum: 1 }), 'content checksum'],
    ['with more than its content size', lz4Frame(abc, { contentBytes: 2 }), 'content size'],
    ['with less than its content size', lz4Frame(abc, { contentBytes: 4 }), 'content size'],
    ['with a block that is no block', lz4Frame([block('ff ff')]), 'block'],
  ])('%s', (_, frame, what) => {
    expect(refusalOf(() => inflated(frame))).toMatchObject({
      code: 'CORRUPT_MESSAGE',
      details: { field: `lz4 frame ${what}` },
    });
  });

  test('also when a later block is found so off the event loop', async () => {
    const blocks = Array.from({ length: INFLATE_SYNC_BLOCKS_MAX + 2 }, () => block('10 61'));
    const frame = lz4Frame([...blocks, block('ff ff')]);
    await expect(inflateLz4(frame, MAX)).rejects.toMatchObject({ code: 'CORRUPT_MESSAGE' });
  });
});

describe('a bound', () => {
  test('is held by the content size before anything is inflated', () => {
    const frame = lz4Frame([lz4Stored(Buffer.from('abc'))], { contentBytes: MAX + 1 });
    expect(refusalOf(() => inflated(frame)).details['expected']).toBe(
      `at most ${MAX} bytes decompressed`,
    );
  });

  test('is held block by block when the frame does not say', async () => {
    const blocks = Array.from({ length: 3 }, () => lz4Compressed(Buffer.alloc(4_000_000)));
    const frame = lz4Frame(blocks, { blockSizeCode: 0x70 });
    expect(frame.length).toBeLessThan(60_000);
    await expect(inflateLz4(frame, MAX)).rejects.toMatchObject({
      details: { expected: `at most ${MAX} bytes decompressed` },
    });
  });

  test('is held by a block, which may not become larger than the frame says', () => {
    const frame = lz4Frame([lz4Compressed(Buffer.alloc(65_537))]);
    expect(refusalOf(() => inflated(frame)).details['field']).toBe('lz4 frame block');
  });
});
