import { expect, test } from 'vitest';
import { readTopicChange, readTopicWish } from '../../src/http/topic-body.ts';
import { ALTER_TOPIC, CREATE_TOPIC } from '../../src/http/topic-descriptions.ts';
import { refusalOf } from '../support/refusal.ts';

const BODIES = [
  { description: CREATE_TOPIC, read: readTopicWish },
  { description: ALTER_TOPIC, read: readTopicChange },
];

test('a body has the members that its reader takes, and its example is taken', () => {
  for (const { description, read } of BODIES) {
    const { schema, examples = {} } = description.body?.content['application/json'] ?? {};
    const { details } = refusalOf(() => read({ unheardOf: 1 }));
    expect(details['allowed']).toEqual(Object.keys(schema?.['properties'] as object));
    for (const { value } of Object.values(examples)) {
      expect(() => read(value as { [member: string]: unknown })).not.toThrow();
    }
  }
});
