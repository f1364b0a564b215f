import { expect, test } from 'vitest';
import { Html, html, inline, prose } from '../../src/http/html.ts';

test('what is put in is escaped, in text and in attributes', () => {
  const evil = `<script>"it's" & more</script>`;
  expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
    '<p title="&lt;script&gt;&quot;it&#39;s&quot; &amp; more&lt;/script&gt;">' +
      '&lt;script&gt;&quot;it&#39;s&quot; &amp; more&lt;/script&gt;</p>',
  );
});

test('markup of its own is not escaped again, lists are joined, undefined is nothing', () => {
  expect(html`${[html`<b>1</b>`, new Html('<i>')]} ${undefined}${0}`.text).toBe('<b>1</b><i> 0');
});

test('backticks become code and blank lines paragraphs', () => {
  expect(inline('a `<b>` c').map((each) => each.text)).toEqual([
    'a ',
    '<code>&lt;b&gt;</code>',
    ' c',
  ]);
  expect(prose('one\n\ntwo').map((each) => each.text)).toEqual(['<p>one</p>', '<p>two</p>']);
});
