/**
 * Compressed bytes as clients make them, by other libraries and by hand: what the decoders of
 * src/codec are tried with.
 */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { compressFrameSync, compressSync as lz4BlockWithSize } from 'lz4-napi';
import { compressSync as snappyBlock } from 'snappy';
import {
  BATCH_HEADER_BYTES,
  readBatchHeader,
  writeBatchHeader,
} from '../../src/codec/batch-header.ts';
import type { Compression } from '../../src/codec/compression.ts';
import { xxh32 } from '../../src/codec/xxh32.ts';

export const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const satisfies readonly Compression[];

export function compress(codec: Exclude<Compression, 'none'>, bytes: Buffer): Buffer {
  switch (codec) {
    case 'gzip':
      return gzipSync(bytes);
    case 'snappy':
      return snappyBlock(bytes);
    case 'lz4':
      return compressFrameSync(bytes);
    case 'zstd':
      return zstdCompressSync(bytes);
  }
}

/** The same batch as a client would have sent it compressed. */
export function compressedBatch(batch: Buffer, codec: Exclude<Compression, 'none'>): Buffer {
  const header = readBatchHeader(batch, 0);
  const records = compress(codec, batch.subarray(BATCH_HEADER_BYTES));
  return batchOf(batch, header.attributes | (CODECS.indexOf(codec) + 1), records);
}

/** A batch with the header of another one, except for these attributes and record bytes. */
export function batchOf(like: Buffer, attributes: number, records: Buffer): Buffer {
  const batch = Buffer.concat([Buffer.alloc(BATCH_HEADER_BYTES), records]);
  const place = { at: 0, end: batch.length };
  // The codec of `like` may be one that nobody has.
  const plain = Buffer.from(like.subarray(0, BATCH_HEADER_BYTES));
  plain.writeInt16BE(0, 21);
  writeBatchHeader(batch, place, { ...readBatchHeader(plain, 0), attributes });
  return batch;
}

/** The framing of Java's snappy-java: a header, then chunks with their lengths. */
export function xerial(chunks: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from('82534e41505059000000000100000001', 'hex')];
  for (const chunk of chunks) {
    const block = snappyBlock(chunk);
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

export interface Lz4FrameOptions {
  readonly isLinked?: boolean;
  readonly hasBlockChecksums?: boolean;
  readonly contentChecksum?: number;
  readonly contentBytes?: number;
  /** Replaces the flags that follow from the others. */
  readonly flags?: number;
  /** 0x40 = blocks of 64 KiB ... 0x70 = 4 MiB. */
  readonly blockSizeCode?: number;
}

export interface Lz4Block {
  readonly bytes: Buffer;
  readonly isStored: boolean;
}

export function lz4Stored(bytes: Buffer): Lz4Block {
  return { bytes, isStored: true };
}

/** A block by the library, which puts the size in front; `history` is what it may refer back to. */
export function lz4Compressed(plain: Buffer, history?: Buffer): Lz4Block {
  return { bytes: lz4BlockWithSize(plain, history).subarray(4), isStored: false };
}

export function lz4Frame(blocks: readonly Lz4Block[], options: Lz4FrameOptions = {}): Buffer {
  const hasContentBytes = options.contentBytes !== undefined;
  const flags =
    0b0100_0000 |
    (options.isLinked === true ? 0 : 0b10_0000) |
    (options.hasBlockChecksums === true ? 0b1_0000 : 0) |
    (hasContentBytes ? 0b1000 : 0) |
    (options.contentChecksum === undefined ? 0 : 0b100);
  const descriptor = Buffer.alloc(hasContentBytes ? 10 : 2);
  descriptor[0] = options.flags ?? flags;
  descriptor[1] = options.blockSizeCode ?? 0x40;
  if (hasContentBytes) descriptor.writeBigUInt64LE(BigInt(options.contentBytes), 2);
  const headerChecksum = Buffer.from([(xxh32(descriptor) >>> 8) & 255]);
  const parts: Buffer[] = [Buffer.from('04224d18', 'hex'), descriptor, headerChecksum];
  for (const { bytes, isStored } of blocks) {
    parts.push(uint32(bytes.length + (isStored ? 0x8000_0000 : 0)), bytes);
    if (options.hasBlockChecksums === true) parts.push(uint32(xxh32(bytes)));
  }
  parts.push(uint32(0));
  if (options.contentChecksum !== undefined) parts.push(uint32(options.contentChecksum));
  return Buffer.concat(parts);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
