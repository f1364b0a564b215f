import { expect, test } from 'vitest';
import { RecordFaults, fieldName, sentence } from '../../src/http/record-faults.ts';
import { refusalOf } from '../support/refusal.ts';

test('no fault refuses nothing', () => {
  new RecordFaults().throwIfAny();
});

test('a fault is named with its record and its member', () => {
  const faults = new RecordFaults();
  faults.refuse(17, 'key', 'is a number');
  expect(refusalOf(() => faults.throwIfAny())).toEqual({
    code: 'INVALID_RECORD',
    message: 'records[17].key is a number',
    details: { bad_records: [{ record: 17, field: 'records[17].key', message: 'is a number' }] },
  });
});

test('one malformed record makes the whole request malformed', () => {
  const faults = new RecordFaults();
  faults.refuse(0, 'key', 'is a number');
  faults.malformed(1, '', 'is a string');
  expect(refusalOf(() => faults.throwIfAny())).toMatchObject({
    code: 'INVALID_REQUEST',
    message: 'records[0].key is a number (and 1 more in details.bad_records)',
  });
});

test('the tenth fault ends the reading', () => {
  const faults = new RecordFaults();
  for (let record = 0; record < 9; record++) faults.refuse(record, 'value', 'is missing');
  const { details, message } = refusalOf(() => faults.refuse(9, 'value', 'is missing'));
  expect(details['bad_records']).toHaveLength(10);
  expect(message).toContain('and 9 more');
});

test('a record as such has no member', () => {
  expect(fieldName(3, '')).toBe('records[3]');
  expect(sentence({ record: 3, field: 'records[3]', message: 'is null' }, 0)).toBe(
    'records[3] is null',
  );
});
