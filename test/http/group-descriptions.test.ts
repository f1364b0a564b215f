import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { readCommitBody } from '../../src/http/commit-body.ts';
import * as descriptions from '../../src/http/group-descriptions.ts';
import { readResetBody } from '../../src/http/reset-body.ts';
import { parseCurl } from '../support/curl.ts';
import { FakeGroupScene } from '../support/fake-group-scene.ts';
import { refusalOf } from '../support/refusal.ts';

function requestOf(body: unknown): FastifyRequest {
  const headers = { 'content-type': 'application/json' };
  return { headers, body: Buffer.from(JSON.stringify(body)) } as unknown as FastifyRequest;
}

const BODIES = [
  {
    description: descriptions.COMMIT_OFFSETS,
    read: (body: unknown) => readCommitBody(requestOf(body), 'g'),
  },
  {
    description: descriptions.RESET_OFFSETS,
    read: (body: unknown) => readResetBody(requestOf(body)),
  },
];

test('a body has the members that its reader takes, and its example is taken', () => {
  for (const { description, read } of BODIES) {
    const { schema, examples = {} } = description.body?.content['application/json'] ?? {};
    const { details } = refusalOf(() => read({ unheardOf: 1 }));
    const described = Object.keys(schema?.['properties'] as object);
    expect(described.toSorted()).toEqual((details['allowed'] as string[]).toSorted());
    for (const { value } of Object.values(examples)) expect(() => read(value)).not.toThrow();
  }
});

test('a commit says first what an offset is', () => {
  const [first] = descriptions.COMMIT_OFFSETS.description?.split('\n') ?? [];
  expect(first).toMatch(/^An offset is the next one to read/);
});

test('each example works with one topic of one record', async () => {
  for (const { 'x-curl': source, operationId } of Object.values(descriptions)) {
    const scene = new FakeGroupScene();
    await scene.topic('flights', 1);
    const ask = await scene.ask();
    for (const request of parseCurl(source.replaceAll('{base}', 'http://localhost'))) {
      const answer = await ask(request);
      expect(answer.statusCode, `${operationId}\n${answer.body}`).toBeLessThan(300);
    }
  }
});
