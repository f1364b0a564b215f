import { expect, test } from 'vitest';
import { wordsFor } from '../../src/cli/doctor-words.ts';

test('damage that no start looks for is told to come up later', () => {
  expect(wordsFor('bad-bytes').start).toMatch(/^offline/);
  expect(wordsFor('bad-bytes', true).start).toMatch(/^online, and offline as soon as a reader/);
  expect(wordsFor('bad-bytes', true).means).toBe(wordsFor('bad-bytes').means);
});

test('what the server mends needs no advice, what it keeps offline does', () => {
  for (const kind of ['torn-tail', 'checkpoint-damaged', 'index-doubtful'] as const) {
    expect(wordsFor(kind).advice).toBeUndefined();
  }
  for (const kind of ['segment-missing', 'nothing-left', 'catalogue-unusable'] as const) {
    expect(wordsFor(kind).advice).toMatch(/copy/);
  }
});
