/**
 * The rules of the house, proved on the files themselves: who may import whom, where each package,
 * the disk and the clock have their home, and what a file looks like. Every rule is first shown to
 * find what it looks for.
 */
import { describe, expect, test } from 'vitest';
import {
  ASKING_THE_MACHINE,
  determinismViolations,
  FOLDERS,
  homeViolations,
  rankViolations,
} from './support/tidy/imports.ts';
import {
  headerViolations,
  lengthViolations,
  orphanedTests,
  syntaxViolations,
  unfinishedTests,
  untestedSources,
} from './support/tidy/shape.ts';
import { parseSource, readProject, type Source } from './support/tidy/source.ts';
import { lockViolations, wordViolations } from './support/tidy/words.ts';

const files = readProject();
const paths: ReadonlySet<string> = new Set(files.map(({ path }) => path));
const scripts = files.filter(({ path }) => /\.[tj]s$/.test(path)).map(parseSource);
const sources = scripts.filter(({ path }) => path.startsWith('src/'));
const tests = scripts.filter(({ path }) => path.startsWith('test/'));

function planted(path: string, ...lines: readonly string[]): Source {
  return parseSource({ path, text: lines.map((line) => `${line}\n`).join('') });
}

describe('imports', () => {
  test('go to the same folder or further down, in every source file', () => {
    expect(sources.flatMap(rankViolations)).toEqual([]);
  });

  test('each folder is allowed only folders that stand before it', () => {
    const order = [...FOLDERS.keys()];
    for (const [folder, allowed] of FOLDERS) {
      for (const one of allowed) expect(order.indexOf(one)).toBeLessThan(order.indexOf(folder));
    }
  });

  test.each([
    ['upward', 'src/storage/a.ts', '../broker/broker.ts'],
    ['between faces', 'src/http/a.ts', '../kafka-protocol/b.ts'],
    ['between brokers', 'src/broker/kafka/a.ts', '../local/b.ts'],
    ['from the seam to what keeps it', 'src/broker/broker.ts', './local/b.ts'],
    ['from a face past the seam', 'src/http/a.ts', '../broker/local/b.ts'],
    ['from a face to storage', 'src/http/routes/a.ts', '../../storage/b.ts'],
    ['from a command to storage', 'src/cli/a.ts', '../storage/b.ts'],
    ['out of the sources', 'src/model/a.ts', '../../test/b.ts'],
    ['to the package from anywhere', 'src/http/a.ts', '../../package.json'],
    ['to a folder without a rank', 'src/http/a.ts', '../odds-and-ends/b.ts'],
    ['without the extension', 'src/http/a.ts', './b'],
  ])('going %s are found', (_, path, specifier) => {
    const ways = [
      `import { b } from '${specifier}';`,
      `import type { B } from '${specifier}';`,
      `type B = import('${specifier}').B;`,
      `export { b } from '${specifier}';`,
      `await import('${specifier}');`,
      `require('${specifier}');`,
    ];
    for (const way of ways) expect(rankViolations(planted(path, way))).toHaveLength(1);
    expect(rankViolations(planted(path, `// ${ways[0]}`, `'${specifier}';`))).toEqual([]);
  });

  test('going down, to the own folder and below it are free', () => {
    for (const [path, specifier] of [
      ['src/http/routes/a.ts', '../context.ts'],
      ['src/http/a.ts', './routes/b.ts'],
      ['src/broker/local/a.ts', '../../storage/b.ts'],
      ['src/cli/dump.ts', '../storage/b.ts'],
      ['src/main.ts', './cli/b.ts'],
      ['src/model/version.ts', '../../package.json'],
    ] as const) {
      expect(rankViolations(planted(path, `import { b } from '${specifier}';`))).toEqual([]);
    }
  });

  test('a file in a folder without a rank is found', () => {
    expect(rankViolations(planted('src/extras/a.ts'))).toHaveLength(1);
    expect(rankViolations(planted('src/extras.ts'))).toHaveLength(1);
  });
});

describe('packages, disk and network', () => {
  test('are imported at home only', () => {
    expect(sources.flatMap(homeViolations)).toEqual([]);
  });

  test('and are found elsewhere', () => {
    for (const line of [
      "import Fastify from 'fastify';",
      "import type { FastifyInstance } from 'fastify';",
      "import { unpack } from 'msgpackr/index-no-eval';",
      "import swagger from '@fastify/swagger';",
      "import pad from 'left-pad';",
      "import { open } from 'node:fs/promises';",
    ]) {
      expect(homeViolations(planted('src/broker/local/a.ts', line))).toHaveLength(1);
    }
    expect(homeViolations(planted('src/codec/a.ts', "import m from 'msgpackr/index';"))).toEqual(
      [],
    );
    expect(homeViolations(planted('src/codec/a.ts', "import type { S } from 'node:fs';"))).toEqual(
      [],
    );
  });
});

describe('time and chance', () => {
  test('are passed in everywhere below the server', () => {
    expect(sources.flatMap(determinismViolations)).toEqual([]);
  });

  test('are found where they are asked for', () => {
    for (const line of [
      'const now = Date.now();',
      'const clock = { wallMs: Date.now };',
      'const now = new Date();',
      'const now = performance.now();',
      'const now = process.hrtime.bigint();',
      'setTimeout(task, 5);',
      'globalThis.setInterval(task, 5);',
      "import { setTimeout as sleep } from 'node:timers/promises';",
      'const id = crypto.randomUUID();',
      'const chance = Math.random();',
    ]) {
      expect(determinismViolations(planted('src/storage/a.ts', line))).toHaveLength(1);
    }
    const free = [
      'clock.after(5, task);',
      'random.randomBytes(5);',
      'randomBytes(5);',
      'new Date(ms);',
      '// Date.now()',
      "log('setTimeout');",
    ];
    expect(determinismViolations(planted('src/storage/a.ts', ...free))).toEqual([]);
  });

  test('the files that may ask are there', () => {
    for (const path of ASKING_THE_MACHINE.keys()) expect(paths).toContain(path);
  });
});

describe('files', () => {
  test('are short', () => {
    const written = scripts.filter(({ path }) => !path.startsWith('test/'));
    expect(lengthViolations(written)).toEqual([]);
  });

  test('that are long are found, and so is a tree of too many middling ones', () => {
    const file = (path: string, lines: number) => ({ path, text: 'x\n'.repeat(lines) });
    expect(lengthViolations([file('a', 300), file('b', 1), file('c', 1)])).toEqual([]);
    expect(lengthViolations([file('a', 301), file('b', 1), file('c', 1)])).toHaveLength(1);
    expect(lengthViolations([file('a', 151), file('b', 151), file('c', 1)])).toHaveLength(1);
  });

  test('have a meaningful name and say first what they are', () => {
    expect(sources.flatMap(headerViolations)).toEqual([]);
  });

  test('that say nothing are found', () => {
    const header = '/** What it is. */';
    expect(headerViolations(planted('src/model/record.ts', header))).toEqual([]);
    expect(headerViolations(planted('src/main.ts', '#!/usr/bin/env node', header))).toEqual([]);
    for (const path of ['src/http/utils.ts', 'src/http/index.ts', 'src/http/someThing.ts']) {
      expect(headerViolations(planted(path, header))).toHaveLength(1);
    }
    for (const line of ["import { a } from './b.ts';", '// A remark.', '']) {
      expect(headerViolations(planted('src/model/record.ts', line, header))).toHaveLength(1);
    }
  });

  test('have named exports and nothing that types alone cannot erase', () => {
    expect(
      scripts.filter(({ path }) => !/\bvitest\.config\.ts$/.test(path)).flatMap(syntaxViolations),
    ).toEqual([]);
  });

  test('with other kinds of statement are found', () => {
    for (const line of [
      'export default function a() {}',
      "export * from './a.ts';",
      "export { a } from './a.ts';",
      "export type { A } from './a.ts';",
      'enum A { B }',
      'namespace A { export const b = 1; }',
      'class A { constructor(private readonly b: number) {} }',
    ]) {
      expect(syntaxViolations(planted('src/model/a.ts', line))).toHaveLength(1);
    }
    const added = "declare module 'fastify' { interface FastifyRequest { a: number } }";
    expect(syntaxViolations(planted('src/http/a.ts', added))).toEqual([]);
  });
});

describe('tests', () => {
  test('stand beside every source file that has code', () => {
    expect(untestedSources(sources, paths)).toEqual([]);
  });

  test('that are missing are found, but types need none', () => {
    const limits = planted('src/model/limits.ts', 'export const A_MAX = 1;');
    const tree = [limits, planted('src/a/b.ts', 'export const c = 1;')];
    expect(untestedSources(tree, new Set())).toEqual(['src/a/b.ts']);
    expect(untestedSources(tree, new Set(['test/a/b.test.ts']))).toEqual([]);
    expect(
      untestedSources(tree, new Set(['test/a/b.test.ts', 'test/model/limits.test.ts'])),
    ).toEqual(['src/model/limits.ts: needs no exception any more']);
    const types = planted(
      'src/a/c.ts',
      "import type { B } from './b.ts';",
      'export interface C { b: B }',
      'export type { B };',
    );
    expect(untestedSources([limits, types], new Set())).toEqual([]);
  });

  test('stay with their source', () => {
    expect(orphanedTests(paths)).toEqual([]);
  });

  test('without a source are found', () => {
    const tree = ['src/a/b.ts', 'test/a/b.test.ts', 'test/a/gone.test.ts', 'test/e2e/all.test.ts'];
    expect(orphanedTests(new Set(tree))).toEqual(['test/a/gone.test.ts']);
  });

  test('are all run', () => {
    expect(tests.flatMap(unfinishedTests)).toEqual([]);
  });

  test('that are left out, or leave others out, are found', () => {
    for (const line of [
      'test.only();',
      'it.skip();',
      'describe.todo();',
      'test.concurrent.only();',
    ]) {
      expect(unfinishedTests(planted('test/a.test.ts', line))).toHaveLength(1);
    }
    expect(unfinishedTests(planted('test/a.test.ts', 'test.each([]);', 'reader.skip(4);'))).toEqual(
      [],
    );
  });
});

describe('words', () => {
  test('name no unfinished work and no place outside the project', () => {
    expect(files.flatMap(wordViolations)).toEqual([]);
  });

  test('that do are found', () => {
    for (const [a, b] of [
      ['// TO', 'DO: later'],
      ['FIX', 'ME'],
      ['see ../', 'shared/notes'],
      ['as in RELIA', 'BILITY 2.8'],
      ['cd /wo', 'rk/main'],
      ['/ro', 'ot/.npmrc'],
      ['https://regi', 'stry.example.org/'],
      ['FROM dock', 'er.io/library/node'],
    ] as const) {
      expect(wordViolations({ path: 'docs/a.md', text: `fine\n${a}${b}\n` })).toEqual([
        expect.stringContaining('docs/a.md:2: '),
      ]);
    }
    expect(wordViolations({ path: 'a', text: 'src/network/a.ts ./work/ group/root/x\n' })).toEqual(
      [],
    );
  });
});

describe('the lock file', () => {
  test('has the binaries of every platform and no addresses', () => {
    const lock = files.find(({ path }) => path === 'package-lock.json');
    expect(lockViolations(lock?.text ?? '')).toEqual([]);
  });

  test('without them is found out', () => {
    const lock = (packages: Record<string, unknown>) => JSON.stringify({ packages });
    const parent = { version: '1.0.0', optionalDependencies: { 'a-linux': '1.0.0' } };
    expect(lockViolations(lock({ 'node_modules/a': parent }))).toHaveLength(1);
    expect(
      lockViolations(lock({ 'node_modules/a': parent, 'node_modules/a-linux': {} })),
    ).toHaveLength(1);
    for (const path of ['node_modules/a-linux', 'node_modules/a/node_modules/a-linux']) {
      const packages = { 'node_modules/a': parent, [path]: { version: '1.0.0' } };
      expect(lockViolations(lock(packages))).toEqual([]);
    }
    const other = { 'node_modules/a': parent, 'node_modules/a-linux': { version: '1.0.1' } };
    expect(lockViolations(lock(other))).toHaveLength(1);
    expect(
      lockViolations(lock({ 'node_modules/b': { resolved: 'https://example.org/b' } })),
    ).toHaveLength(1);
  });
});
