import { expect, test } from 'vitest';
import { nameComponents } from '../../src/http/openapi-components.ts';
import type { OpenApiDocument } from '../../src/http/openapi-document.ts';

function named(paths: object): OpenApiDocument {
  return nameComponents({ paths } as unknown as OpenApiDocument);
}

test('a titled schema becomes a component, however often and however deep it is used', () => {
  const inner = { title: 'Inner', type: 'string' };
  const outer = { title: 'Outer', type: 'object', properties: { a: inner } };
  const { paths, components } = named({ x: { schema: outer }, y: { list: [outer, inner] } });
  expect(paths).toEqual({
    x: { schema: { $ref: '#/components/schemas/Outer' } },
    y: {
      list: [{ $ref: '#/components/schemas/Outer' }, { $ref: '#/components/schemas/Inner' }],
    },
  });
  expect(components.schemas).toEqual({
    Inner: { type: 'string' },
    Outer: { type: 'object', properties: { a: { $ref: '#/components/schemas/Inner' } } },
  });
});

test('a member that is called title, and titles in examples, are left alone', () => {
  const paths = {
    x: { schema: { type: 'object', properties: { title: { type: 'string' } } } },
    y: { examples: { one: { value: { title: 'A book' } } } },
  };
  expect(named(paths)).toEqual({ paths, components: { schemas: {} } });
});

test('two different schemas of one title are a mistake', () => {
  const paths = { x: { title: 'A', type: 'string' }, y: { title: 'A', type: 'integer' } };
  expect(() => named(paths)).toThrow('two different schemas are titled A');
});
