import { expect, test } from 'vitest';
import { examineNames } from '../../../src/storage/doctor/examine-names.ts';

const NAME = '00000000000000000005';

test.each([
  ['set-aside-2', 'directory', 'set-aside'],
  ['set-aside-2', 'file', 'unknown-file'],
  ['other', 'directory', 'unknown-file'],
  ['repair.unfinished', 'file', 'repair-unfinished'],
  ['fenced', 'file', 'fenced'],
  ['recovery.checkpoint', 'file', undefined],
  ['recovery.checkpoint.damaged', 'file', 'old-checkpoint'],
  ['recovery.checkpoint.tmp', 'file', 'unfinished-replacement'],
  [`${NAME}.77.torn`, 'file', 'torn-bytes'],
  ['00000000000000000002.log.deleted', 'file', 'left'],
  ['00000000000000000002.log', 'file', 'left'],
  [`${NAME}.log`, 'file', undefined],
  [`${NAME}.index`, 'file', undefined],
  ['00000000000000000002.index', 'file', 'left'],
  [`${NAME}.damaged`, 'file', undefined],
  ['notes.txt', 'file', 'unknown-file'],
] as const)('%s, a %s, is %s', (name, kind, found) => {
  const entries = [
    { name, kind },
    { name: `${NAME}.log`, kind: 'file' as const },
  ];
  const findings = examineNames('/p', entries, 5).map((each) => [each.kind, each.file]);
  expect(findings).toEqual(found === undefined ? [] : [[found, `/p/${name}`]]);
});

test('only an unfinished repair is damage', () => {
  const entries = ['fenced', 'repair.unfinished'].map((name) => ({ name, kind: 'file' as const }));
  expect(examineNames('/p', entries, 0).map(({ severity }) => severity)).toEqual([
    'note',
    'damage',
  ]);
});
