import { expect, test } from 'vitest';
import {
  OFFSETS_OF_GROUP_EXAMPLE,
  OFFSETS_OF_GROUP_SCHEMA,
  RESET_ANSWER_EXAMPLE,
  RESET_ANSWER_SCHEMA,
  RESET_EXAMPLE,
  RESET_SCHEMA,
} from '../../src/http/group-offset-schemas.ts';
import { schemaFaults } from '../support/json-schema.ts';

test.each([
  [OFFSETS_OF_GROUP_SCHEMA, OFFSETS_OF_GROUP_EXAMPLE],
  [RESET_SCHEMA, RESET_EXAMPLE],
  [RESET_ANSWER_SCHEMA, RESET_ANSWER_EXAMPLE],
])('the examples are whole', (schema, example) => {
  expect(schemaFaults({}, schema, example)).toEqual([]);
});

test.each([
  'earliest',
  'latest',
  { timestamp: 5 },
  { timestamp: 'x' },
  { offset: 5 },
  { shift: -5 },
])('%j is described as a target', (to) => {
  expect(schemaFaults({}, RESET_SCHEMA, { topic: 't', to })).toEqual([]);
});

test.each(['middle', 5, {}, { shift: 1, offset: 1 }])('%j is not', (to) => {
  expect(schemaFaults({}, RESET_SCHEMA, { topic: 't', to })).not.toEqual([]);
});
