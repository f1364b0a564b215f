import { expect, test } from 'vitest';
import {
  ANY_PARTITION,
  RecordList,
  badBody,
  checkRecordCount,
  noRecords,
} from '../../src/http/produce-input.ts';
import { HEADERS_PER_REQUEST_MAX, RECORDS_PER_REQUEST_MAX } from '../../src/model/limits.ts';
import { textRecord } from '../support/batches.ts';
import { refusalOf } from '../support/refusal.ts';

test('partitions are kept only once a record names one', () => {
  const list = new RecordList();
  list.add(textRecord('a'), ANY_PARTITION);
  expect(list.partitions).toBeUndefined();
  list.add(textRecord('b'), 3);
  list.add(textRecord('c'), ANY_PARTITION);
  expect(list.partitions).toEqual([ANY_PARTITION, 3, ANY_PARTITION]);
  expect(list.records).toHaveLength(3);
});

test('a request holds so many records and no more', () => {
  checkRecordCount(RECORDS_PER_REQUEST_MAX - 1);
  expect(refusalOf(() => checkRecordCount(RECORDS_PER_REQUEST_MAX))).toMatchObject({
    code: 'BODY_TOO_LARGE',
    details: { limit_records: RECORDS_PER_REQUEST_MAX },
  });
});

test('and so many headers of all of them', () => {
  const list = new RecordList();
  const headers = Array.from({ length: 50 }, () => ({ key: 'h', value: null }));
  const record = textRecord('a', { headers });
  for (let count = 50; count <= HEADERS_PER_REQUEST_MAX; count += 50) {
    list.add(record, ANY_PARTITION);
  }
  expect(refusalOf(() => list.add(record, ANY_PARTITION))).toMatchObject({
    code: 'BODY_TOO_LARGE',
    details: { limit_headers: HEADERS_PER_REQUEST_MAX },
  });
});

test('refusals of a body say that nothing was written', () => {
  expect(noRecords()).toMatchObject({ code: 'INVALID_RECORD', written: 'no' });
  expect(badBody('it is bad')).toMatchObject({ code: 'INVALID_REQUEST', written: 'no' });
});
