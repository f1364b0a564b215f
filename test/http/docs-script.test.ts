import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { DOCS_SCRIPT } from '../../src/http/docs-script.ts';
import { testApp } from '../support/http-app.ts';

test('the script parses, and cannot end its own element', () => {
  expect(() => new Script(DOCS_SCRIPT)).not.toThrow();
  expect(DOCS_SCRIPT).not.toContain('</script');
});

test('the page has what the script looks for', async () => {
  const { body } = await testApp().app.inject('/docs');
  expect(body).toContain('id="filter"');
  for (const attribute of ['data-text=', 'data-group=', 'data-copy=']) {
    expect(body).toContain(attribute);
  }
});
