import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { acceptedType, FETCH_TYPES, varyOnAccept } from '../../src/http/fetch-types.ts';
import { refusalOf } from '../support/refusal.ts';

function accepting(accept?: string): FastifyRequest {
  return { headers: accept === undefined ? {} : { accept } } as FastifyRequest;
}

describe('Accept chooses', () => {
  test.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['application/msgpack, application/json;q=0.5', 'application/msgpack'],
    ['text/event-stream', 'text/event-stream'],
    ['application/x-ndjson', 'application/x-ndjson'],
    ['application/vnd.kafka.recordbatch', 'application/vnd.kafka.recordbatch'],
    ['application/vnd.kafka.text.v2+json, */*;q=0.1', 'application/vnd.kafka.text.v2+json'],
  ])('%s: %s', (accept, type) => {
    expect(acceptedType(accepting(accept), FETCH_TYPES)).toBe(type);
  });
});

test('what is not offered is 406 with the list, under the number of v2', () => {
  expect(refusalOf(() => acceptedType(accepting('text/html'), FETCH_TYPES))).toMatchObject({
    code: 'NOT_ACCEPTABLE',
    details: { received: 'text/html', offered: FETCH_TYPES },
  });
  expect(() => acceptedType(accepting('text/html'), FETCH_TYPES)).toThrow(
    expect.objectContaining({ errorCode: 40601, status: 406 }),
  );
});

test('Vary names Accept beside what it named before', () => {
  const headers = new Map<string, string>();
  const reply = {
    getHeader: (name: string) => headers.get(name),
    header: (name: string, value: string) => headers.set(name, value),
  } as unknown as FastifyReply;
  varyOnAccept(reply);
  expect(headers.get('vary')).toBe('accept');
  headers.set('vary', 'origin');
  varyOnAccept(reply);
  expect(headers.get('vary')).toBe('origin, accept');
});
