/**
 * Every call of a life, one run each: the first call fails, then the second ... until a run passes
 * untouched; and in the same way the process or the power ends at every call, and at every call of
 * the recovery that follows. Stops at the first run that broke a promise and says which.
 */
import { tally, tallyFault } from './campaign-tally.ts';
import type { Fault } from './faulty-files.ts';
import { lifeRun } from './life-run.ts';
import type { End, LifeRunOptions, LifeRunOutcome } from './life-run.ts';
import { LIVES } from './partition-lives.ts';
import type { LifeName, PartitionLife } from './partition-lives.ts';
import type { Config } from './partition-scene.ts';

export type FaultKind = Exclude<Fault['kind'], 'hang'>;

export interface CampaignOptions extends Pick<LifeRunOptions, 'wrap'> {
  readonly life: LifeName;
  readonly seed?: number;
  /** On top of the life's own. */
  readonly config?: Config | undefined;
  /** All that can be tried at each call. Default: one of it, by turns. */
  readonly isThorough?: boolean;
}

export interface CampaignOutcome {
  /** How many calls were tried: all that the life makes. */
  readonly calls: number;
  /** The first broken promise, and how to see it again. */
  readonly problem: string | undefined;
}

const WAYS: readonly { readonly lasts: boolean; readonly end?: End }[] = [
  { lasts: false },
  { lasts: true, end: 'cutPower' },
  { lasts: true },
  { lasts: false, end: 'cutPower' },
];

/** Each call fails: once or for ever, and then it goes on as it can, or the power goes. */
export async function failEveryCall(
  kind: FaultKind,
  options: CampaignOptions,
): Promise<CampaignOutcome> {
  const { seed = 1, isThorough = false } = options;
  for (let at = 1; ; at += 1) {
    const ways = isThorough ? WAYS : WAYS.slice(at % WAYS.length).slice(0, 1);
    for (const { lasts, end } of ways) {
      const run = { seed: seed + at, fault: { kind, at, lasts }, end };
      const { isSpoiled, problem } = await tryRun(options, run);
      if (problem !== undefined || !isSpoiled) return { calls: at - 1, problem };
      tallyFault(kind, end);
    }
  }
}

const ENDS: readonly End[] = ['kill', 'cutPower'];
/** Somewhere in a short recovery. */
const RECOVERY_CALLS = 19;

/**
 * The process or the power ends at each call, and again at each call of the recovery. The recovery
 * after that shows what one that was left in peace would have shown, and has kept the same aside.
 */
export async function crashAtEveryCall(options: CampaignOptions): Promise<CampaignOutcome> {
  const { seed = 1, isThorough = false } = options;
  for (let at = 1; ; at += 1) {
    for (const end of isThorough ? ENDS : ENDS.slice(at % 2).slice(0, 1)) {
      const run: LifeRunOptions = { seed: seed + at, fault: { kind: 'hang', at }, end };
      const inPeace = await tryRun(options, run);
      const isOver = inPeace.problem !== undefined || !inPeace.isSpoiled;
      if (isOver) return { calls: at - 1, problem: inPeace.problem };
      tallyFault('hang', end);
      const problem = await crashRecoveries(options, run, inPeace.shown);
      if (problem !== undefined) return { calls: at - 1, problem };
    }
  }
}

/** The recovery after `run` ends at each of its calls too, or at one. */
async function crashRecoveries(
  options: CampaignOptions,
  run: LifeRunOptions,
  shownInPeace: string,
): Promise<string | undefined> {
  const { isThorough = false } = options;
  const at = run.fault?.at ?? 1;
  for (const end of isThorough ? ENDS : ENDS.slice((at >> 1) % 2).slice(0, 1)) {
    for (let call = isThorough ? 1 : 1 + ((at * 7) % RECOVERY_CALLS); ; call += 1) {
      const twice = { ...run, recovery: { at: call, end } };
      const { problem, shown, isRecoverySpoiled } = await tryRun(options, twice);
      if (problem !== undefined) return problem;
      // Of what the page cache showed before, a power cut may leave less.
      if (shown !== shownInPeace && end === run.end) {
        return told(options, twice, `shows ${shown} instead of ${shownInPeace}`);
      }
      if (!isRecoverySpoiled) break;
      tally('crashes during recovery', 1);
      if (!isThorough) break;
    }
  }
  return undefined;
}

async function tryRun(
  options: CampaignOptions,
  run: LifeRunOptions,
): Promise<LifeRunOutcome & { readonly problem: string | undefined }> {
  const life: PartitionLife = LIVES[options.life];
  const config = { ...life.config, ...options.config };
  try {
    const outcome = await lifeRun({ ...life, config }, { ...run, wrap: options.wrap });
    const [first] = outcome.faults;
    return { ...outcome, problem: first && told(options, run, first) };
  } catch (error) {
    throw new Error(told(options, run, String(error)), { cause: error });
  }
}

function told({ life, config }: CampaignOptions, run: LifeRunOptions, what: string): string {
  return `${life} ${JSON.stringify({ ...run, config })}: ${what}`;
}
