import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import {
  nextOffsets,
  readV2Body,
  readV2Offsets,
  readV2Partitions,
  readV2Subscription,
  requireV2Body,
  takeGetBody,
} from '../../src/http/v2-bodies.ts';
import { ADMIN_BODY_BYTES_MAX } from '../../src/model/limits.ts';
import { refusalOf } from '../support/refusal.ts';

function requestWith(body: string, type = 'application/vnd.kafka.v2+json'): FastifyRequest {
  return {
    body: Buffer.from(body),
    headers: { 'content-type': type },
  } as unknown as FastifyRequest;
}

test.each([
  'application/json; charset=utf-8',
  'application/vnd.kafka.v2+json',
  'application/vnd.kafka.json.v2+json',
  'application/vnd.kafka.binary.v2+json',
])('%s is read', (type) => {
  expect(readV2Body(requestWith('{"a": 1}', type))).toEqual({ a: 1 });
});

test('other types are not, and no body is none', () => {
  const { code } = refusalOf(() =>
    readV2Body(requestWith('{}', 'application/vnd.kafka.avro.v2+json')),
  );
  expect(code).toBe('UNSUPPORTED_MEDIA_TYPE');
  expect(readV2Body(requestWith(''))).toBeUndefined();
  expect(refusalOf(() => requireV2Body(requestWith(''))).code).toBe('INVALID_REQUEST');
});

describe('the body of a GET', () => {
  const get = (chunks: readonly Buffer[]): FastifyRequest =>
    ({
      raw: Readable.from(chunks),
      headers: { 'content-type': 'application/json' },
    }) as unknown as FastifyRequest;

  test('is taken in pieces', async () => {
    const request = get([Buffer.from('{"a"'), Buffer.from(': 1}')]);
    await takeGetBody(request);
    expect(readV2Body(request)).toEqual({ a: 1 });
  });

  test('may be missing', async () => {
    const request = get([]);
    await takeGetBody(request);
    expect(readV2Body(request)).toBeUndefined();
  });

  test('has a bound', async () => {
    const half = Buffer.alloc(ADMIN_BODY_BYTES_MAX / 2, 0x20);
    await takeGetBody(get([half, half]));
    await expect(takeGetBody(get([half, half, Buffer.from(' ')]))).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
    });
  });
});

describe('a subscription', () => {
  test('is by names or by pattern', () => {
    expect(readV2Subscription({ topics: ['a', 'b'] })).toEqual({
      kind: 'topics',
      topics: ['a', 'b'],
    });
    expect(readV2Subscription({ topic_pattern: 'a.*' })).toEqual({
      kind: 'pattern',
      pattern: 'a.*',
    });
  });

  test.each([
    [{}, 'INVALID_REQUEST'],
    [{ topics: ['a'], topic_pattern: 'a' }, 'INVALID_REQUEST'],
    [{ topics: [] }, 'INVALID_REQUEST'],
    [{ topics: ['a', 'a'] }, 'INVALID_REQUEST'],
    [{ topics: 'a' }, 'INVALID_REQUEST'],
    [{ topics: ['a b'] }, 'INVALID_TOPIC_EXCEPTION'],
    [{ topic_pattern: '(' }, 'INVALID_REQUEST'],
    [{ topics: ['a'], topics_pattern: 'a' }, 'INVALID_REQUEST'],
  ])('%j is refused', (body, code) => {
    expect(refusalOf(() => readV2Subscription(body)).code).toBe(code);
  });
});

describe('partitions', () => {
  test('are taken once each', () => {
    const one = { topic: 't', partition: 0 };
    expect(readV2Partitions({ partitions: [one, { topic: 't', partition: 1 }, one] })).toEqual([
      one,
      { topic: 't', partition: 1 },
    ]);
    expect(readV2Partitions({ partitions: [] })).toEqual([]);
  });

  test.each([
    [{}, 'partitions is missing'],
    [{ partitions: [7] }, 'partitions[0] is "7"'],
    [{ partitions: [{ topic: 't' }] }, 'partitions[0].partition is missing'],
    [{ partitions: [{ topic: '', partition: 0 }] }, 'partitions[0].topic is'],
    [{ partitions: [{ topic: 't', partition: -1 }] }, 'partitions[0].partition is "-1"'],
    [
      { partitions: [{ topic: 't', partition: 0, offset: 1 }] },
      'partitions[0] has unknown members',
    ],
    [{ partitions: [], more: 1 }, 'the body has unknown members'],
  ])('%j is refused', (body, message) => {
    expect(refusalOf(() => readV2Partitions(body)).message).toContain(message);
  });
});

describe('offsets', () => {
  test('of several for one partition the last counts', () => {
    const at = (offset: number) => ({ topic: 't', partition: 0, offset });
    expect(readV2Offsets({ offsets: [at(1), { ...at(2), metadata: 'm' }] })).toEqual([
      { ...at(2), metadata: 'm' },
    ]);
    expect(readV2Offsets({ offsets: [{ ...at(3), metadata: null }] })).toEqual([
      { ...at(3), metadata: '' },
    ]);
  });

  test.each([
    [{ offsets: [{ topic: 't', partition: 0 }] }, 'offsets[0].offset is missing'],
    [{ offsets: [{ topic: 't', partition: 0, offset: -1 }] }, 'offsets[0].offset is "-1"'],
    [{ offsets: [{ topic: 't', partition: 0, offset: 2 ** 53 - 1 }] }, 'offsets[0].offset is'],
    [{ offsets: [{ topic: 't', partition: 0, offset: 1, metadata: 2 }] }, 'offsets[0].metadata is'],
    [{ offsets: {} }, 'offsets is "{}"'],
  ])('%j is refused', (body, message) => {
    expect(refusalOf(() => readV2Offsets(body)).message).toContain(message);
  });

  test("v2's offset is that of the last record done with, so the next one is committed", () => {
    const offsets = readV2Offsets({ offsets: [{ topic: 't', partition: 0, offset: 20 }] });
    expect(nextOffsets(offsets)).toEqual([{ topic: 't', partition: 0, offset: 21, metadata: '' }]);
  });
});
