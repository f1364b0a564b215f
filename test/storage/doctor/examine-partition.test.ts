import { describe, expect, test } from 'vitest';
import { damagedPath, logPath } from '../../../src/storage/segment-files.ts';
import { recordsInput } from '../../../src/storage/log-appender.ts';
import { textRecord } from '../../support/batches.ts';
import { spoiledDisk } from '../../support/damage-run.ts';
import type { Spoiled } from '../../support/damage-run.ts';
import { damageSubject } from '../../support/damage-subjects.ts';
import { append, appendTexts, createLog, DIRECTORY } from '../../support/partition-fixture.ts';
import { examine, NOW_MS } from '../../support/repair-scene.ts';
import type { ExamineOptions } from '../../support/repair-scene.ts';
import { SimulatedFiles } from '../../support/simulated-files.ts';

const [ZERO, THREE, SEVEN] = ['00', '03', '07'].map((end) => `${end.padStart(20, '0')}.log`) as [
  string,
  string,
  string,
];

async function found(
  spoil: (files: ReadonlyMap<string, Buffer>) => [string, Buffer | undefined][],
  options?: ExamineOptions & { readonly shape?: 'unclean' | 'indexed' },
) {
  const subject = await damageSubject(options?.shape ?? 'small');
  const spoiled: Spoiled = new Map(spoil(subject.files));
  return examine(spoiledDisk(subject, spoiled), options);
}

function changed(content: Buffer | undefined, at: number): Buffer {
  const copy = Buffer.from(content as Buffer);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

describe('an examination', () => {
  test('of a sound partition finds nothing and says what is there', async () => {
    const { findings, logStartOffset, endOffset, bytes, segments } = await found(() => []);
    expect(findings).toEqual([]);
    expect([logStartOffset, endOffset, segments.length]).toEqual([0, 10, 3]);
    expect(bytes).toBe(segments.reduce((sum, each) => sum + (each.fileBytes ?? 0), 0));
  });

  test('remembers the producers of a tail that no checkpoint knows', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const log = await createLog(disk);
    const producer = { producerId: 7, producerEpoch: 2, baseSequence: 5 };
    await append(log, recordsInput([textRecord('a')], producer));
    await appendTexts(log, 'b');
    const { producers, endOffset } = await examine(disk.kill());
    expect([producers, endOffset]).toEqual([[[7, NOW_MS, [[2, 5, 1, 0]]]], 2]);
  });

  test('finds a bit that no start looks at, and names the records of its batch', async () => {
    const { findings } = await found((files) => [[THREE, changed(files.get(THREE), 70)]]);
    expect(findings).toMatchObject([
      {
        severity: 'damage',
        kind: 'bad-bytes',
        file: logPath(DIRECTORY, 3),
        position: 0,
        field: 'crc',
        offsets: { from: 3, to: 6 },
        isHidden: true,
      },
    ]);
  });

  test('goes on behind a batch that has lost even its length', async () => {
    const { findings, segments } = await found((files) => [
      [THREE, Buffer.from(files.get(THREE) as Buffer).fill(0, 0, 61)],
    ]);
    expect(findings).toMatchObject([{ offsets: { from: 3, to: 6 } }]);
    expect(segments[1]?.sound.map(({ facts }) => [facts.baseOffset, facts.endOffset])).toEqual([
      [6, 7],
    ]);
  });

  test('says from which offset on a file that is too short has lost its records', async () => {
    const { findings } = await found((files) => [[ZERO, files.get(ZERO)?.subarray(0, 150)]]);
    expect(findings).toMatchObject([
      { kind: 'segment-length', position: 150, found: '150 bytes', offsets: { from: 2, to: 3 } },
    ]);
  });

  test('takes a longer file of other records for another file, and none of it for sound', async () => {
    const other = await damageSubject('small', true);
    const { findings, segments } = await found(() => [[SEVEN, other.files.get(SEVEN)]]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'bad-bytes',
        found: 'another',
        offsets: { from: 7, to: 10 },
      }),
    );
    expect(segments.at(-1)?.sound).toEqual([]);
  });

  test('of a newest segment that is gone knows only after a clean end where offsets ended', async () => {
    const spoil = (): [string, undefined][] => [[SEVEN, undefined]];
    const clean = await found(spoil);
    expect(clean.findings).toMatchObject([
      { kind: 'segment-missing', offsets: { from: 7, to: 10 } },
    ]);
    expect(clean.endOffset).toBe(10);
    const unclean = await found(spoil, { previousRun: 'same-boot' });
    expect(unclean.endOffset).toBe(1_000_000_010);
  });

  test('tells a torn end from damage', async () => {
    const cut = await found((files) => [[SEVEN, files.get(SEVEN)?.subarray(0, 100)]], {
      shape: 'unclean',
      previousRun: 'rebooted',
    });
    expect(cut.findings).toMatchObject([
      { severity: 'mended', kind: 'torn-tail', position: 88, offsets: { from: 8 } },
    ]);
  });

  test('finds segments missing behind the checkpoint, and those that do not belong', async () => {
    const gap = await found(() => [
      ['recovery.checkpoint', undefined],
      [THREE, undefined],
    ]);
    expect(gap.findings.map(({ kind }) => kind)).toEqual(['segment-gap', 'checkpoint-missing']);
    const copy = await found((files) => [['00000000000000000001.log', files.get(ZERO)]]);
    expect(copy.findings).toMatchObject([{ kind: 'segment-foreign', severity: 'damage' }]);
    const overlap = await found((files) => [
      ['recovery.checkpoint', undefined],
      ['00000000000000000001.log', files.get(ZERO)],
    ]);
    expect(overlap.findings).toMatchObject([
      { kind: 'segment-foreign' },
      { kind: 'checkpoint-missing' },
    ]);
  });

  test('tells a checkpoint and indexes that cannot be believed as what the start mends', async () => {
    const { findings } = await found(
      (files) => [
        ['recovery.checkpoint', changed(files.get('recovery.checkpoint'), 40)],
        [ZERO.replace('.log', '.index'), Buffer.from('x')],
      ],
      { shape: 'indexed' },
    );
    expect(findings).toMatchObject([{ severity: 'mended', kind: 'checkpoint-damaged' }]);
    const indexes = await found(() => [[ZERO.replace('.log', '.index'), Buffer.from('x')]], {
      shape: 'indexed',
    });
    expect(indexes.findings).toMatchObject([{ severity: 'mended', kind: 'index-doubtful' }]);
  });

  test('of an empty directory finds that nothing is left', async () => {
    const { findings } = await found((files) => [
      ['fenced', Buffer.alloc(0)],
      ...[...files.keys()].map((name): [string, undefined] => [name, undefined]),
    ]);
    const kinds = findings.map(({ kind }) => kind);
    expect(kinds).toEqual(['nothing-left', 'checkpoint-missing', 'fenced']);
  });
});

describe('a mark of damage', () => {
  const MARK = '00000000000000000003.damaged';
  const mark = (bytes: number, endOffset: number) =>
    Buffer.from(
      JSON.stringify({ position: 0, field: 'crc', expected: 'a', found: 'b', bytes, endOffset }),
    );

  test('whose segment is sound is a note', async () => {
    const { findings } = await found((files) => [
      [MARK, mark((files.get(THREE) as Buffer).length, 7)],
    ]);
    expect(findings).toEqual([
      { severity: 'note', kind: 'mark-stale', file: damagedPath(DIRECTORY, 3) },
    ]);
  });

  test('makes the start look: the damage is not hidden any more', async () => {
    const { findings } = await found((files) => [
      [MARK, mark(10, 7)],
      [THREE, changed(files.get(THREE), 70)],
    ]);
    expect(findings).toMatchObject([{ kind: 'bad-bytes', isHidden: false }]);
  });

  test('that cannot be read is damage', async () => {
    const { findings } = await found(() => [[MARK, Buffer.from('?')]]);
    expect(findings).toMatchObject([{ severity: 'damage', kind: 'mark-unreadable' }]);
  });

  test('knows how far the newest segment was durable, also without a checkpoint', async () => {
    const name = MARK.replace('3', '7');
    const { findings, endOffset } = await found(
      (files) => [
        ['recovery.checkpoint', undefined],
        [SEVEN, files.get(SEVEN)?.subarray(0, 88)],
        [name, mark((files.get(SEVEN) as Buffer).length, 10)],
      ],
      { previousRun: 'rebooted' },
    );
    expect(findings).toMatchObject([
      { kind: 'checkpoint-missing' },
      { kind: 'segment-length', severity: 'damage', offsets: { from: 8, to: 10 } },
    ]);
    expect(endOffset).toBe(10);
  });

  test('of a segment that is gone is damage', async () => {
    const { findings } = await found((files) => [
      ['recovery.checkpoint', undefined],
      [SEVEN, undefined],
      [MARK.replace('3', '7'), mark((files.get(SEVEN) as Buffer).length, 10)],
    ]);
    expect(findings).toMatchObject([
      { kind: 'checkpoint-missing' },
      { kind: 'segment-length', found: '0 bytes', offsets: { from: 7, to: 10 } },
    ]);
  });
});
