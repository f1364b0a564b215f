import { expect, test } from 'vitest';
import { PRODUCE_TO_PARTITION, PRODUCE_TO_TOPIC } from '../../src/http/produce-descriptions.ts';
import { V2_BODY_TYPES } from '../../src/http/produce-body.ts';
import { PRODUCE_PARAMETERS } from '../../src/http/produce-parameters.ts';

const COMMON = ['application/json', 'application/msgpack', ...V2_BODY_TYPES, '*/*'];

test('every type of body is described where it can be sent', () => {
  const types = (route: typeof PRODUCE_TO_TOPIC): string[] =>
    Object.keys(route.body?.content ?? {});
  expect(types(PRODUCE_TO_TOPIC).toSorted()).toEqual(COMMON.toSorted());
  expect(types(PRODUCE_TO_PARTITION).toSorted()).toEqual(
    [...COMMON, 'application/vnd.kafka.recordbatch'].toSorted(),
  );
});

test('every parameter and header is described', () => {
  for (const { querystring, headers } of [PRODUCE_TO_TOPIC, PRODUCE_TO_PARTITION]) {
    const { properties } = querystring as { properties: object };
    expect(Object.keys(properties)).toEqual(PRODUCE_PARAMETERS.map(({ name }) => name));
    expect(headers).toMatchObject({ properties: { prefer: {} } });
  }
  expect(PRODUCE_TO_PARTITION.headers).toMatchObject({ properties: { 'producer-seq': {} } });
});

test('the refusals of a produce are described', () => {
  for (const { response } of [PRODUCE_TO_TOPIC, PRODUCE_TO_PARTITION]) {
    const statuses = [400, 404, 406, 408, 413, 415, 422, 429, 500, 503, 507];
    expect(Object.keys(response)).toEqual(expect.arrayContaining(statuses.map(String)));
  }
  expect(Object.keys(PRODUCE_TO_PARTITION.response)).toContain('409');
});
