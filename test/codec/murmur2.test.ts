import { describe, expect, test } from 'vitest';
import { murmur2, partitionForKey } from '../../src/codec/murmur2.ts';

/** org.apache.kafka.common.utils.UtilsTest.testMurmur2 */
const KNOWN = [
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['a-little-bit-longer-string', -1_486_304_829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
  ['abc', 479_470_107],
] as const;

describe('murmur2', () => {
  test.each(KNOWN)('of %s is what Java computes', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  test('does not depend on where the bytes lie', () => {
    expect(murmur2(Buffer.from('-foobar-').subarray(1, 7))).toBe(-790_332_482);
  });

  test('of nothing is a number as well', () => {
    expect(murmur2(new Uint8Array(0))).toBe(275_646_681);
  });
});

describe('the partition of a key', () => {
  test.each(KNOWN)('%s: the sign bit is masked before the division', (text, hash) => {
    const positive = Number(BigInt(hash) & 0x7fff_ffffn);
    for (const count of [1, 2, 3, 7, 12, 10_000]) {
      expect(partitionForKey(Buffer.from(text), count)).toBe(positive % count);
    }
  });
});
