import { describe, expect, test } from 'vitest';
import { damageError, describeDamage } from '../../src/storage/damage.ts';
import { LogStatus } from '../../src/storage/log-status.ts';
import { faultOf } from '../support/damage-run.ts';
import { damageSubject } from '../support/damage-subjects.ts';
import type { DamageSubject } from '../support/damage-subjects.ts';
import { BoundedFiles } from '../support/bounded-files.ts';
import { DIRECTORY, openLog, recordingLog } from '../support/partition-fixture.ts';
import { placedRun } from '../support/placed-batches.ts';
import { examine } from '../support/repair-scene.ts';
import { bitFlips, displacedFiles, truncations, zeroedBlocks } from '../support/spoiled-files.ts';
import type { Spoiling } from '../support/spoiled-files.ts';

const DAMAGE = { segment: 42, position: 7_168, field: 'crc', expected: '0x01', found: '0x02' };
const FILE = '/p/00000000000000000042.log';
const REASON = `${FILE} is damaged at position 7168: crc should be 0x01, found 0x02`;

test('damage names the file, the position, what was expected and what was found', () => {
  expect(describeDamage(FILE, DAMAGE)).toBe(REASON);
});

test('damage takes the partition offline, is told once, and is an error for who met it', () => {
  const status = new LogStatus();
  const log = recordingLog();
  const where = { directory: '/p', log, status };
  const error = damageError(where, DAMAGE);
  expect(error).toMatchObject({
    code: 'KAFKA_STORAGE_ERROR',
    message: REASON,
    details: { file: FILE, ...DAMAGE },
  });
  expect([status.state, status.reason]).toEqual(['offline', REASON]);
  damageError(where, { ...DAMAGE, position: 1 });
  expect(status.reason).toBe(REASON);
  expect(log.lines).toHaveLength(1);
});

describe('the files of a stopped partition', () => {
  const SHAPES = ['small', 'unclean', 'indexed'] as const;

  async function expectNoFault(subject: DamageSubject, spoilings: Iterable<Spoiling>) {
    for (const { name, spoiled } of spoilings) {
      expect([name, await faultOf(subject, spoiled)]).toEqual([name, undefined]);
    }
  }

  test.each(SHAPES)(
    'with a flipped bit are reported, or it changes no answer (%s)',
    async (shape) => {
      const subject = await damageSubject(shape);
      await expectNoFault(subject, bitFlips(subject, shape === 'indexed' ? 1_117 : 101));
    },
  );

  test.each(SHAPES)('cut short are reported, or it changes no answer (%s)', async (shape) => {
    const subject = await damageSubject(shape);
    await expectNoFault(subject, truncations(subject, shape === 'indexed' ? 239 : 17));
  });

  test.each(SHAPES)(
    'with zeros in them are reported, or it changes no answer (%s)',
    async (shape) => {
      const subject = await damageSubject(shape);
      await expectNoFault(subject, zeroedBlocks(subject));
    },
  );

  test.each(SHAPES)(
    'missing, misplaced or foreign are reported, or it changes no answer (%s)',
    async (shape) => {
      const subject = await damageSubject(shape);
      await expectNoFault(subject, displacedFiles(subject, await damageSubject(shape, true)));
    },
  );

  test('without any index, and without index and checkpoint, are all there', async () => {
    const subject = await damageSubject('indexed');
    const indexes = [...subject.files.keys()].filter((name) => name.endsWith('index'));
    expect(indexes).toHaveLength(6);
    const none = new Map(indexes.map((name) => [name, undefined]));
    expect(await faultOf(subject, none)).toBeUndefined();
    expect(await faultOf(subject, none.set('recovery.checkpoint', undefined))).toBeUndefined();
  });

  test('claiming a batch of any length make nobody take the memory for it', async () => {
    const content = placedRun(0, 600, 5_000);
    const name = '00000000000000000000.log';
    const disk = new BoundedFiles({ readBytesMax: 4_000_000, callsMax: 2_000 });
    for (const length of [-1, 0, 48, 70_000_000, 2 ** 31 - 1]) {
      content.writeInt32BE(length, content.length / 2 + 8);
      disk.put(`${DIRECTORY}/${name}`, content);
      const found = await examine(disk);
      expect([length, found.findings.map(({ kind }) => kind)]).toEqual([
        length,
        ['bad-bytes', 'checkpoint-missing'],
      ]);
      const log = await openLog(disk);
      expect([length, log.state, log.highWatermark]).toEqual([length, 'offline', 300]);
    }
  });
});
