import { expect, test } from 'vitest';
import { damageError, describeDamage } from '../../src/storage/damage.ts';
import { LogStatus } from '../../src/storage/log-status.ts';
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
