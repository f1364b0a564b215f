import { expect, test } from 'vitest';
import {
  OFFSETS_EXAMPLE,
  OFFSETS_SCHEMA,
  PRODUCE_EXAMPLE,
  PRODUCE_SCHEMA,
  V2_OFFSETS_EXAMPLE,
  V2_OFFSETS_SCHEMA,
  WRITTEN_EXAMPLE,
  WRITTEN_SCHEMA,
  v2ProduceSchema,
} from '../../src/http/produce-schemas.ts';
import { NATIVE_FORMS, readJsonRecords } from '../../src/http/json-records.ts';
import { schemaFaults } from '../support/json-schema.ts';

test.each([
  ['what is produced', PRODUCE_SCHEMA, PRODUCE_EXAMPLE],
  ['offsets', OFFSETS_SCHEMA, OFFSETS_EXAMPLE],
  ['the short form', WRITTEN_SCHEMA, WRITTEN_EXAMPLE],
  ['offsets of v2', V2_OFFSETS_SCHEMA, V2_OFFSETS_EXAMPLE],
])('the example of %s fits its schema', (_, schema, example) => {
  expect(schemaFaults({}, schema, example)).toEqual([]);
});

test('the schema describes the members that a record is read by', () => {
  const items = (PRODUCE_SCHEMA['properties'] as { records: { items: { properties: object } } })
    .records.items;
  const described = Object.keys(items.properties);
  for (const member of described) {
    const body = JSON.stringify({ records: [{ value: 1, [member]: null }] });
    if (member.startsWith('value')) continue;
    expect(readJsonRecords(Buffer.from(body), NATIVE_FORMS.json, 0).records).toHaveLength(1);
  }
  expect(described).toHaveLength(7);
});

test('a schema of v2 has what Confluent’s clients send', () => {
  const schema = v2ProduceSchema('V2', { type: 'string' });
  const body = { key_schema_id: 1, records: [{ key: 'a', value: 'b', partition: null }] };
  expect(schemaFaults({}, schema, body)).toEqual([]);
  expect(schemaFaults({}, schema, { records: [{ key: 1 }] })).not.toEqual([]);
});
