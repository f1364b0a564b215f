import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import {
  PARTITION,
  TOPIC,
  booleanParameter,
  choiceParameter,
  integerParameter,
  parametersSchema,
  readQuery,
  textParameter,
} from '../../src/http/parameters.ts';
import { refusalOf } from '../support/refusal.ts';

const LIMIT = integerParameter({ name: 'limit', doc: 'How many.', min: 1, max: 10, default: 5 });
const FORMAT = choiceParameter({
  name: 'format',
  doc: 'Which form.',
  choices: ['json', 'text'] as const,
  default: 'json' as const,
});
const FOLLOW = booleanParameter({ name: 'follow', doc: 'Whether.', default: false });
const GROUP = textParameter({ name: 'group', doc: 'Who.', lengthMax: 3, default: undefined });

describe('reading', () => {
  test('a parameter that was not given has its default', () => {
    expect(LIMIT.read({})).toBe(5);
    expect(FORMAT.read({})).toBe('json');
    expect(FOLLOW.read({})).toBe(false);
    expect(GROUP.read({})).toBeUndefined();
  });

  test('what is given is read, up to the bounds', () => {
    expect(LIMIT.read({ limit: '1' })).toBe(1);
    expect(LIMIT.read({ limit: '10' })).toBe(10);
    expect(FORMAT.read({ format: 'text' })).toBe('text');
    expect(FOLLOW.read({ follow: '' })).toBe(true);
    expect(GROUP.read({ group: 'abc' })).toBe('abc');
  });

  test.each(['0', '11', '', '1.0', '1e1', ' 5', '+5', '0x5', '99999999999999999999', 'NaN'])(
    'limit=%j is refused by name, with what came and what is allowed',
    (limit) => {
      expect(refusalOf(() => LIMIT.read({ limit }))).toEqual({
        code: 'INVALID_REQUEST',
        message: `parameter limit is ${JSON.stringify(limit)}; it must be an integer from 1 to 10`,
        details: { parameter: 'limit', received: limit, allowed: 'an integer from 1 to 10' },
      });
    },
  );

  test('choices, booleans and texts say what they allow', () => {
    expect(refusalOf(() => FORMAT.read({ format: 'xml' })).message).toBe(
      'parameter format is "xml"; it must be "json" or "text"',
    );
    expect(refusalOf(() => FOLLOW.read({ follow: 'yes' })).message).toBe(
      'parameter follow is "yes"; it must be true or false',
    );
    expect(refusalOf(() => GROUP.read({ group: 'abcd' })).message).toBe(
      'parameter group is "abcd"; it must be at most 3 characters',
    );
  });

  test('a huge value does not make a huge error', () => {
    const { message, details } = refusalOf(() => LIMIT.read({ limit: '9'.repeat(10_000) }));
    expect(message.length).toBeLessThan(200);
    expect(String(details['received']).length).toBe(200);
  });
});

describe('paths', () => {
  test('a partition is an int32 that is not negative', () => {
    expect(PARTITION.read({ partition: '2147483647' })).toBe(2_147_483_647);
    for (const partition of ['2147483648', '-1', 'x', '']) {
      expect(refusalOf(() => PARTITION.read({ partition })).code).toBe('INVALID_REQUEST');
    }
  });

  test('a topic is whatever the path holds', () => {
    expect(TOPIC.read({ topic: '__proto__' })).toBe('__proto__');
  });
});

describe('readQuery', () => {
  const request = (query: object): FastifyRequest => ({ query }) as FastifyRequest;

  test('an unknown parameter is refused, naming the known ones', () => {
    expect(refusalOf(() => readQuery(request({ limits: '1' }), [LIMIT, FORMAT]))).toEqual({
      code: 'INVALID_REQUEST',
      message: 'parameter "limits" is unknown; known are limit, format',
      details: { parameter: 'limits', allowed: ['limit', 'format'] },
    });
    expect(refusalOf(() => readQuery(request({ x: '1' }), [])).message).toContain(
      'this route takes none',
    );
  });

  test('a parameter given twice is refused', () => {
    expect(refusalOf(() => readQuery(request({ limit: ['1', '2'] }), [LIMIT])).message).toBe(
      'parameter limit is given 2 times; give it once',
    );
  });
});

test('the description says what the reader enforces', () => {
  expect(parametersSchema([LIMIT, FORMAT, FOLLOW, GROUP])).toEqual({
    type: 'object',
    additionalProperties: false,
    properties: {
      limit: { type: 'integer', minimum: 1, maximum: 10, description: 'How many.', default: 5 },
      format: {
        type: 'string',
        enum: ['json', 'text'],
        description: 'Which form.',
        default: 'json',
      },
      follow: { type: 'boolean', description: 'Whether.', default: false },
      group: { type: 'string', maxLength: 3, description: 'Who.' },
    },
  });
});
