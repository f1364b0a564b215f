import { expect, test } from 'vitest';
import { FETCH_RECORD, FETCH_RECORDS } from '../../src/http/fetch-descriptions.ts';
import { FETCH_PARAMETERS } from '../../src/http/fetch-parameters.ts';
import { FETCH_TYPES } from '../../src/http/fetch-types.ts';

test('every representation and every parameter of the reading of records is described', () => {
  const content = FETCH_RECORDS.response[200]?.content ?? {};
  expect(Object.keys(content).toSorted()).toEqual([...FETCH_TYPES].toSorted());
  const { properties } = FETCH_RECORDS.querystring as { properties: object };
  expect(Object.keys(properties)).toEqual(FETCH_PARAMETERS.map(({ name }) => name));
});

test('the refusals of a read are described', () => {
  for (const { response } of [FETCH_RECORDS, FETCH_RECORD]) {
    for (const status of [400, 404, 406, 416, 429, 503]) {
      expect(Object.keys(response)).toContain(String(status));
    }
  }
});
