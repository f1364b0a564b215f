/** Every file of a small partition spoiled in every way: reported, or without any effect. */
import { expect, test } from 'vitest';
import { damageSubject, faultOf } from '../support/damage-run.ts';

/** Record values are alike all over: of them every so many bits are enough. */
const BIT_STEP = Number(process.env['DAMAGE_BIT_STEP'] ?? 5);
const LENGTH_STEP = Number(process.env['DAMAGE_LENGTH_STEP'] ?? 7);

test('any one flipped bit', async () => {
  const subject = await damageSubject();
  for (const [name, content] of subject.files) {
    for (let bit = 0; bit < content.length * 8; bit += name.endsWith('.log') ? BIT_STEP : 1) {
      const flipped = Buffer.from(content);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect([name, bit, await faultOf(subject, new Map([[name, flipped]]))]).toEqual([
        name,
        bit,
        undefined,
      ]);
    }
  }
});

test('any length', async () => {
  const subject = await damageSubject();
  for (const [name, content] of subject.files) {
    for (let length = 0; length < content.length; length += LENGTH_STEP) {
      const cut = content.subarray(0, length);
      expect([name, length, await faultOf(subject, new Map([[name, cut]]))]).toEqual([
        name,
        length,
        undefined,
      ]);
    }
  }
});
