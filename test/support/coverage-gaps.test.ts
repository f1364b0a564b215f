import { expect, test } from 'vitest';
import { gapsIn } from './coverage-gaps.ts';
import type { FileCoverage } from './coverage-gaps.ts';

const SOURCE = ['function a(b) {', '  if (b) return 1;', '  return 2;', '}', ''].join('\n');

function at(line: number) {
  return { start: { line } };
}

/** Of the source above: how often each way of the `if`, each statement and the function was run. */
function coverage(ways: readonly number[], statements: readonly number[], calls: number) {
  const file: FileCoverage = {
    path: `${process.cwd()}/src/a.ts`,
    branchMap: { 0: { type: 'if', loc: at(2), locations: [at(2), { start: {} }] } },
    b: { 0: ways },
    statementMap: { 0: at(2), 1: at(2), 2: at(3) },
    s: { 0: statements[0] ?? 0, 1: statements[1] ?? 0, 2: statements[2] ?? 0 },
    fnMap: { 0: { loc: at(1) } },
    f: { 0: calls },
  };
  return file;
}

test('where everything was reached there is nothing to say', () => {
  expect(gapsIn(coverage([1, 2], [3, 1, 2], 3), SOURCE)).toEqual([]);
});

test('a way that was never taken is named by its line, also one that has no place of its own', () => {
  expect(gapsIn(coverage([1, 0], [1, 1, 1], 1), SOURCE)).toEqual([
    'src/a.ts:2 if, way 2: if (b) return 1;',
  ]);
});

test('all that was never reached stands in the order of the lines, each once', () => {
  expect(gapsIn(coverage([0, 0], [0, 0, 0], 0), SOURCE)).toEqual([
    'src/a.ts:1 function: function a(b) {',
    'src/a.ts:2 if, way 1: if (b) return 1;',
    'src/a.ts:2 if, way 2: if (b) return 1;',
    'src/a.ts:2 statement: if (b) return 1;',
    'src/a.ts:3 statement: return 2;',
  ]);
});
