import { expect, test } from 'vitest';
import { repairLog } from '../../src/storage/repair-log.ts';
import { spoiledDisk } from '../support/damage-run.ts';
import { damageSubject } from '../support/damage-subjects.ts';
import { DIRECTORY } from '../support/partition-fixture.ts';
import { examine, NOW_MS } from '../support/repair-scene.ts';

async function repaired(spoil: [string, Buffer | undefined][]) {
  const subject = await damageSubject('small');
  const disk = spoiledDisk(subject, new Map(spoil));
  const place = {
    directory: DIRECTORY,
    files: disk,
    previousRun: 'clean' as const,
    nowMs: NOW_MS,
    visit: () => {},
  };
  return { disk, outcome: await repairLog(place, await examine(disk)) };
}

test('what is lost is told, at the beginning, in between and at the end', async () => {
  const { files } = await damageSubject('small');
  const [zero, three, seven] = [...files.keys()].filter((name) => name.endsWith('.log')) as [
    string,
    string,
    string,
  ];
  const { disk, outcome } = await repaired([
    [zero, undefined],
    [three, Buffer.from(files.get(three) as Buffer).fill(0, 70, 75)],
    [seven, files.get(seven)?.subarray(0, 90)],
  ]);
  expect(outcome).toEqual({
    kind: 'repaired',
    aside: `${DIRECTORY}/set-aside-1`,
    lost: [
      { from: 0, to: 6 },
      { from: 8, to: 10 },
    ],
    endOffset: 10,
  });
  expect((await examine(disk)).findings.map(({ kind }) => kind)).toEqual(['gap', 'set-aside']);
});

test('a repair that nobody can read any more is not guessed at', async () => {
  const { outcome } = await repaired([['repair.unfinished', Buffer.from('?')]]);
  expect(outcome).toMatchObject({ kind: 'impossible' });
});
