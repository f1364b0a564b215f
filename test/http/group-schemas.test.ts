import { expect, test } from 'vitest';
import {
  GROUP_EXAMPLE,
  GROUP_SCHEMA,
  GROUPS_EXAMPLE,
  GROUPS_SCHEMA,
  LAG_EXAMPLE,
  LAG_SCHEMA,
} from '../../src/http/group-schemas.ts';
import { schemaFaults } from '../support/json-schema.ts';

test.each([
  [GROUPS_SCHEMA, GROUPS_EXAMPLE],
  [GROUP_SCHEMA, GROUP_EXAMPLE],
  [LAG_SCHEMA, LAG_EXAMPLE],
])('the examples are whole', (schema, example) => {
  expect(schemaFaults({}, schema, example)).toEqual([]);
});

test('a partition that nothing is committed in, and whose lag in time is not known, conforms', () => {
  const [partition] = LAG_EXAMPLE.partitions;
  const unknown = { ...partition, current_offset: null, lag_seconds: null, owner: null };
  const example = { ...LAG_EXAMPLE, max_lag_seconds: null, partitions: [unknown] };
  expect(schemaFaults({}, LAG_SCHEMA, example)).toEqual([]);
});
