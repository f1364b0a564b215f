/** The documents name only what there is: files, headings, npm scripts and flags. */
import { describe, expect, test } from 'vitest';
import {
  brokenLinks,
  flagsIn,
  missingPaths,
  missingScripts,
  unknownFlags,
  type Known,
} from './support/tidy/docs.ts';
import { readProject } from './support/tidy/source.ts';

const files = readProject();
const documents = files.filter(({ path }) => path.endsWith('.md'));

const known: Known = {
  paths: new Set(files.flatMap(({ path }) => withFolders(path))),
  npmScripts: new Set(npmScripts()),
  flags: flagsIn(
    files.filter(
      ({ path }) =>
        path === 'src/config.ts' || path.startsWith('src/cli/') || path === 'package.json',
    ),
  ),
};

function withFolders(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function npmScripts(): string[] {
  const text = files.find(({ path }) => path === 'package.json')?.text ?? '';
  return Object.keys((JSON.parse(text) as { scripts: Record<string, string> }).scripts);
}

describe('the documents', () => {
  test('link to what is there', () => {
    expect(documents.flatMap((one) => brokenLinks(one, documents, known))).toEqual([]);
  });

  test('name files that exist', () => {
    expect(documents.flatMap((one) => missingPaths(one, known))).toEqual([]);
  });

  test('name npm scripts that exist', () => {
    expect(documents.flatMap((one) => missingScripts(one, known))).toEqual([]);
  });

  test('name flags that the server or the command knows', () => {
    const readme = documents.filter(({ path }) => path === 'README.md');
    expect(readme.flatMap((one) => unknownFlags(one, known))).toEqual([]);
  });
});

test('the container begins Node as `npm start` does', () => {
  const flag = '--max-semi-space-size=8';
  const holding = files.filter(({ text }) => text.includes(flag)).map(({ path }) => path);
  expect(holding).toContain('Dockerfile');
  expect(holding).toContain('package.json');
});

describe('a document that names what is not there is found:', () => {
  const planted: Known = {
    paths: new Set(['README.md', 'docs', 'docs/a.md', 'src', 'src/model', 'src/model/record.ts']),
    npmScripts: new Set(['start', 'check']),
    flags: new Set(['data-dir', 'help']),
  };
  const document = (...lines: readonly string[]) => ({ path: 'docs/a.md', text: lines.join('\n') });

  test('a file or a heading behind a link', () => {
    const links = (text: string) => {
      const one = document('# First: the `Seam`, drawn', text);
      return brokenLinks(one, [one], planted);
    };
    expect(
      links('[x](../README.md) [x](https://example.org/gone) [x](#first-the-seam-drawn)'),
    ).toEqual([]);
    expect(links('[x](gone.md)')).toEqual(['docs/a.md: link to gone.md']);
    expect(links('[x](#second)')).toHaveLength(1);
    expect(links('[x](a.md#second)')).toHaveLength(1);
    expect(links('```\n[x](gone.md)\n```')).toEqual([]);
  });

  test('a source file or a folder', () => {
    const text = 'src/model/record.ts src/model/ `src/model/*.ts` other/src/x.ts';
    expect(missingPaths(document(text), planted)).toEqual([]);
    for (const path of ['src/model/gone.ts', 'src/gone', 'src/gone/*.ts', 'scripts/gone.ts']) {
      expect(missingPaths(document(`see ${path}.`), planted)).toEqual([`docs/a.md: ${path}`]);
    }
  });

  test('an npm script', () => {
    expect(
      missingScripts(document('npm start, npm run check, npm ci, npm install'), planted),
    ).toEqual([]);
    expect(missingScripts(document('npm run gone'), planted)).toEqual(['docs/a.md: npm run gone']);
    expect(missingScripts(document('npm test'), planted)).toHaveLength(1);
  });

  test('a flag', () => {
    const ours = ['npm start -- --data-dir a', 'npx millrace --help', 'a --- b -- c'];
    const others = ['curl --gone', '$ docker run --rm millrace', 'see `npm ci --ignore-scripts`'];
    expect(unknownFlags(document(...ours, ...others), planted)).toEqual([]);
    expect(unknownFlags(document('npx millrace \\', '  --gone'), planted)).toEqual([
      'docs/a.md: --gone',
    ]);
    expect(unknownFlags(document('`--gone`'), planted)).toHaveLength(1);
  });

  test('where flags are written', () => {
    const source = { path: 'a.ts', text: "{ flag: 'data-dir' }; option('--key-delimiter <x>')" };
    expect([...flagsIn([source])]).toEqual(['data-dir', 'key-delimiter']);
  });
});
