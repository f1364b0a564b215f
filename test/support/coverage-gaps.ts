/**
 * The end of `npm run coverage`: a line for each branch, function and statement that no test has
 * reached, with its place and its text. A table of percentages says that something is missing, and
 * not what.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, Vitest } from 'vitest/node';

interface Place {
  readonly start: { readonly line?: number };
}

interface Branch {
  readonly type: string;
  readonly loc: Place;
  /** Of its ways; where there is no `else`, the second has no line. */
  readonly locations: readonly Place[];
}

/** What is looked at of one file in Istanbul's form: what there is by number, and how often it ran. */
export interface FileCoverage {
  readonly path: string;
  readonly branchMap: Readonly<Record<string, Branch>>;
  readonly b: Readonly<Record<string, readonly number[]>>;
  readonly fnMap: Readonly<Record<string, { readonly loc: Place }>>;
  readonly f: Readonly<Record<string, number>>;
  readonly statementMap: Readonly<Record<string, Place>>;
  readonly s: Readonly<Record<string, number>>;
}

export class CoverageGaps implements Reporter {
  #logger: Pick<Vitest['logger'], 'log'> = console;

  onInit(vitest: Vitest): void {
    this.#logger = vitest.logger;
  }

  onCoverage(coverage: unknown): void {
    const files = Object.values(plain(coverage));
    const gaps = files.flatMap((file) => gapsIn(file, readFileSync(file.path, 'utf8')));
    this.#logger.log(['', `Never reached by these tests: ${gaps.length}`, ...gaps, ''].join('\n'));
  }
}

/** Istanbul's map gives what it holds to JSON. */
function plain(coverage: unknown): Readonly<Record<string, FileCoverage>> {
  return JSON.parse(JSON.stringify(coverage)) as Readonly<Record<string, FileCoverage>>;
}

/** In the order of the lines, each once. */
export function gapsIn(file: FileCoverage, source: string): string[] {
  const found: { readonly line: number; readonly what: string }[] = [];
  const add = (what: string, count: number | undefined, { start }: Place): void => {
    if (count === 0) found.push({ what, line: start.line ?? 1 });
  };
  for (const [id, { type, loc, locations }] of Object.entries(file.branchMap)) {
    locations.forEach((place, way) => {
      const known = place.start.line === undefined ? loc : place;
      add(`${type}, way ${way + 1}`, file.b[id]?.[way], known);
    });
  }
  for (const [id, { loc }] of Object.entries(file.fnMap)) add('function', file.f[id], loc);
  for (const [id, place] of Object.entries(file.statementMap)) add('statement', file.s[id], place);
  const path = relative(process.cwd(), file.path);
  const lines = source.split('\n');
  const gaps = found
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, what }) => `${path}:${line} ${what}: ${lines[line - 1]?.trim()}`);
  return [...new Set(gaps)];
}
