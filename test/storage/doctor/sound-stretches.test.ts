import { expect, test } from 'vitest';
import { emptySegment } from '../../../src/storage/segment.ts';
import { endOf, joined } from '../../../src/storage/doctor/sound-stretches.ts';

function stretch(from: number, to: number, baseOffset: number, endOffset: number, more = {}) {
  const facts = { ...emptySegment(baseOffset), endOffset, bytes: to - from };
  return { from, to, flushStart: baseOffset, facts: { ...facts, ...more } };
}

test('two that follow one another are one, with the largest timestamp of both', () => {
  const late = { maxTimestamp: 9, maxTimestampOffset: 4 };
  const [one, ...others] = joined([stretch(0, 10, 3, 5, late), stretch(10, 15, 5, 6)]);
  expect(others).toEqual([]);
  expect(one).toMatchObject({ from: 0, to: 15, facts: { endOffset: 6, bytes: 15, ...late } });
  expect(joined([stretch(0, 10, 3, 5), stretch(10, 15, 5, 6, late)])[0]?.facts).toMatchObject(late);
});

test('bytes or offsets between them keep them apart, and so does a flush without its beginning', () => {
  const first = stretch(0, 10, 3, 5);
  for (const other of [
    stretch(11, 15, 5, 6),
    stretch(10, 15, 6, 7),
    { ...stretch(10, 15, 5, 6), flushStart: 4 },
  ]) {
    expect(joined([first, other])).toEqual([first, other]);
  }
});

test('they end where the last one does', () => {
  expect([endOf([], 7), endOf([stretch(0, 1, 7, 9)], 7)]).toEqual([7, 9]);
});
