import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Xxh32, xxh32 } from '../../src/codec/xxh32.ts';
import { RUNS } from '../support/record-arbitraries.ts';

test.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('the XXH32 of "%s" is the known one', (text, hash) => {
  expect(xxh32(Buffer.from(text))).toBe(hash);
});

test('in steps of any size it is the same as at once', () => {
  const check = (parts: Uint8Array[]): void => {
    const hash = new Xxh32();
    for (const part of parts) hash.update(Buffer.from(part));
    expect(hash.digest()).toBe(xxh32(Buffer.concat(parts)));
  };
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), check), RUNS);
});
