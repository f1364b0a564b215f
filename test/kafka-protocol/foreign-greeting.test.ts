import { expect, test } from 'vitest';
import { foreignGreeting } from '../../src/kafka-protocol/foreign-greeting.ts';

const start = (text: string): number => Buffer.from(text, 'latin1').readInt32BE();

test.each([
  'GET / HTTP',
  'POST /',
  'PUT /',
  'HEAD /',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'PRI * HTTP/2',
])('%s is HTTP', (text) => expect(foreignGreeting(start(text))).toContain('--http-port'));

test('a handshake is TLS', () => {
  expect(foreignGreeting(start('\x16\x03\x01\x02'))).toContain('security.protocol');
});

test.each([0, -1, 2_147_483_647, 0x15030100, 0x47455421])('%d is nothing known', (size) => {
  expect(foreignGreeting(size)).toBeUndefined();
});
