/**
 * LZ4 frames (github.com/lz4/lz4, doc/lz4_Frame_format.md), walked here and inflated block by
 * block: the library's own frame decoder knows no limit. Numbers are little-endian.
 *
 *     magic        04 22 4d 18
 *     FLG          bits 6-7 version 01, 5 blocks are independent, 4 block checksums, 3 content
 *                  size, 2 content checksum, 1 zero, 0 dictionary id (refused: nobody has it)
 *     BD           bits 4-6 block size: 4 = 64 KiB, 5 = 256 KiB, 6 = 1 MiB, 7 = 4 MiB; others zero
 *     content size uint64, if flagged
 *     HC           second byte of the XXH32 of what stands behind the magic
 *     blocks       uint32 size (top bit: stored as it is), data, uint32 XXH32 of them if flagged
 *     end mark     uint32 0
 *     checksum     uint32 XXH32 of the plain content, if flagged
 *
 * All checksums are checked, because readers check them and would be stuck at such a batch. A
 * batch holds one frame and nothing behind it.
 */
import { INFLATE_SYNC_BLOCKS_MAX, INFLATE_SYNC_BYTES_MAX } from '../model/limits.ts';
import type { MillraceError } from '../model/errors.ts';
import { corrupt, tooLarge } from './corrupt.ts';
import { InflateLine } from './inflate-line.ts';
import { loadLz4, nativeFault } from './native-codecs.ts';
import { Xxh32, xxh32 } from './xxh32.ts';

const FIELD = 'lz4 frame';
const WHOLE_BLOCK = { field: `${FIELD} block`, expected: 'a whole block' };
const MAGIC = 0x184d2204;
const STORED_BIT = 0x8000_0000;
/** Linked blocks refer back this far into what came out before them. */
const HISTORY_BYTES = 65_536;
/** A byte of a block adds 255 bytes at the most (a run length); 64 covers the shortest blocks. */
const RATIO_MAX = 255;
const RATIO_SLACK_BYTES = 64;

/** See `inflate` in compression.ts. */
export function inflateLz4(bytes: Buffer, bytesMax: number): Buffer | Promise<Buffer> {
  const frame = new Frame(bytes, bytesMax);
  const lz4 = loadLz4();
  try {
    while (frame.isSmall) {
      const block = frame.next();
      if (block === undefined) return frame.finish();
      frame.take(block.isStored ? block.data : lz4.uncompressSync(block.data, block.history));
    }
  } catch (error) {
    throw nativeFault(error, WHOLE_BLOCK);
  }
  return inflateRest(frame, lz4);
}

/** Block by block, since what the library inflates asynchronously it never frees (measured). */
async function inflateRest(frame: Frame, lz4: ReturnType<typeof loadLz4>): Promise<Buffer> {
  const line = new InflateLine();
  try {
    for (;;) {
      const block = frame.next();
      if (block === undefined) return frame.finish();
      const { isStored, data, history } = block;
      const plain = isStored ? data : lz4.uncompressSync(data, history);
      frame.take(plain);
      await line.rest(plain.length);
    }
  } catch (error) {
    throw nativeFault(error, WHOLE_BLOCK);
  }
}

interface Block {
  readonly isStored: boolean;
  /** As it is, or behind the bound on its plain size (uint32) that the library reads there. */
  readonly data: Buffer;
  /** What linked blocks refer back to. */
  readonly history: Buffer | undefined;
}

/** A walk over one frame: for each `next` block its plain bytes are given to `take`. */
class Frame {
  readonly #bytes: Buffer;
  readonly #bytesMax: number;
  readonly #hasBlockChecksums: boolean;
  readonly #isLinked: boolean;
  readonly #blockBytesMax: number;
  readonly #contentBytes: number | undefined;
  readonly #contentHash: Xxh32 | undefined;
  #at: number;
  #blockCount = 0;
  #output: Buffer;
  #outputBytes = 0;

  constructor(bytes: Buffer, bytesMax: number) {
    this.#bytes = bytes;
    this.#bytesMax = bytesMax;
    const header = readFrameHeader(bytes);
    const { contentBytes } = header;
    if (contentBytes !== undefined && contentBytes > bytesMax) throw tooLarge(FIELD, bytesMax);
    this.#at = header.end;
    this.#hasBlockChecksums = header.hasBlockChecksums;
    this.#isLinked = header.isLinked;
    this.#blockBytesMax = header.blockBytesMax;
    this.#contentBytes = contentBytes;
    this.#contentHash = header.hasContentChecksum ? new Xxh32() : undefined;
    const likelyBytes = Math.min(contentBytes ?? Infinity, bytes.length * 4, bytesMax);
    this.#output = Buffer.allocUnsafeSlow(likelyBytes);
  }

  /** Whether going on in this turn of the event loop is fine. */
  get isSmall(): boolean {
    return (
      Math.max(this.#bytes.length, this.#outputBytes) <= INFLATE_SYNC_BYTES_MAX &&
      this.#blockCount <= INFLATE_SYNC_BLOCKS_MAX
    );
  }

  /** The next block, checked; undefined at the end mark. */
  next(): Block | undefined {
    const word = this.#uint32('block size');
    if (word === 0) return undefined;
    this.#blockCount++;
    const isStored = word >= STORED_BIT;
    const bytes = isStored ? word - STORED_BIT : word;
    if (bytes < 1 || bytes > this.#blockBytesMax) {
      throw frameFault('block size', `1 to ${this.#blockBytesMax}`, bytes);
    }
    const raw = this.#slice(bytes, 'block');
    if (this.#hasBlockChecksums) this.#check('block checksum', xxh32(raw));
    if (isStored) return { isStored, data: raw, history: undefined };
    const data = Buffer.allocUnsafe(4 + bytes);
    const plainBytesMax = Math.min(this.#blockBytesMax, bytes * RATIO_MAX + RATIO_SLACK_BYTES);
    data.writeUInt32LE(plainBytesMax, 0);
    raw.copy(data, 4);
    return { isStored, data, history: this.#history() };
  }

  #history(): Buffer | undefined {
    if (!this.#isLinked || this.#outputBytes === 0) return undefined;
    const start = Math.max(0, this.#outputBytes - HISTORY_BYTES);
    return this.#output.subarray(start, this.#outputBytes);
  }

  take(plain: Buffer): void {
    const end = this.#outputBytes + plain.length;
    if (end > this.#bytesMax) throw tooLarge(FIELD, this.#bytesMax);
    if (end > this.#output.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#bytesMax, end * 2));
      this.#output.copy(grown, 0, 0, this.#outputBytes);
      this.#output = grown;
    }
    plain.copy(this.#output, this.#outputBytes);
    this.#outputBytes = end;
    this.#contentHash?.update(plain);
  }

  /** All that was taken, once the end mark has been read. */
  finish(): Buffer {
    if (this.#contentHash !== undefined) {
      this.#check('content checksum', this.#contentHash.digest());
    }
    const expected = this.#contentBytes ?? this.#outputBytes;
    if (this.#outputBytes !== expected) {
      throw frameFault('content size', `the ${expected} bytes declared`, this.#outputBytes);
    }
    const left = this.#bytes.length - this.#at;
    if (left !== 0) throw frameFault('end', 'no bytes behind it', left);
    return this.#output.subarray(0, this.#outputBytes);
  }

  #check(what: string, computed: number): void {
    const stored = this.#uint32(what);
    if (stored !== computed) throw frameFault(what, `${stored} (stored)`, computed);
  }

  #uint32(what: string): number {
    return this.#slice(4, what).readUInt32LE(0);
  }

  #slice(bytes: number, what: string): Buffer {
    const start = this.#at;
    const left = this.#bytes.length - start;
    if (bytes > left) throw frameFault(what, `${bytes} bytes at ${start}`, left);
    this.#at = start + bytes;
    return this.#bytes.subarray(start, this.#at);
  }
}

interface FrameHeader {
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
  readonly isLinked: boolean;
  readonly blockBytesMax: number;
  readonly contentBytes: number | undefined;
  readonly end: number;
}

function readFrameHeader(bytes: Buffer): FrameHeader {
  if (bytes.length < 7) throw frameFault('header', 'at least 7 bytes', bytes.length);
  const magic = bytes.readUInt32LE(0);
  if (magic !== MAGIC) throw frameFault('magic', String(MAGIC), magic);
  const flags = bytes[4] as number;
  // Version 01; the reserved bit and the dictionary bit must not be set.
  if ((flags & 0b1100_0011) !== 0b0100_0000) throw frameFault('flags', '01xxxx00 binary', flags);
  const blockSize = bytes[5] as number;
  const sizeNumber = blockSize >>> 4;
  if ((blockSize & 0b1000_1111) !== 0 || sizeNumber < 4) {
    throw frameFault('block size code', '4 to 7, other bits 0', blockSize);
  }
  const hasContentSize = (flags & 0b1000) !== 0;
  const checksumAt = hasContentSize ? 14 : 6;
  if (bytes.length <= checksumAt) {
    throw frameFault('header', `${checksumAt + 1} bytes`, bytes.length);
  }
  const computed = (xxh32(bytes.subarray(4, checksumAt)) >>> 8) & 255;
  const stored = bytes[checksumAt] as number;
  if (stored !== computed) throw frameFault('header checksum', `${stored} (stored)`, computed);
  return {
    hasBlockChecksums: (flags & 0b1_0000) !== 0,
    hasContentChecksum: (flags & 0b100) !== 0,
    isLinked: (flags & 0b10_0000) === 0,
    blockBytesMax: 2 ** (8 + 2 * sizeNumber),
    // Above 2^53 it is not exact, and far above any bound.
    contentBytes: hasContentSize ? Number(bytes.readBigUInt64LE(6)) : undefined,
    end: checksumAt + 1,
  };
}

function frameFault(what: string, expected: string, found: number): MillraceError {
  return corrupt({ field: `${FIELD} ${what}`, expected, found: String(found) });
}
