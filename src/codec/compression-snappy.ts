/**
 * Snappy, raw or in the framing of Java's snappy-java ("xerial"), which Kafka's clients use both.
 *
 *     raw      varint   length of the plain bytes, then elements that make them
 *     xerial   8 bytes  82 'SNAPPY' 00
 *              int32    version 1, int32 compatible version 1 (big-endian)
 *              then chunks: int32 bytes of the chunk (big-endian), a raw block
 *
 * What comes out is declared, so it is summed up and checked before anything is inflated.
 */
import { INFLATE_SYNC_BLOCKS_MAX, INFLATE_SYNC_BYTES_MAX } from '../model/limits.ts';
import { corrupt, tooLarge } from './corrupt.ts';
import { InflateLine } from './inflate-line.ts';
import { loadSnappy, nativeFault } from './native-codecs.ts';

const FIELD = 'snappy data';
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER_BYTES = 16;
/** No element makes more than 64 bytes out of its 3 or more, nor 11 out of its 2. */
const RATIO_MAX = 22;

interface Block {
  readonly bytes: Buffer;
  readonly plainBytes: number;
}

/** See `inflate` in compression.ts. */
export function inflateSnappy(bytes: Buffer, bytesMax: number): Buffer | Promise<Buffer> {
  const blocks = isXerial(bytes) ? xerialBlocks(bytes, bytesMax) : [blockOf(bytes, bytesMax)];
  const plainBytes = blocks.reduce((sum, block) => sum + block.plainBytes, 0);
  if (plainBytes > bytesMax) throw tooLarge(FIELD, bytesMax);
  const isSmall =
    Math.max(bytes.length, plainBytes) <= INFLATE_SYNC_BYTES_MAX &&
    blocks.length <= INFLATE_SYNC_BLOCKS_MAX;
  return isSmall ? inflateNow(blocks) : inflateLater(blocks);
}

function inflateNow(blocks: readonly Block[]): Buffer {
  const snappy = loadSnappy();
  try {
    return joined(blocks.map((block) => plainOf(snappy, block)));
  } catch (error) {
    throw nativeFault(error, { field: FIELD, expected: 'whole blocks' });
  }
}

async function inflateLater(blocks: readonly Block[]): Promise<Buffer> {
  const snappy = loadSnappy();
  const line = new InflateLine();
  const parts: Buffer[] = [];
  try {
    for (const block of blocks) {
      parts.push(plainOf(snappy, block));
      await line.rest(block.plainBytes);
    }
  } catch (error) {
    throw nativeFault(error, { field: FIELD, expected: 'whole blocks' });
  }
  return joined(parts);
}

/**
 * Without that option, and asynchronously also with it, the library never frees what it gives
 * (measured: 7.4 under Node 26, all of it). In one turn a block takes 0.7 ms a MiB.
 */
function plainOf(snappy: ReturnType<typeof loadSnappy>, { bytes }: Block): Buffer {
  return snappy.uncompressSync(bytes, { copyOutputData: true }) as Buffer;
}

function joined(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}

function isXerial(bytes: Buffer): boolean {
  return bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
}

function xerialBlocks(bytes: Buffer, bytesMax: number): Block[] {
  if (bytes.length < XERIAL_HEADER_BYTES) {
    const expected = `a framing header of ${XERIAL_HEADER_BYTES} bytes`;
    throw corrupt({ field: FIELD, expected, found: `${bytes.length} bytes` });
  }
  const blocks: Block[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length;) {
    const left = bytes.length - at - 4;
    const chunkBytes = left < 0 ? -1 : bytes.readInt32BE(at);
    if (chunkBytes < 1 || chunkBytes > left) {
      const expected = `a chunk of 1 to ${Math.max(0, left)} bytes at ${at}`;
      throw corrupt({ field: FIELD, expected, found: String(chunkBytes) });
    }
    blocks.push(blockOf(bytes.subarray(at + 4, at + 4 + chunkBytes), bytesMax));
    at += 4 + chunkBytes;
  }
  return blocks;
}

function blockOf(bytes: Buffer, bytesMax: number): Block {
  const plainBytes = declaredBytes(bytes);
  if (plainBytes > bytesMax) throw tooLarge(FIELD, bytesMax);
  if (plainBytes <= bytes.length * RATIO_MAX) return { bytes, plainBytes };
  const expected = `at most ${RATIO_MAX} times the ${bytes.length} bytes given`;
  throw corrupt({ field: `${FIELD} length`, expected, found: String(plainBytes) });
}

/** The unsigned varint of at most 32 bits that begins a raw block. */
function declaredBytes(bytes: Buffer): number {
  let value = 0;
  for (let index = 0; index < Math.min(5, bytes.length); index++) {
    const byte = bytes[index] as number;
    value += (byte & 127) * 2 ** (7 * index);
    if (byte < 128) return value;
  }
  throw corrupt({ field: `${FIELD} length`, expected: 'a varint of 32 bits', found: 'none' });
}
