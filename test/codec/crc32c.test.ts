import { expect, test } from 'vitest';
import { crc32c } from '../../src/codec/crc32c.ts';

// The check value of CRC catalogues, and the vectors of RFC 3720 (iSCSI), appendix B.4.
test.each([
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['nothing', Buffer.alloc(0), 0],
  ['32 zero bytes', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
])('the CRC-32C of %s is the known one', (_, bytes, crc) => {
  expect(crc32c(bytes)).toBe(crc);
});

test('a part of a buffer is taken by itself', () => {
  expect(crc32c(Buffer.from('xx123456789xx').subarray(2, 11))).toBe(0xe3069283);
});
