import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { getDocument, operationsOf } from '../support/description.ts';
import { testApp } from '../support/http-app.ts';

const document = await getDocument();
const operations = operationsOf(document);

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
