import { expect, test } from 'vitest';
import { compatibilityPage, skippedLines } from './compatibility-reporter.ts';

const KCAT = { name: 'kcat', version: '1.7' };

test('the page has a section for each client and a line for each thing that it did', () => {
  const page = compatibilityPage([
    ended({ ...KCAT, behaviour: 'produces' }, 'passed'),
    ended({ name: 'Java', version: '4', behaviour: 'produces' }, 'passed'),
    ended({ ...KCAT, behaviour: 'consumes' }, 'failed'),
  ]);
  expect(page.slice(page.indexOf('\n## '))).toBe(
    ['', '## Java 4', '', '- produces: **passed**', '', '## kcat 1.7', '', '- produces: **passed**']
      .concat('- consumes: **failed**', '')
      .join('\n'),
  );
});

test('a client that is not there stands on the page, and is told once, with the reason', () => {
  const missing = ['produces', 'consumes'].map((behaviour) =>
    ended({ name: 'kcat', behaviour }, 'skipped', 'kcat is not installed'),
  );
  expect(compatibilityPage(missing)).toContain(
    '\n## kcat\n\n- produces: **skipped, kcat is not installed**\n',
  );
  expect(skippedLines(missing)).toEqual([' kcat: skipped, kcat is not installed']);
});

test('tests of no client are not on it', () => {
  expect(compatibilityPage([ended(undefined, 'passed')])).not.toContain('##');
});

function ended(
  client: { name: string; version?: string; behaviour: string } | undefined,
  state: string,
  note?: string,
) {
  return {
    meta: () => (client === undefined ? {} : { client }),
    result: () => ({ state, note }),
  };
}
