import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { readResetBody } from '../../src/http/reset-body.ts';
import { refusalOf } from '../support/refusal.ts';

function read(body: unknown) {
  const headers = { 'content-type': 'application/json' };
  const request = { headers, body: Buffer.from(JSON.stringify(body)) };
  return readResetBody(request as unknown as FastifyRequest);
}

test.each<[unknown, unknown]>([
  ['earliest', 'earliest'],
  ['latest', 'latest'],
  [{ offset: 0 }, { offset: 0 }],
  [{ shift: -5 }, { shift: -5 }],
  [{ timestamp: 0 }, { timestamp: 0 }],
  [{ timestamp: 1_795_240_800_000 }, { timestamp: 1_795_240_800_000 }],
  [{ timestamp: '2026-11-21T06:00:00Z' }, { timestamp: 1_795_240_800_000 }],
])('to %j is %j', (to, expected) => {
  expect(read({ topic: 't', to })).toEqual({
    topic: 't',
    partitions: undefined,
    to: expected,
    dryRun: false,
  });
});

test('partitions and the dry run are taken as they are given, null as left out', () => {
  const wish = { topic: 't', to: 'latest' };
  expect(read({ ...wish, partitions: [3, 0], dry_run: true })).toMatchObject({
    partitions: [3, 0],
    dryRun: true,
  });
  expect(read({ ...wish, partitions: null, dry_run: null })).toEqual(read(wish));
});

test.each<[object, string]>([
  [{ topic: undefined }, 'topic is missing; it must be a string'],
  [{ topic: 7 }, 'topic is "7"'],
  [{ to: undefined }, 'to is missing; it must be "earliest", "latest", or an object with one of'],
  [{ to: 'middle' }, 'it must be "earliest", "latest", or an object'],
  [{ to: 5 }, 'to is "5"'],
  [{ to: null }, 'to is "null"'],
  [{ to: [] }, 'to is "[]"'],
  [{ to: {} }, 'to is "{}"'],
  [{ to: { offset: 1, shift: 1 } }, 'an object with one of timestamp, offset and shift'],
  [{ to: { offset: 1, colour: 1 } }, 'to has unknown members: "colour"'],
  [{ to: { offset: -1 } }, 'to.offset is "-1"; it must be an integer from 0'],
  [{ to: { offset: null } }, 'to.offset is "null"'],
  [{ to: { shift: 0.5 } }, 'to.shift is "0.5"'],
  [{ to: { timestamp: -1 } }, 'to.timestamp is "-1"; it must be milliseconds since 1970'],
  [{ to: { timestamp: 1.5 } }, 'to.timestamp is "1.5"'],
  [{ to: { timestamp: 'soon' } }, 'to.timestamp is'],
  [{ partitions: [] }, 'partitions is "[]"; it must be a list of 1 to 10000 partition numbers'],
  [{ partitions: [0, 0] }, 'none twice'],
  [{ partitions: [-1] }, 'partitions is "[-1]"'],
  [{ partitions: ['0'] }, 'partitions is'],
  [{ partitions: 0 }, 'partitions is "0"'],
  [{ dry_run: 'yes' }, 'dry_run is "\\"yes\\""; it must be true or false'],
  [{ dryrun: true }, 'the body has unknown members: "dryrun"'],
])('%j is refused', (more, message) => {
  const refusal = refusalOf(() => read({ topic: 't', to: 'latest', ...more }));
  expect(refusal.code).toBe('INVALID_REQUEST');
  expect(refusal.message).toContain(message);
});

test('a topic name that breaks the rules is refused by the rule', () => {
  expect(refusalOf(() => read({ topic: '..', to: 'latest' })).code).toBe('INVALID_TOPIC_EXCEPTION');
});
