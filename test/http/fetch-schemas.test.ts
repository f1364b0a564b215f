import { expect, test } from 'vitest';
import {
  EVENTS_EXAMPLE,
  NDJSON_EXAMPLE,
  PAGE_EXAMPLE,
  PAGE_SCHEMA,
  RECORD_EXAMPLE,
  RECORD_SCHEMA,
  V2_EXAMPLES,
  V2_RECORDS_SCHEMA,
} from '../../src/http/fetch-schemas.ts';
import { FETCH_TYPES } from '../../src/http/fetch-types.ts';
import { schemaFaults } from '../support/json-schema.ts';

test('the examples are what the schemas say', () => {
  expect(schemaFaults({}, RECORD_SCHEMA, RECORD_EXAMPLE)).toEqual([]);
  expect(schemaFaults({}, PAGE_SCHEMA, PAGE_EXAMPLE)).toEqual([]);
  for (const example of Object.values(V2_EXAMPLES)) {
    expect(schemaFaults({}, V2_RECORDS_SCHEMA, example)).toEqual([]);
  }
});

test('the examples of streams hold records as they are sent', () => {
  expect(JSON.parse(NDJSON_EXAMPLE)).toEqual(RECORD_EXAMPLE);
  const data = /^id: 42\ndata: (.*)\n\n$/.exec(EVENTS_EXAMPLE)?.[1] ?? '';
  expect(JSON.parse(data)).toEqual(RECORD_EXAMPLE);
});

test('every type of v2 has an example', () => {
  expect(Object.keys(V2_EXAMPLES)).toEqual(FETCH_TYPES.filter((type) => type.endsWith('v2+json')));
});
