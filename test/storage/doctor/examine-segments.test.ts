import { expect, test } from 'vitest';
import { decodeCheckpoint } from '../../../src/storage/checkpoint.ts';
import { examineSegments } from '../../../src/storage/doctor/examine-segments.ts';
import { logPath } from '../../../src/storage/segment-files.ts';
import { spoiledDisk } from '../../support/damage-run.ts';
import { damageSubject } from '../../support/damage-subjects.ts';
import { contentOf, DIRECTORY } from '../../support/partition-fixture.ts';

async function examine(spoil: (content: Buffer) => Buffer, name = '00000000000000000007.log') {
  const subject = await damageSubject('unclean');
  const content = spoil(Buffer.from(subject.files.get(name) as Buffer));
  const disk = spoiledDisk(subject, new Map([[name, content]]));
  const reading = decodeCheckpoint(await contentOf(disk, `${DIRECTORY}/recovery.checkpoint`));
  if (reading.kind !== 'read') throw new Error('no checkpoint');
  const { checkpoint } = reading;
  const present = [0, 3, 7];
  const place = { directory: DIRECTORY, files: disk, checkpoint, present, marks: new Map() };
  return examineSegments({ ...place, visit: () => {} });
}

test('the tail is judged by what proves that it was durable', async () => {
  // The first batch of the newest segment: a later flush stands behind it.
  const proven = await examine((content) => content.fill(0, 70, 75));
  expect(proven.findings).toMatchObject([{ severity: 'damage', offsets: { from: 7, to: 8 } }]);
  expect(proven.segments.at(-1)?.sound).toHaveLength(1);
  // The last: nothing does.
  const torn = await examine((content) => content.fill(0, 160, 165));
  expect(torn.findings).toMatchObject([{ severity: 'mended', kind: 'torn-tail' }]);
  expect(torn.segments.at(-1)?.sound.map(({ facts }) => facts.endOffset)).toEqual([8]);
});

test('what is good on both sides of the checkpoint is one stretch', async () => {
  const { segments, findings, isTailLost } = await examine((content) => content);
  expect([findings, isTailLost]).toEqual([[], false]);
  expect(segments.map(({ file, sound }) => [file, sound.length])).toEqual(
    [0, 3, 7].map((base) => [logPath(DIRECTORY, base), 1]),
  );
});

test('whole batches that end at another offset than the checkpoint says are of another file', async () => {
  const other = await damageSubject('small', true);
  const name = '00000000000000000003.log';
  const { segments, findings } = await examine(() => other.files.get(name) as Buffer, name);
  expect(findings).toContainEqual(expect.objectContaining({ kind: 'segment-length' }));
  expect(segments[1]?.sound).toEqual([]);
});
