import { describe, expect, test } from 'vitest';
import { damageError, describeDamage } from '../../src/storage/damage.ts';
import { LogStatus } from '../../src/storage/log-status.ts';
import { damageSubject, faultOf } from '../support/damage-run.ts';
import { recordingLog } from '../support/partition-fixture.ts';

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
  test('with a flipped bit are reported, or it changes no answer', async () => {
    const subject = await damageSubject();
    for (const [name, content] of subject.files) {
      for (let bit = 0; bit < content.length * 8; bit += name.endsWith('.log') ? 1_117 : 59) {
        const flipped = Buffer.from(content);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        const fault = await faultOf(subject, new Map([[name, flipped]]));
        expect([name, bit, fault]).toEqual([name, bit, undefined]);
      }
    }
  });

  test('cut to another length are reported, or it changes no answer', async () => {
    const subject = await damageSubject();
    for (const [name, content] of subject.files) {
      for (let length = 0; length < content.length; length += name.endsWith('.log') ? 239 : 17) {
        const fault = await faultOf(subject, new Map([[name, content.subarray(0, length)]]));
        expect([name, length, fault]).toEqual([name, length, undefined]);
      }
    }
  });

  test('with a block of zeros are reported, or it changes no answer', async () => {
    const subject = await damageSubject();
    for (const [name, content] of subject.files) {
      for (let block = 0; block < content.length; block += 512) {
        const zeroed = Buffer.from(content).fill(0, block, Math.min(content.length, block + 512));
        const fault = await faultOf(subject, new Map([[name, zeroed]]));
        expect([name, block, fault]).toEqual([name, block, undefined]);
      }
    }
  });

  test('missing, or another file in their place, are reported, or it changes no answer', async () => {
    const subject = await damageSubject();
    for (const [name] of subject.files) {
      expect([name, await faultOf(subject, new Map([[name, undefined]]))]).toEqual([
        name,
        undefined,
      ]);
      for (const [other, content] of subject.files) {
        const fault = await faultOf(subject, new Map([[name, content]]));
        expect([name, other, fault]).toEqual([name, other, undefined]);
      }
    }
  });

  test('without any index, and without index and checkpoint, are all there', async () => {
    const subject = await damageSubject();
    const indexes = [...subject.files.keys()].filter((name) => name.endsWith('index'));
    expect(indexes).toHaveLength(6);
    const none = new Map(indexes.map((name) => [name, undefined]));
    expect(await faultOf(subject, none)).toBeUndefined();
    expect(await faultOf(subject, none.set('recovery.checkpoint', undefined))).toBeUndefined();
  });
});
