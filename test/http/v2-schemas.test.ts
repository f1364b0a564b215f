import { expect, test } from 'vitest';
import {
  CONSUMER_SCHEMA,
  CREATED_CONSUMER_EXAMPLE,
  CREATED_CONSUMER_SCHEMA,
  V2_COMMIT_SCHEMA,
  V2_COMMITTED_SCHEMA,
  V2_PARTITIONS_EXAMPLE,
  V2_PARTITIONS_SCHEMA,
  V2_POSITIONS_SCHEMA,
  v2OffsetsExample,
} from '../../src/http/v2-schemas.ts';
import { V2_CONFIG_KEYS } from '../../src/http/v2-config.ts';
import { schemaFaults } from '../support/json-schema.ts';

test('every key of an instance is described, and no other', () => {
  expect(Object.keys(CONSUMER_SCHEMA['properties'] as object)).toEqual(V2_CONFIG_KEYS);
});

test('the examples are whole', () => {
  expect(schemaFaults({}, CREATED_CONSUMER_SCHEMA, CREATED_CONSUMER_EXAMPLE)).toEqual([]);
  expect(schemaFaults({}, V2_PARTITIONS_SCHEMA, V2_PARTITIONS_EXAMPLE)).toEqual([]);
  for (const schema of [V2_COMMIT_SCHEMA, V2_COMMITTED_SCHEMA, V2_POSITIONS_SCHEMA]) {
    expect(schemaFaults({}, schema, v2OffsetsExample(20))).toEqual([]);
  }
});
