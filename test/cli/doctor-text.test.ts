import { expect, test } from 'vitest';
import { diagnosisJson, diagnosisText, isDamage } from '../../src/cli/doctor-text.ts';
import type { Diagnosis } from '../../src/cli/doctor-text.ts';
import type { Finding } from '../../src/storage/doctor/finding.ts';
import type { RepairOutcome } from '../../src/storage/doctor/repair-log.ts';

function diagnosis(findings: readonly Finding[], repairs: readonly [string, RepairOutcome][] = []) {
  const log = { name: 't/0', directory: '/d/0', found: undefined, findings };
  const given: Diagnosis = {
    directory: '/d',
    clusterId: undefined,
    lastRun: 'never',
    topicCount: 1,
    logs: [log],
    findings: [],
    repairs: new Map(repairs),
  };
  return given;
}

const DAMAGE = { severity: 'damage', kind: 'bad-bytes', file: '/d/0/x.log' } as const;

test.each([
  [{ from: 3, to: 3 }, 'no record is affected'],
  [{ from: 3, to: 4 }, 'records affected: 3\n'],
  [{ from: 3, to: 9 }, 'records affected: 3 to 8\n'],
  [{ from: 3, to: undefined }, 'records affected: from 3 on\n'],
])('the offsets %j are told as "%s"', (offsets, words) => {
  expect(diagnosisText(diagnosis([{ ...DAMAGE, offsets }]))).toContain(words);
});

test('what was written and nobody has got is no affected record', () => {
  const offsets = { from: 3, to: undefined };
  const text = diagnosisText(
    diagnosis([{ ...DAMAGE, severity: 'mended', kind: 'torn-tail', offsets }]),
  );
  expect(text).toContain('offsets: from 3 on\n');
  expect(text).not.toContain('affected');
});

test('the end says how many are damaged and what was done about it', () => {
  expect(diagnosisText(diagnosis([]))).toMatch(/nothing is damaged\n$/);
  expect(diagnosisText(diagnosis([DAMAGE]))).toContain('To repair: millrace doctor /d --repair');
  const lost = [{ from: 1, to: 2 }];
  const repaired = { kind: 'repaired', aside: '/d/0/set-aside-1', lost, endOffset: 9 } as const;
  expect(diagnosisText(diagnosis([DAMAGE], [['t/0', repaired]]))).toContain(
    '1 of 1 log damaged, 1 of them repaired',
  );
  const none = { ...repaired, lost: [] };
  expect(diagnosisText(diagnosis([DAMAGE], [['t/0', none]]))).toContain('no record is lost');
  const not = { kind: 'impossible', reason: 'so it is' } as const;
  expect(diagnosisText(diagnosis([DAMAGE], [['t/0', not]]))).toMatch(/so it is\n[^]*0 of them/);
  const own = { ...diagnosis([]), findings: [DAMAGE] };
  expect(diagnosisText(own)).not.toContain('nothing is damaged');
});

test('control characters of names are shown, not obeyed', () => {
  expect(diagnosisText(diagnosis([{ ...DAMAGE, file: '/d/\u001b[2J' }]))).toContain('/d/\\x1b[2J');
});

test('a script gets every fact of a finding and the words for it', () => {
  const facts = { position: 7, field: 'crc', expected: 'a', found: 'b', isHidden: true };
  const value = JSON.parse(diagnosisJson(diagnosis([{ ...DAMAGE, ...facts }]))) as {
    logs: { findings: object[] }[];
  };
  expect(value).toMatchObject({ is_damaged: true, cluster_id: null });
  expect(value.logs[0]?.findings[0]).toMatchObject({
    severity: 'damage',
    position: 7,
    is_hidden: true,
    means: 'these bytes are not what was stored here',
    next_start: expect.stringContaining('online') as string,
    advice: expect.stringContaining('--repair') as string,
  });
  expect(isDamage(DAMAGE)).toBe(true);
});
