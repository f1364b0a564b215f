import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import type { AnswerForm } from '../../src/http/produce-reply.ts';
import { chooseAnswerForm } from '../../src/http/produce-reply.ts';
import type { ProduceBody, ProduceFamily } from '../../src/http/produce-body.ts';
import { refusalOf } from '../support/refusal.ts';

function choose(family: ProduceFamily, headers: { accept?: string; prefer?: string }): AnswerForm {
  const body: ProduceBody = {
    kind: 'records',
    family,
    input: { records: [], partitions: undefined },
  };
  return chooseAnswerForm({ headers } as unknown as FastifyRequest, body);
}

describe('the answer', () => {
  test.each([
    ['native', 'application/json'],
    ['msgpack', 'application/msgpack'],
    ['v2', 'application/vnd.kafka.v2+json'],
  ] as const)('to a %s body is of its own kind when nothing else is asked for', (family, type) => {
    for (const headers of [{}, { accept: '*/*' }, { accept: 'text/html, */*;q=0.1' }]) {
      expect(choose(family, headers)).toMatchObject({ family, type, isMinimal: false });
    }
  });

  test('can be MessagePack to JSON and the other way round', () => {
    expect(choose('native', { accept: 'application/msgpack' }).type).toBe('application/msgpack');
    expect(choose('msgpack', { accept: 'application/json' }).type).toBe('application/json');
  });

  test("to v2 has the type that v2's clients accept", () => {
    const accept = 'application/vnd.kafka+json, application/vnd.kafka.v2+json, application/json';
    expect(choose('v2', { accept }).type).toBe('application/vnd.kafka.v2+json');
    const type = 'application/vnd.kafka.json.v2+json';
    expect(choose('v2', { accept: type }).type).toBe(type);
  });

  test('that nobody would accept refuses the request', () => {
    expect(refusalOf(() => choose('native', { accept: 'text/html' }))).toMatchObject({
      code: 'NOT_ACCEPTABLE',
      details: { offered: ['application/json', 'application/msgpack'] },
    });
  });

  test('is short when it is preferred so, except in v2, and always for encoded batches', () => {
    const headers = { prefer: 'return=minimal' };
    expect(choose('native', headers)).toMatchObject({ isMinimal: true, isPreferred: true });
    expect(choose('msgpack', headers).isMinimal).toBe(true);
    expect(choose('v2', headers).isMinimal).toBe(false);
    const body: ProduceBody = { kind: 'batches', family: 'native', bytes: Buffer.alloc(1) };
    const form = chooseAnswerForm({ headers: {} } as unknown as FastifyRequest, body);
    expect(form).toMatchObject({ isMinimal: true, isPreferred: false });
  });
});
