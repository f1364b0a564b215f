import { expect, test } from 'vitest';
import {
  CURSOR_EXAMPLE,
  HEARTBEAT_SCHEMA,
  JOIN_SCHEMA,
  MEMBER_PAGE_EXAMPLE,
  MEMBER_PAGE_SCHEMA,
  MEMBERSHIP_EXAMPLE,
  MEMBERSHIP_SCHEMA,
  READ_SCHEMA,
} from '../../src/http/member-schemas.ts';
import { chooseAssignors } from '../../src/membership/assignors.ts';
import { decodeCursor } from '../../src/membership/cursor.ts';
import { CURSOR_LENGTH_MAX } from '../../src/model/limits.ts';
import { schemaFaults } from '../support/json-schema.ts';

test.each([
  [MEMBERSHIP_SCHEMA, MEMBERSHIP_EXAMPLE],
  [MEMBER_PAGE_SCHEMA, MEMBER_PAGE_EXAMPLE],
  [JOIN_SCHEMA, { topics: ['flights'], group_instance_id: null }],
  [READ_SCHEMA, { generation: 1, group_instance_id: null, cursor: CURSOR_EXAMPLE }],
  [HEARTBEAT_SCHEMA, { generation: 0 }],
])('%# is what its schema says', (schema, example) => {
  expect(schemaFaults({}, schema, example)).toEqual([]);
});

test('the page of a reader that is no member, and one after a jump, conform', () => {
  const reset = [{ topic: 'flights', partition: 0, from: 1, to: 3 }];
  for (const more of [{ generation: undefined }, { reset }]) {
    const page = JSON.parse(JSON.stringify({ ...MEMBER_PAGE_EXAMPLE, ...more })) as unknown;
    expect(schemaFaults({}, MEMBER_PAGE_SCHEMA, page)).toEqual([]);
  }
});

test('the example of a cursor is one, of the group and the topic of the other examples', () => {
  const [record] = MEMBER_PAGE_EXAMPLE.records;
  const cursor = decodeCursor(CURSOR_EXAMPLE, { group: 'alerts', lengthMax: CURSOR_LENGTH_MAX });
  expect(cursor).toMatchObject({
    subscription: { kind: 'topics', topics: [record?.topic] },
    assigned: MEMBERSHIP_EXAMPLE.assignment,
    generation: MEMBERSHIP_EXAMPLE.generation,
  });
});

test('the assignors that are said to be the default are', () => {
  const { assignors } = JOIN_SCHEMA['properties'] as { assignors: { default: string[] } };
  expect(chooseAssignors(undefined).map(({ name }) => name)).toEqual(assignors.default);
});
