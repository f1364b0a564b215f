import { expect, test } from 'vitest';
import { decodeSealed, encodeSealed } from '../../src/storage/sealed-text.ts';

const VALUE = { a: 1, list: ['x'] };

test('a sealed text is two lines that a person can read, and comes back as it was', () => {
  const content = encodeSealed('some title 1', VALUE);
  expect(content.toString()).toMatch(/^some title 1 [0-9a-f]{8}\n\{"a":1,"list":\["x"\]\}\n$/);
  expect(decodeSealed('some title 1', content)).toEqual({ kind: 'read', value: VALUE });
});

test('none, another title, every flipped bit and every cut are told apart from it', () => {
  expect(decodeSealed('t', undefined)).toEqual({ kind: 'none' });
  const content = encodeSealed('t', VALUE);
  expect(decodeSealed('u', content).kind).toBe('damaged');
  for (let bit = 0; bit < content.length * 8; bit += 1) {
    const copy = Buffer.from(content);
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(decodeSealed('t', copy).kind).toBe('damaged');
    expect(decodeSealed('t', content.subarray(0, bit >> 3)).kind).toBe('damaged');
  }
});
