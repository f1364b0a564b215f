/**
 * The table at the end of the crash tier: how many faults of each kind its tests tried, and how
 * many of these were survived. Of a test that did not pass nothing counts as survived. Files that
 * ended without telling (a worker that died) are named, since what they tried is not in the table.
 */
import type { Reporter, TestCase, Vitest } from 'vitest/node';

/** What is looked at of a test that has ended. */
export interface CountedTest {
  readonly fullName: string;
  meta(): { readonly tally?: Readonly<Record<string, number>> };
  result(): { readonly state: string };
}

export class CampaignReporter implements Reporter {
  readonly #tests: TestCase[] = [];
  #logger: Pick<Vitest['logger'], 'log'> = console;

  onInit(vitest: Vitest): void {
    this.#logger = vitest.logger;
  }

  onTestCaseResult(test: TestCase): void {
    this.#tests.push(test);
  }

  onTestRunEnd(...[modules, errors]: Parameters<NonNullable<Reporter['onTestRunEnd']>>): void {
    const unfinished = modules
      .filter((module) => module.errors().length > 0 || module.state() === 'pending')
      .map(({ relativeModuleId }) => relativeModuleId);
    const problems = [
      ...unfinished.map((name) => `Not finished, and not counted: ${name}`),
      ...(errors.length > 0 ? [`Errors outside of any test: ${errors.length}`] : []),
    ];
    this.#logger.log([...campaignTable(this.#tests), ...problems, ''].join('\n'));
  }
}

/** The lines of the table; without a count there is nothing to show. */
export function campaignTable(tests: readonly CountedTest[]): string[] {
  const tried = new Map<string, number>();
  const survived = new Map<string, number>();
  const failed: string[] = [];
  for (const test of tests) {
    const { state } = test.result();
    const counts = Object.entries(test.meta().tally ?? {});
    for (const [kind, count] of counts) {
      tried.set(kind, (tried.get(kind) ?? 0) + count);
      survived.set(kind, (survived.get(kind) ?? 0) + (state === 'passed' ? count : 0));
    }
    if (state === 'failed') failed.push(test.fullName);
  }
  const rows = [...tried.keys()].toSorted().map((kind) => row(kind, tried, survived));
  const total = row('all', sumOf(tried), sumOf(survived));
  return [
    ...(rows.length > 0 ? ['', ' Faults', columns('', 'tried', 'survived'), ...rows, total] : []),
    ...(failed.length > 0 ? ['', ` Tests failed: ${failed.length}`] : []),
    ...failed.map((name) => `   ${name}`),
  ];
}

type Counts = ReadonlyMap<string, number>;

function row(kind: string, tried: Counts, survived: Counts): string {
  const [left = 0, right = 0] = [tried.get(kind), survived.get(kind)];
  const mark = left === right ? '' : `   ${(left - right).toLocaleString('en')} in failed tests`;
  return columns(kind, left.toLocaleString('en'), right.toLocaleString('en')) + mark;
}

function sumOf(counts: Counts): Counts {
  return new Map([['all', counts.values().reduce((sum, count) => sum + count, 0)]]);
}

function columns(kind: string, tried: string, survived: string): string {
  return `   ${kind.padEnd(32)}${tried.padStart(14)}${survived.padStart(14)}`;
}
