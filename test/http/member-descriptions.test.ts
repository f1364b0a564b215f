import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { readHeartbeatBody, readJoinBody, readReadBody } from '../../src/http/member-bodies.ts';
import * as descriptions from '../../src/http/member-descriptions.ts';
import { getDocument, operationsOf } from '../support/description.ts';
import { testApp } from '../support/http-app.ts';
import { refusalOf } from '../support/refusal.ts';

function requestOf(body: unknown): FastifyRequest {
  const headers = { 'content-type': 'application/json' };
  return { headers, body: Buffer.from(JSON.stringify(body)) } as unknown as FastifyRequest;
}

test.each([
  [descriptions.JOIN_GROUP, readJoinBody],
  [descriptions.READ_MEMBER, readReadBody],
  [descriptions.HEARTBEAT, readHeartbeatBody],
] as const)(
  'body %# has the members that its reader takes, and its example is taken',
  (description, read) => {
    const { schema, examples = {} } = description.body?.content['application/json'] ?? {};
    const { details } = refusalOf(() => read(requestOf({ unheardOf: 1 }), 'alerts'));
    const described = Object.keys(schema?.['properties'] as object);
    expect(described.toSorted()).toEqual((details['allowed'] as string[]).toSorted());
    expect(Object.keys(examples)).not.toEqual([]);
    for (const { value } of Object.values(examples)) read(requestOf(value), 'alerts');
  },
);

test.each([
  ['/groups/g/members/m/records', descriptions.STREAM_MEMBER],
  ['/topics/t/records', descriptions.READ_TOPIC_FOR_GROUP],
])('the query of %s has the parameters that its route takes', async (path, description) => {
  const answer = await testApp().app.inject(`${path}?unheard_of=1`);
  const described = Object.keys(description.querystring?.['properties'] as object);
  expect(answer.json().details.allowed).toEqual(described);
});

test('each is the description of a route, and its example asks that route', async () => {
  const operations = operationsOf(await getDocument());
  for (const { operationId, 'x-curl': source } of Object.values(descriptions)) {
    const path = operations.find(({ operation }) => operation.operationId === operationId)?.path;
    expect(path, operationId).toBeDefined();
    const url = source.split('\n').at(-1) ?? '';
    for (const part of (path as string).split(/\/?\{[^}]+\}/)) expect(url).toContain(part);
  }
});
