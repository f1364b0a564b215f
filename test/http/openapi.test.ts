import { createHash } from 'node:crypto';
import type { RouteOptions } from 'fastify';
import { describe, expect, test } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import type { OpenApiDocument, Operation } from '../../src/http/openapi-document.ts';
import { NO_HEADERS } from '../../src/model/record.ts';
import { conformingAsk } from '../support/conformance.ts';
import { parseCurl } from '../support/curl.ts';
import { testApp } from '../support/http-app.ts';
import { resolveRef, schemaFaults } from '../support/json-schema.ts';

interface Placed {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

async function getDocument(): Promise<OpenApiDocument> {
  return (await testApp().app.inject('/openapi.json')).json();
}

function operationsOf(document: OpenApiDocument): Placed[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method,
      path,
      operation,
    })),
  );
}

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

  test('costs the serving application nothing: it keeps no description', () => {
    const { app } = testApp({
      routes: (it) => {
        it.addHook('onRoute', (route: RouteOptions) => {
          expect(route.schema).toBeUndefined();
        });
        it.get('/described', { schema: { querystring: { type: 'object' } } }, () => ({}));
      },
    });
    expect(app.validatorCompiler).toBeUndefined();
  });
});

describe('curl examples', () => {
  test('name the address that the reader used, unless it is none', async () => {
    const { app } = testApp({ settings: { host: '0.0.0.0' } });
    const sample = async (host: string): Promise<string> =>
      (await app.inject({ url: '/openapi.json', headers: { host } })).json().paths['/topics'].get[
        'x-codeSamples'
      ][0].source;
    expect(await sample('queue.local:9000')).toBe('curl http://queue.local:9000/topics');
    expect(await sample('[::1]:8082')).toBe('curl http://[::1]:8082/topics');
    expect(await sample('"><script>')).toBe('curl http://localhost/topics');
  });

  test('each succeed when pasted after the three lines at the top of /docs', async () => {
    for (const { name, operation } of operations) {
      const { app, broker } = testApp();
      await quickStart(broker);
      const ask = conformingAsk(app, document);
      for (const { source } of operation['x-codeSamples']) {
        for (const request of parseCurl(source)) {
          const answer = await ask(request);
          expect(answer.statusCode, `${name}: ${source}\n${answer.body}`).toBeLessThan(300);
        }
      }
    }
  });
});

/** What the three lines at the top of `/docs` do. */
async function quickStart(broker: Broker): Promise<void> {
  await broker.createTopic({ name: 'flights' });
  const record = {
    key: Buffer.from('AA1'),
    value: Buffer.from('{"from": "SFO"}'),
    headers: NO_HEADERS,
    timestamp: Date.now(),
  };
  const payload = { kind: 'records' as const, records: [record] };
  await broker.produce([{ topic: 'flights', partition: 0, payload }]);
}

describe('/docs', () => {
  test('is one page with every operation and every schema, and asks for nothing else', async () => {
    const { app } = testApp();
    const answer = await app.inject('/docs');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const { operation } of operations) {
      expect(answer.body).toContain(`<article id="${operation.operationId}"`);
    }
    for (const name of Object.keys(document.components.schemas)) {
      expect(answer.body).toContain(`id="schema-${name}"`);
    }
    const targets = [...answer.body.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1]);
    const elsewhere = targets.filter((target) => !/^(#|\/openapi\.json$|data:)/.test(target ?? ''));
    expect(elsewhere).toEqual([]);
    expect(answer.body).not.toContain('{base}');
  });

  test('has no link to a place that is not on it', async () => {
    const { body } = await testApp().app.inject('/docs');
    const ids = new Set([...body.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]));
    const targets = [...body.matchAll(/href="#([^"]*)"/g)].map((match) => match[1]);
    expect(targets.filter((target) => !ids.has(target))).toEqual([]);
  });

  test('lets in only its own style and script', async () => {
    const { body, headers } = await testApp().app.inject('/docs');
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toContain('unsafe');
    for (const element of ['style', 'script']) {
      const found = [...body.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))];
      expect(found).toHaveLength(1);
      const hash = createHash('sha256')
        .update(found[0]?.[1] ?? '')
        .digest('base64');
      expect(policy).toContain(`${element}-src 'sha256-${hash}'`);
    }
    expect(body).not.toMatch(/ (on\w+|style)="/);
  });
});
