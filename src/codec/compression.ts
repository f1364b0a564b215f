/**
 * Decompression of record batches; nothing is ever written compressed.
 */
import { promisify } from 'node:util';
import { gunzip, gunzipSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { DECOMPRESSED_BATCH_BYTES_MAX } from '../model/limits.ts';
import { corrupt } from './corrupt.ts';

/** Kafka's codecs of record batches. */
export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** Above this the work is done off the event loop. */
export const INFLATE_SYNC_BYTES_MAX = 1_048_576;

/** Inflates in this turn of the event loop: for small input. */
export function inflateSync(
  codec: Compression,
  bytes: Buffer,
  bytesMax: number = DECOMPRESSED_BATCH_BYTES_MAX,
): Buffer {
  if (codec === 'gzip') return gunzipSync(bytes, { maxOutputLength: bytesMax });
  if (codec === 'zstd') return zstdDecompressSync(bytes, { maxOutputLength: bytesMax });
  throw corrupt({ field: 'compression', expected: 'gzip or zstd', found: codec });
}

export async function inflate(
  codec: Compression,
  bytes: Buffer,
  bytesMax: number = DECOMPRESSED_BATCH_BYTES_MAX,
): Promise<Buffer> {
  if (codec === 'gzip') return promisify(gunzip)(bytes, { maxOutputLength: bytesMax });
  if (codec === 'zstd') return promisify(zstdDecompress)(bytes, { maxOutputLength: bytesMax });
  return inflateSync(codec, bytes, bytesMax);
}
