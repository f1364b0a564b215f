import { expect, test } from 'vitest';
import { topicIdFrom } from '../../../src/broker/local/topic-id.ts';

test('an id is a random UUID of version 4, in lower case', () => {
  expect(topicIdFrom(Buffer.alloc(16))).toBe('00000000-0000-4000-8000-000000000000');
  expect(topicIdFrom(Buffer.alloc(16, 255))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  const bytes = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
  expect(topicIdFrom(bytes)).toBe('00010203-0405-4607-8809-0a0b0c0d0e0f');
});
