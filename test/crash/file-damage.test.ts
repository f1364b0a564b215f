/**
 * Every file of small partitions spoiled in every way: reported, or without any effect; examined as
 * the server judges; repaired without losing what is sound.
 */
import { expect, test } from 'vitest';
import { tally } from '../support/campaign-tally.ts';
import { faultOf } from '../support/damage-run.ts';
import { damageSubject } from '../support/damage-subjects.ts';
import type { DamageSubject } from '../support/damage-subjects.ts';
import { bitFlips, displacedFiles, truncations, zeroedBlocks } from '../support/spoiled-files.ts';
import type { Spoiling } from '../support/spoiled-files.ts';

async function tryAll(
  kind: string,
  subject: DamageSubject,
  spoilings: Iterable<Spoiling>,
): Promise<void> {
  let count = 0;
  for (const { name, spoiled } of spoilings) {
    expect([name, await faultOf(subject, spoiled)]).toEqual([name, undefined]);
    count += 1;
  }
  tally(kind, count);
}

test.each(['small', 'unclean'] as const)('any one flipped bit (%s)', async (shape) => {
  const subject = await damageSubject(shape);
  await tryAll('bit flips', subject, bitFlips(subject, 1));
});
test.each(['small', 'unclean'] as const)('any length (%s)', async (shape) => {
  const subject = await damageSubject(shape);
  await tryAll('truncations', subject, truncations(subject, 1));
});
test.each(['small', 'unclean', 'indexed'] as const)('any block of zeros (%s)', async (shape) => {
  const subject = await damageSubject(shape);
  await tryAll('zeroed blocks', subject, zeroedBlocks(subject));
});
test.each(['small', 'unclean', 'indexed'] as const)('files in wrong places (%s)', async (shape) => {
  const [subject, foreign] = [await damageSubject(shape), await damageSubject(shape, true)];
  await tryAll('swapped or foreign files', subject, displacedFiles(subject, foreign));
});
test('any bit and length of long segments, sampled', async () => {
  const subject = await damageSubject('indexed');
  await tryAll('bit flips', subject, bitFlips(subject, 97));
  await tryAll('truncations', subject, truncations(subject, 31));
});
