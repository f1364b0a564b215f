/**
 * Kafka's MurmurHash2 and the partition it gives a key, so that a key sent over HTTP lands where
 * every Kafka client would put it (org.apache.kafka.common.utils.Utils.murmur2, toPositive).
 */
import assert from 'node:assert';

const SEED = 0x9747b28c;
const MIX = 0x5bd1e995;

/** Int32, as Java shows it. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const wholeEnd = length - (length % 4);
  let hash = SEED ^ length;
  for (let at = 0; at < wholeEnd; at += 4) {
    let word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    word = Math.imul(word, MIX);
    word ^= word >>> 24;
    hash = Math.imul(hash, MIX) ^ Math.imul(word, MIX);
  }
  const rest = length - wholeEnd;
  if (rest === 3) hash ^= (bytes[wholeEnd + 2] as number) << 16;
  if (rest >= 2) hash ^= (bytes[wholeEnd + 1] as number) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[wholeEnd] as number), MIX);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MIX);
  return hash ^ (hash >>> 15);
}

/** The sign bit is masked, not negated: Kafka's rule for a non-null key. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  assert(partitionCount >= 1);
  return (murmur2(key) & 0x7fff_ffff) % partitionCount;
}
