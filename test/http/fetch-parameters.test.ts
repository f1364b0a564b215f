import { describe, expect, test } from 'vitest';
import {
  FETCH_PARAMETERS,
  FOLLOW,
  FORMAT,
  MAX_BYTES,
  MAX_RECORDS,
  MIN_BYTES,
  pageRecords,
  RECORD_FORMAT,
  RECORD_OFFSET,
  refuseParameters,
  TIMEOUT,
} from '../../src/http/fetch-parameters.ts';
import { refusalOf } from '../support/refusal.ts';

test('what is not given has its default', () => {
  expect(MAX_RECORDS.read({})).toBeUndefined();
  expect(MAX_BYTES.read({})).toBe(1_048_576);
  expect(MIN_BYTES.read({})).toBe(1);
  expect(TIMEOUT.read({})).toBe(0);
  expect(FORMAT.read({})).toBe('json');
  expect(FOLLOW.read({})).toBe(false);
  expect(RECORD_FORMAT.read({})).toBe('json');
  expect(new Set(FETCH_PARAMETERS.map(({ name }) => name)).size).toBe(FETCH_PARAMETERS.length);
});

describe('what is out of bounds is refused by name', () => {
  test.each([
    [MAX_RECORDS, ['0', '-1', '1.5', 'x', '']],
    [MAX_BYTES, ['0', '67108865']],
    [MIN_BYTES, ['-1', '67108865']],
    [TIMEOUT, ['-1', '60001']],
    [FORMAT, ['JSON', 'raw', '']],
    [FOLLOW, ['yes', '1']],
    [RECORD_FORMAT, ['binary']],
    [RECORD_OFFSET, ['-1', 'earliest', '9007199254740992']],
  ])('%#', (parameter, texts) => {
    for (const text of texts) {
      expect(refusalOf(() => parameter.read({ [parameter.name]: text }))).toMatchObject({
        code: 'INVALID_REQUEST',
        details: { parameter: parameter.name, received: text },
      });
    }
  });
});

test('the records of a page are bounded, whatever the caller says', () => {
  expect(pageRecords({}, 500)).toBe(500);
  expect(pageRecords({ max_records: '10000' }, 500)).toBe(10_000);
  expect(refusalOf(() => pageRecords({ max_records: '10001' }, 500))).toMatchObject({
    code: 'INVALID_REQUEST',
    details: { parameter: 'max_records', received: 10_001, allowed: 10_000 },
  });
});

test('a parameter that means nothing to an answer is refused, with a hint where there is one', () => {
  expect(() => refuseParameters({ offset: '1' }, [TIMEOUT, FOLLOW], 'a/b')).not.toThrow();
  const timeout = refusalOf(() =>
    refuseParameters({ timeout: '1' }, [TIMEOUT], 'text/event-stream'),
  );
  expect(timeout.message).toBe('parameter timeout means nothing to an answer of text/event-stream');
  const follow = refusalOf(() => refuseParameters({ follow: '' }, [FOLLOW], 'application/json'));
  expect(follow.message).toContain('application/x-ndjson');
});
