import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { Inflater } from '../../src/http/inflater.ts';
import { acceptedV2Type, v2RecordsAnswer } from '../../src/http/v2-answers.ts';
import { FETCH_RECORDS_MAX } from '../../src/model/limits.ts';
import { refusalOf } from '../support/refusal.ts';
import { v2App } from '../support/v2-app.ts';

const inflater = new Inflater(new FetchBudget());

describe('Accept', () => {
  const request = (accept?: string): FastifyRequest =>
    ({ headers: accept === undefined ? {} : { accept } }) as FastifyRequest;

  test.each([
    ['binary', undefined, 'application/vnd.kafka.binary.v2+json'],
    ['json', '*/*', 'application/vnd.kafka.json.v2+json'],
    ['binary', 'application/vnd.kafka.v2+json', 'application/vnd.kafka.v2+json'],
    ['text', 'application/vnd.kafka.text.v2+json', 'application/vnd.kafka.text.v2+json'],
  ] as const)('of a %s instance: %s gets %s', (format, accept, type) => {
    expect(acceptedV2Type(request(accept), format)).toBe(type);
  });

  test('another format is refused', () => {
    const other = request('application/vnd.kafka.binary.v2+json');
    expect(refusalOf(() => acceptedV2Type(other, 'json')).code).toBe('NOT_ACCEPTABLE');
  });
});

test('an answer has a bound, and the positions stand behind what it shows', async () => {
  const v2 = v2App();
  await v2.broker.createTopic({ name: 't', partitionCount: 2 });
  const values = Array.from({ length: FETCH_RECORDS_MAX - 1 }, () => 1);
  await v2.produce('t', 0, ...values);
  await v2.produce('t', 1, 1, 1, 1);
  const asked = [0, 1].map((partition) => ({
    topic: 't',
    partition,
    offset: 0,
    maxBytes: 2 ** 24,
  }));
  const wish = { partitions: asked, minBytes: 1, maxBytes: 2 ** 24, maxWaitMs: 0 };
  const found = await v2.broker.fetch(wish);
  const place = { topicId: 'id', offset: 0, committed: undefined };
  const partitions = found.map((each) => ({ ...place, ...each }));
  const { answer, positions } = await v2RecordsAnswer({ partitions, reset: [] }, 'json', inflater);
  expect(JSON.parse(Buffer.concat(answer.parts).toString())).toHaveLength(FETCH_RECORDS_MAX);
  expect(answer.headers).toEqual({});
  expect(positions).toEqual([
    {
      topic: 't',
      topicId: 'id',
      partition: 0,
      offset: FETCH_RECORDS_MAX - 1,
      committed: undefined,
    },
    { topic: 't', topicId: 'id', partition: 1, offset: 1, committed: undefined },
  ]);
});

test('jumps over what retention took are named, ten at the most', async () => {
  const reset = Array.from({ length: 11 }, (_, partition) => ({
    topic: 't',
    partition,
    from: 0,
    to: 5,
  }));
  const { answer } = await v2RecordsAnswer({ partitions: [], reset }, 'json', inflater);
  expect(Buffer.concat(answer.parts).toString()).toBe('[]');
  expect(JSON.parse(answer.headers['millrace-reset'] ?? '')).toEqual(reset.slice(0, 10));
});
