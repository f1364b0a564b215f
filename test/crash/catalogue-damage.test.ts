/** The catalogue's file, spoiled on a real disk: refused, or it says what it said. */
import { expect, test } from 'vitest';
import { tally } from '../support/campaign-tally.ts';
import { damagedCatalogue } from '../support/damaged-catalogue.ts';
import { bitFlips, truncations, zeroedBlocks } from '../support/spoiled-files.ts';

const NAME = 'catalogue.db';
/** Sampled: each costs a start of SQLite. Room that nothing uses makes up most of the file. */
const BIT_STEP = Number(process.env['CATALOGUE_BIT_STEP'] ?? 233);
const LENGTH_STEP = Number(process.env['CATALOGUE_LENGTH_STEP'] ?? 509);

test('the catalogue is never believed wrong', async () => {
  const catalogue = await damagedCatalogue();
  const files = { files: new Map([[NAME, catalogue.content]]) };
  const kinds = [
    ['bit flips', bitFlips(files, BIT_STEP)],
    ['truncations', truncations(files, LENGTH_STEP)],
    ['zeroed blocks', zeroedBlocks(files)],
  ] as const;
  for (const [kind, spoilings] of kinds) {
    let count = 0;
    for (const { name, spoiled } of spoilings) {
      const content = spoiled.get(NAME) as Buffer;
      // Of a file that is empty SQLite cannot know that it was none.
      if (content.length === 0) continue;
      expect([name, await catalogue.faultOf(content)]).toEqual([name, undefined]);
      count += 1;
    }
    tally(kind, count);
  }
});
