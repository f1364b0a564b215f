import { expect, test } from 'vitest';
import type { ExaminedPlace } from '../../../src/storage/doctor/examine-partition.ts';
import type { Files } from '../../../src/storage/files.ts';
import { repairLog } from '../../../src/storage/doctor/repair-log.ts';
import { spoiledDisk } from '../../support/damage-run.ts';
import { damageSubject } from '../../support/damage-subjects.ts';
import { FaultyFiles } from '../../support/faulty-files.ts';
import type { FileCall } from '../../support/faulty-files.ts';
import { contentOf, DIRECTORY, overwrite } from '../../support/partition-fixture.ts';
import { examine, NOW_MS } from '../../support/repair-scene.ts';

async function repaired(spoil: [string, Buffer | undefined][]) {
  const subject = await damageSubject('small');
  const disk = spoiledDisk(subject, new Map(spoil));
  return { disk, outcome: await repairLog(placeOn(disk), await examine(disk)) };
}

function placeOn(files: Files): ExaminedPlace {
  return { directory: DIRECTORY, files, previousRun: 'clean', nowMs: NOW_MS, visit: () => {} };
}

/** A repair of a spoiled first segment, interrupted when its plan was written and nothing else done. */
async function interrupted() {
  const { files, ...subject } = await damageSubject('small');
  const first = Buffer.from(files.get(FIRST) as Buffer).fill(0, 70, 75);
  const disk = spoiledDisk({ files, ...subject }, new Map([[FIRST, first]]));
  const failing = new FaultyFiles(disk, { kind: 'EIO', at: 1, only: isMakeDir });
  const repairing = repairLog(placeOn(failing), await examine(disk));
  await expect(repairing).rejects.toMatchObject({ code: 'EIO' });
  return disk;
}

const FIRST = '00000000000000000000.log';
const LAST = '00000000000000000007.log';
const isMakeDir = ({ name }: FileCall): boolean => name === 'makeDir';

test('a repair that was interrupted is carried out as it was planned', async () => {
  const disk = await interrupted();
  expect(await repairLog(placeOn(disk), await examine(disk))).toEqual({
    kind: 'repaired',
    aside: `${DIRECTORY}/set-aside-1`,
    lost: [{ from: 0, to: 2 }],
    endOffset: 10,
  });
  expect((await examine(disk)).findings.map(({ severity }) => severity)).not.toContain('damage');
});

test('what was damaged since it was interrupted is repaired behind it', async () => {
  const disk = await interrupted();
  const path = `${DIRECTORY}/${LAST}`;
  const content = await contentOf(disk, path);
  await overwrite(disk, path, content.fill(0, content.length - 8));
  expect(await repairLog(placeOn(disk), await examine(disk))).toMatchObject({
    kind: 'repaired',
    aside: `${DIRECTORY}/set-aside-2`,
  });
  expect((await examine(disk)).findings.map(({ severity }) => severity)).not.toContain('damage');
});

test('where no segment is left there is nothing to repair', async () => {
  const { files } = await damageSubject('small');
  const nothing = [...files.keys()].map((name): [string, undefined] => [name, undefined]);
  const { outcome } = await repaired([['fenced', Buffer.alloc(0)], ...nothing]);
  expect(outcome).toEqual({
    kind: 'impossible',
    reason: 'nothing is left that could be repaired',
  });
});

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
