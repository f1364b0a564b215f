import { describe, expect, test } from 'vitest';
import { definition, memberList, schemaPhrase } from '../../src/http/docs-schema.ts';

describe('schemaPhrase', () => {
  test.each([
    [{}, 'any JSON'],
    [{ type: 'string' }, 'string'],
    [{ type: ['integer', 'null'] }, 'integer or null'],
    [{ type: 'integer', minimum: 0, maximum: 10 }, 'integer 0 to 10'],
    [{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, 'integer from 0'],
    [{ type: 'string', maxLength: 3 }, 'string of at most 3 characters'],
    [{ type: 'string', format: 'uuid' }, 'string (uuid)'],
    [{ type: 'array', items: { type: 'string' } }, 'list of string'],
    [{ type: 'object', additionalProperties: { type: 'string' } }, 'object of string'],
    [{ type: 'object', additionalProperties: false }, 'object'],
    [{ enum: ['a', 'b'] }, '&quot;a&quot; or &quot;b&quot;'],
    [{ const: 'x' }, '&quot;x&quot;'],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'string or null'],
    [{ $ref: '#/components/schemas/Topic' }, '<a href="#schema-Topic">Topic</a>'],
  ])('%j is "%s"', (schema, words) => {
    expect(schemaPhrase(schema).text).toBe(words);
  });
});

test('members are listed with what may be left out, and within one another', () => {
  const inner = { type: 'object', properties: { deep: { type: 'boolean' } } };
  const list = memberList({
    type: 'object',
    required: ['a'],
    properties: { a: { type: 'string' }, b: { type: 'array', items: inner } },
  })?.text;
  expect(list).toMatch(/<dt>a<\/dt>[^]*<dt>b<small>optional<\/small><\/dt>[^]*<dt>deep/);
  expect(memberList({ type: 'string' })).toBeUndefined();
});

test('a definition says its default', () => {
  const row = definition('x', undefined, { type: 'integer', default: 5, description: 'A `b`.' });
  expect(row.text).toContain('A <code>b</code>.');
  expect(row.text).toContain('integer; default 5');
});
