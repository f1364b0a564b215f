/**
 * Many simulated brokers, seed after seed, each judged. The first that breaks a promise ends it:
 * with the seed, the command that repeats it, and what is left of its history when everything that
 * is not needed is left out.
 */
import type { Files } from '../../src/storage/files.ts';
import { planOf } from './broker-plan.ts';
import type { Plan } from './broker-plan.ts';
import { smallerPlan } from './broker-shrink.ts';
import { simulate } from './broker-simulation.ts';
import type { MachineCounts } from './broker-machine.ts';
import type { Entry } from './history.ts';
import { findingsOf } from './history-checker.ts';
import type { Finding } from './history-checker.ts';
import { historyLines } from './history-text.ts';

export interface Campaign {
  readonly first: number;
  readonly runs: number;
  /** Something that stands in front of the disk. */
  readonly wrap?: (files: Files) => Files;
}

/** What was in the histories: too little, and nothing was tried. */
export interface CampaignCounts extends MachineCounts {
  operations: number;
  acknowledgedRecords: number;
  recordsShown: number;
  commitsTaken: number;
  assignments: number;
}

export interface Judged {
  readonly entries: readonly Entry[];
  readonly counts: CampaignCounts;
  readonly findings: readonly Finding[];
}

/** Rejects with a report of the first seed that breaks a promise. */
export async function runCampaign({ first, runs, wrap }: Campaign): Promise<CampaignCounts> {
  const sums = noCounts();
  for (let seed = first; seed < first + runs; seed += 1) {
    const plan = planOf(seed);
    const { counts, findings } = await judge(plan, wrap);
    if (findings.length > 0) throw new Error(await reportOf(plan, wrap));
    for (const key of Object.keys(sums) as (keyof CampaignCounts)[]) sums[key] += counts[key];
  }
  return sums;
}

export async function judge(plan: Plan, wrap?: (files: Files) => Files): Promise<Judged> {
  try {
    const { entries, counts } = await simulate(plan, wrap);
    return { entries, counts: { ...countsOf(entries), ...counts }, findings: findingsOf(entries) };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const findings = [{ kind: 'broken', about: 'the server', text } as const];
    return { entries: [], counts: noCounts(), findings };
  }
}

async function reportOf(plan: Plan, wrap?: (files: Files) => Files): Promise<string> {
  const [kind] = (await judge(plan, wrap)).findings.map((each) => each.kind);
  const small = await smallerPlan(plan, async (candidate) => {
    const { findings } = await judge(candidate, wrap);
    return findings.some((each) => each.kind === kind);
  });
  const { entries, findings } = await judge(small, wrap);
  const about = findings.find((each) => each.kind === kind)?.about;
  const steps = small.lives.reduce((sum, life) => sum + life.steps.length, 0);
  return [
    `seed ${plan.seed} breaks a promise:`,
    ...findings.map((each) => `  ${each.kind}, ${each.about}: ${each.text}`),
    `repeat it: npm run test:crash -- --seed ${plan.seed} --runs 1`,
    `the shortest history that still does (${small.lives.length} lives, ${steps} steps), about ${about}:`,
    ...small.lives.map(({ hangAt, hangsAtSync = false, fault, end }, life) => {
      const call = hangsAtSync ? 'sync of a segment' : 'call';
      const trouble = [
        hangAt && `stands still at ${call} ${hangAt}`,
        fault && JSON.stringify(fault),
      ];
      return `  life ${life}: ${[...trouble, end].filter((part) => part !== undefined).join(', ')}`;
    }),
    ...historyLines(entries, about === 'the server' ? undefined : about).map((each) => `  ${each}`),
  ].join('\n');
}

function countsOf(entries: readonly Entry[]): CampaignCounts {
  const counts = noCounts();
  for (const entry of entries) {
    if (entry.kind !== 'operation' || entry.answer === undefined) continue;
    const { ask, answer } = entry;
    counts.operations += 1;
    if (answer.kind === 'produced' && ask.kind === 'produce') {
      counts.acknowledgedRecords += ask.texts.length;
    } else if (answer.kind === 'fetched') counts.recordsShown += answer.records.length;
    else if (answer.kind === 'assigned') counts.assignments += 1;
    else if (answer.kind === 'committed') {
      counts.commitsTaken += answer.refusals.filter((code) => code === undefined).length;
    }
  }
  return counts;
}

function noCounts(): CampaignCounts {
  return {
    operations: 0,
    acknowledgedRecords: 0,
    recordsShown: 0,
    commitsTaken: 0,
    assignments: 0,
    crashes: 0,
    powerCuts: 0,
    injectedErrors: 0,
    fullDisks: 0,
  };
}
