import { expect, test } from 'vitest';
import { operationArticle, searchText } from '../../src/http/docs-operation.ts';
import { jsonContent, errorResponses } from '../../src/http/description.ts';
import type { Operation } from '../../src/http/openapi-document.ts';

const OPERATION: Operation = {
  operationId: 'makeThing',
  tags: ['Topics'],
  summary: 'Make <a> thing',
  description: 'One.\n\nTwo `three`.',
  parameters: [
    { name: 'late', in: 'query', description: 'Second.', schema: { type: 'string' } },
    { name: 'early', in: 'path', required: true, schema: { type: 'string' } },
  ],
  requestBody: { required: false, content: jsonContent({ type: 'object' }, { sent: 1 }) },
  responses: {
    200: { description: 'Made.', content: jsonContent({ type: 'object' }, { got: 2 }) },
    ...errorResponses('DISK_FULL'),
  },
  'x-codeSamples': [{ lang: 'Shell', source: "curl {base}/x -d '<'" }],
};

const { text } = operationArticle({ method: 'put', path: '/x/{early}', operation: OPERATION });

test('an article says everything of its operation, escaped', () => {
  expect(text).toContain('Make &lt;a&gt; thing');
  expect(text).toContain('<p>Two <code>three</code>.</p>');
  expect(text).toMatch(/PUT<\/span\s*>\/x\/<i>\{early\}<\/i>/);
  expect(text).toContain('may be left out');
  expect(text).toContain('&quot;sent&quot;: 1');
  expect(text).toContain('&quot;got&quot;: 2');
  expect(text).toContain('curl {base}/x -d &#39;&lt;&#39;'.replaceAll("'", ''));
});

test('parameters of the path come first', () => {
  expect(text.indexOf('early<small>')).toBeLessThan(text.indexOf('late<small>'));
});

test('errors that every route may answer with are not repeated', () => {
  expect(text).toContain('DISK_FULL');
  expect(text).not.toContain('FORBIDDEN');
});

test('a route is found by its method, path, words and name', () => {
  expect(searchText('put', '/x/{early}', OPERATION)).toBe(
    'put /x/{early} make <a> thing makething',
  );
});
