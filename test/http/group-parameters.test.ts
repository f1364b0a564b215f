import { expect, test } from 'vitest';
import { TOPIC_FILTER } from '../../src/http/group-parameters.ts';
import { refusalOf } from '../support/refusal.ts';

test('a topic to filter by is any name that one can have, and may be left out', () => {
  expect(TOPIC_FILTER.read({})).toBeUndefined();
  expect(TOPIC_FILTER.read({ topic: '__proto__' })).toBe('__proto__');
  expect(refusalOf(() => TOPIC_FILTER.read({ topic: 'x'.repeat(250) })).details).toMatchObject({
    parameter: 'topic',
  });
});
