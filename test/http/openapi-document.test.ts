import { describe, expect, test } from 'vitest';
import { getDocument, operationsOf } from '../support/description.ts';
import { testApp } from '../support/http-app.ts';
import { resolveRef, schemaFaults } from '../support/json-schema.ts';

const document = await getDocument();
const operations = operationsOf(document);

describe('the document', () => {
  test('is OpenAPI 3.1 with the version of the server', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'Millrace', version: '0.0.0-test' });
  });

  test('holds every route of the application, and no other', async () => {
    const { app } = testApp();
    const served = app.counters.routes
      .filter(({ method }) => method !== 'HEAD')
      // The same route once more, for those who write it so.
      .filter(({ route }) => route === '/' || !route.endsWith('/'))
      .map(({ method, route }) => `${method} ${route.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(operations.map((each) => each.name).toSorted()).toEqual(served.toSorted());
  });

  test('names every operation once, in camel case', () => {
    const ids = operations.map((each) => each.operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+([A-Z][a-z]*)+$/);
  });

  test('uses only tags that it explains', () => {
    const known = document.tags.map((tag) => tag.name);
    for (const { name, operation } of operations) {
      expect(operation.tags, name).toHaveLength(1);
      expect(known, name).toContain(operation.tags[0]);
    }
  });

  test('has no reference that leads nowhere and no component that nobody uses', () => {
    const used = new Set<string>();
    JSON.stringify(document, (keyword, value: unknown) => {
      if (keyword === '$ref') {
        resolveRef(document, value as string);
        used.add((value as string).slice('#/components/schemas/'.length));
      }
      return value;
    });
    expect([...used].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted());
  });

  test('describes each parameter of a path, and each parameter in words', () => {
    for (const { name, path, operation } of operations) {
      const inPath = (operation.parameters ?? []).filter((each) => each.in === 'path');
      const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(new Set(inPath.map((each) => each.name)), name).toEqual(new Set(placeholders));
      for (const each of operation.parameters ?? []) {
        expect(each.description, `${name} ${each.name}`).toMatch(/\.$/);
        expect(each.required ?? false, `${name} ${each.name}`).toBe(each.in === 'path');
      }
    }
  });

  test('has a success, the common errors and a shape for every status of every operation', () => {
    for (const { name, operation } of operations) {
      const statuses = Object.keys(operation.responses);
      expect(
        statuses.some((status) => status.startsWith('2')),
        name,
      ).toBe(true);
      expect(statuses, name).toEqual(expect.arrayContaining(['400', '403', '500', '503']));
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(response.description.length, `${name} ${status}`).toBeGreaterThan(3);
        if (Number(status) < 400) continue;
        expect(response.content?.['application/json']?.schema, `${name} ${status}`).toEqual({
          $ref: '#/components/schemas/Error',
        });
      }
    }
  });

  test('gives examples that fit their schemas', () => {
    for (const { name, operation } of operations) {
      const contents = [
        operation.requestBody?.content,
        ...Object.values(operation.responses).map((response) => response.content),
      ];
      for (const content of contents) {
        for (const [mediaType, { schema, examples = {} }] of Object.entries(content ?? {})) {
          for (const { value } of Object.values(
            examples as { [name: string]: { value: unknown } },
          )) {
            expect(schemaFaults(document, schema, value), `${name} ${mediaType}`).toEqual([]);
          }
        }
      }
    }
  });
});
