/**
 * Writes docs/compatibility.md from the results of the clients tier: for each client what it did
 * with Millrace and how that ended. Only a run of the whole tier writes it; a part of it, or one in
 * which tests were not reached, leaves the page as it is and says so. The page holds nothing that
 * changes from run to run: no dates, times or paths.
 */
import { writeFile } from 'node:fs/promises';
import type { Reporter, Vitest } from 'vitest/node';

const PAGE = new URL('../../../docs/compatibility.md', import.meta.url);

/** What is looked at of a test that has ended. */
export interface ClientTest {
  meta(): {
    readonly client?: {
      readonly name: string;
      readonly version?: string;
      readonly behaviour: string;
    };
  };
  result(): { readonly state: string; readonly note?: string | undefined };
}

export class CompatibilityReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  async onTestRunEnd(...[modules]: Parameters<NonNullable<Reporter['onTestRunEnd']>>) {
    const all = (await this.#vitest?.globTestSpecifications()) ?? [];
    const tests = modules
      .toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1))
      .flatMap((module) => [...module.children.allTests()]);
    const isWhole = modules.length === all.length && tests.every(wasReached);
    if (isWhole) await writeFile(PAGE, compatibilityPage(tests));
    for (const line of skippedLines(tests)) this.#vitest?.logger.log(line);
    const what = isWhole ? 'written anew' : 'left as it is: the tier was not run whole';
    this.#vitest?.logger.log(` docs/compatibility.md is ${what}\n`);
  }
}

/** A test that was left out by a filter, or by something that broke before it, has no reason. */
function wasReached(test: ClientTest): boolean {
  const { state, note } = test.result();
  return state === 'passed' || state === 'failed' || (state === 'skipped' && note !== undefined);
}

/** Each client that is not there, and why. */
export function skippedLines(tests: readonly ClientTest[]): string[] {
  const lines = tests.flatMap((test) => {
    const { state, note } = test.result();
    const name = test.meta().client?.name;
    return state === 'skipped' && note !== undefined ? [` ${name}: skipped, ${note}`] : [];
  });
  return [...new Set(lines)];
}

const INTRODUCTION = `# Compatibility

What real Kafka clients, and Kafka's own tools, did with Millrace and how it ended. This page is written by
\`npm run test:clients\` from its results: what it says has been run.

The clients are brought once, by the package managers of their languages, into \`.cache\`: Java 17 and Maven,
Go, Python with pip; kcat is used where it is installed. Tests whose client cannot be had are skipped, and say so.
`;

export function compatibilityPage(tests: readonly ClientTest[]): string {
  const sections = new Map<string, string[]>();
  for (const test of tests) {
    const { client } = test.meta();
    if (client === undefined) continue;
    const heading = client.version === undefined ? client.name : `${client.name} ${client.version}`;
    const rows = sections.get(heading) ?? [];
    sections.set(heading, [...rows, `- ${client.behaviour}: **${outcome(test)}**`]);
  }
  const names = [...sections.keys()].toSorted();
  const parts = names.map((name) =>
    [`## ${name}`, '', ...(sections.get(name) ?? []), ''].join('\n'),
  );
  return [INTRODUCTION, ...parts].join('\n');
}

function outcome(test: ClientTest): string {
  const { state, note } = test.result();
  return state === 'skipped' ? `skipped, ${note}` : state;
}
