import { expect, test } from 'vitest';
import { DOCS_STYLE } from '../../src/http/docs-style.ts';
import { testApp } from '../support/http-app.ts';

test('every colour that is used is defined, for light and for dark', () => {
  const used = new Set([...DOCS_STYLE.matchAll(/var\((--[\w-]+)\)/g)].map((match) => match[1]));
  const [light = '', dark = ''] = DOCS_STYLE.split('prefers-color-scheme: dark');
  for (const name of used) expect(light, name).toContain(`${name}:`);
  const colours = [...light.matchAll(/(--[\w-]+): #/g)].map((match) => match[1]);
  for (const name of colours) expect(dark, name).toContain(`${name}: #`);
});

test('every class of the page has its style', async () => {
  const { body } = await testApp().app.inject('/docs');
  const classes = [...body.matchAll(/ class="([^"]*)"/g)].flatMap((match) => match[1]?.split(' '));
  for (const name of new Set(classes)) expect(DOCS_STYLE).toMatch(new RegExp(`\\.${name}\\b`));
});

test('nothing is fetched from elsewhere', () => {
  expect(DOCS_STYLE).not.toMatch(/url\(|@import/);
});
