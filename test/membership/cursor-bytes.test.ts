import { expect, test } from 'vitest';
import { decodeCursorBody, encodeCursorBody } from '../../src/membership/cursor-bytes.ts';
import type { Cursor } from '../../src/membership/cursor.ts';
import { refusalOf } from '../support/refusal.ts';

const TOPIC_ID = '0b5c7e1a-4f2d-4a3b-8c9d-000000000001';

test('keeps the bytes that were given out before', () => {
  const small: Cursor = {
    group: 'g',
    subscription: { kind: 'topics', topics: ['t'] },
    autoOffsetReset: 'latest',
    fingerprint: 1,
    assigned: [{ topic: 't', partitions: [1, 3] }],
    generation: 2,
    positions: [{ topicId: TOPIC_ID, topic: 't', partition: 3, offset: 64 }],
  };
  expect(encodeCursorBody(small).toString('hex')).toBe(
    [
      '0267', // group
      '00', // topics
      '020274', // names
      '0200', // subscription
      '02', // latest
      '02', // fingerprint
      '04', // generation
      '0200040204', // assigned
      '02000b5c7e1a4f2d4a3b8c9d0000000000010206', // positions: name, topic id, count, partition
      '8001', // offset
    ].join(''),
  );
  expect(decodeCursorBody(encodeCursorBody(small))).toEqual(small);
});

test('a topic is named once, however often it is spoken of', () => {
  const topic = 'x'.repeat(200);
  const partitions = [0, 1, 2];
  const cursor: Cursor = {
    group: 'g',
    subscription: { kind: 'topics', topics: [topic] },
    autoOffsetReset: 'none',
    fingerprint: 0,
    assigned: [{ topic, partitions }],
    generation: 0,
    positions: partitions.map((partition) => ({ topicId: TOPIC_ID, topic, partition, offset: 1 })),
  };
  expect(encodeCursorBody(cursor).length).toBeLessThan(250);
});

test.each([
  ['026700020a74', 'name', 'a text longer than what is left'],
  ['026702020274', 'pattern', 'no pattern'],
  ['026704', 'kind', 'a kind that is none'],
  ['0267000000', 'reset', 'no offset reset'],
  ['0267000202740204', 'name', 'a name beyond the list'],
  ['026700020274020006', 'reset', 'a reset that is none'],
  ['02670000000001', 'fingerprint', 'a fingerprint below 0'],
  ['026700fcffffff0f0000000000', 'names', 'more names than bytes'],
  ['02670002027400000000fcffffff0f0000', 'assigned', 'more topics than bytes'],
  ['0267000202740000000002000800', 'partitions', 'more partitions than bytes'],
  ['026700020274000000000200020100', 'partition', 'a partition below 0'],
  ['0267000202740000000000040000000000', 'positions', 'more positions than bytes'],
])('bytes %s are refused for their %s: %s', (hex, field) => {
  const { code, details } = refusalOf(() => decodeCursorBody(Buffer.from(hex, 'hex')));
  expect([code, details['field']]).toEqual(['CORRUPT_MESSAGE', field]);
});
