/**
 * How the tests are run, and in which tiers. `vitest --mode TIER` chooses one; without it the
 * tier is `test`, which is what `npm test` runs and what stays under about two minutes.
 *
 * Paths given on the command line narrow a tier, they do not widen it: a crash test needs
 * `--mode crash`.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { CampaignReporter } from './support/campaign-reporter.ts';
import { CompatibilityReporter } from './support/clients/compatibility-reporter.ts';
import { CoverageGaps } from './support/coverage-gaps.ts';

interface Tier {
  /** Files that run one after the other in the processes there are. */
  readonly shared: readonly string[];
  /** Files that each get a process of their own. */
  readonly alone: readonly string[];
  readonly exclude: readonly string[];
  readonly testTimeout: number;
}

/** For what is loaded only once in a process, and for locks that a process has, or has not. */
const CODEC_AND_STORAGE_ALONE = [
  'test/codec/{msgpack,native-codecs}.test.ts',
  'test/storage/{kernel-lock,owner-lock}.test.ts',
];

const TIERS: Readonly<Record<string, Tier>> = {
  test: {
    shared: ['test/**/*.test.ts'],
    // Signals, descriptor limits and children are a process's own.
    alone: [
      'test/*.test.ts',
      'test/{e2e,scripts}/**/*.test.ts',
      'test/cli/process-io.test.ts',
      ...CODEC_AND_STORAGE_ALONE,
    ],
    exclude: [
      'test/crash/**',
      'test/clients/**',
      'test/e2e/built/**',
      // These wait longest for machines that are small, slow or stopping; the e2e tier has them.
      'test/e2e/{full-disk,groups,limits-of-the-machine,slow-disk,stop}.test.ts',
    ],
    // What takes seconds alone takes a minute on a machine that others have busy.
    testTimeout: 60_000,
  },
  // `test/e2e/built` needs `npm run build` first; its npm script takes care of that.
  e2e: tierAlone('test/e2e/**/*.test.ts', 120_000),
  crash: tierAlone('test/crash/**/*.test.ts', 600_000),
  clients: tierAlone('test/clients/**/*.test.ts', 600_000),
  coverage: {
    shared: ['test/{codec,storage}/**/*.test.ts'],
    alone: CODEC_AND_STORAGE_ALONE,
    exclude: [],
    testTimeout: 60_000,
  },
};

function tierAlone(files: string, testTimeout: number): Tier {
  return { shared: [], alone: [files], exclude: [], testTimeout };
}

/**
 * What lies on disk is read back by code that no test has run, unless somebody looks: every branch
 * is tried, and by the tests that stand beside it, which can say what it should do.
 */
const COVERAGE = {
  enabled: true,
  provider: 'v8' as const,
  include: ['src/{codec,storage}/**/*.ts'],
  // Tables that say how much is missing help nobody: `CoverageGaps` says what.
  reporter: [],
  thresholds: { 100: true as const },
};

/** Brings the clients before the first test, and writes docs/compatibility.md after the last. */
const CLIENTS = {
  globalSetup: 'test/support/clients/assembly.ts',
  reporters: ['default', new CompatibilityReporter()],
  // A Kafka broker needs its time on a busy machine.
  hookTimeout: 120_000,
};

export default defineConfig(({ mode }) => {
  // Tools that only read these settings ask in a mode of Vite's own.
  const tier = TIERS[['development', 'production'].includes(mode) ? 'test' : mode];
  if (tier === undefined) {
    throw new Error(`No test tier '${mode}'; there are ${Object.keys(TIERS).join(', ')}.`);
  }
  return {
    root: fileURLToPath(new URL('..', import.meta.url)),
    test: {
      environment: 'node',
      projects: projectsOf(tier),
      testTimeout: tier.testTimeout,
      ...(mode === 'crash' ? { reporters: ['default', new CampaignReporter()] } : {}),
      ...(mode === 'clients' ? CLIENTS : {}),
      ...(mode === 'coverage'
        ? { coverage: COVERAGE, reporters: ['dot', new CoverageGaps()] }
        : {}),
      pool: 'forks',
      // Vitest leaves one core free, which on two cores means one file at a time; most tests
      // here wait for a disk or a child, so two at a time is the least.
      maxWorkers: Math.max(2, availableParallelism() - 1),
      // A test that passes only at the second try is a failing test.
      retry: 0,
      // `.only` must never reach the main branch: it fails here too, not just in CI.
      allowOnly: false,
    },
  };
});

/** A process for each file costs as much as all tests in it: only who needs one gets it. */
function projectsOf({ shared, alone, exclude }: Tier) {
  return [
    { name: 'shared', isolate: false, include: shared, exclude: [...exclude, ...alone] },
    { name: 'alone', isolate: true, include: alone, exclude },
  ]
    .filter(({ include }) => include.length > 0)
    .map((each) => ({
      extends: true as const,
      test: { ...each, include: [...each.include], exclude: [...each.exclude] },
    }));
}
