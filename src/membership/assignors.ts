/** The assignors by name, and which of them a member may offer. */
import { MillraceError } from '../model/errors.ts';
import { GROUP_PROTOCOLS_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import type { Assignor } from './assignor.ts';
import { rangeAssignor } from './range-assignor.ts';
import { kafkajsRoundRobinAssignor, roundRobinAssignor } from './round-robin-assignor.ts';
import { cooperativeStickyAssignor, stickyAssignor } from './sticky-assignor.ts';

/** What a member offers that does not say: one of these every common Kafka client knows. */
export const DEFAULT_ASSIGNORS = ['range', 'roundrobin', 'RoundRobinAssigner'] as const;

const ASSIGNORS: ReadonlyMap<string, Assignor> = new Map(
  [
    rangeAssignor,
    roundRobinAssignor,
    kafkajsRoundRobinAssignor,
    stickyAssignor,
    cooperativeStickyAssignor,
  ].map((assignor) => [assignor.name, assignor]),
);

export const ASSIGNOR_NAMES: readonly string[] = [...ASSIGNORS.keys()];

export function assignorNamed(name: string): Assignor | undefined {
  return ASSIGNORS.get(name);
}

/**
 * Those named, in that order: best first. Throws INVALID_REQUEST when the list is empty or too
 * long, when one is not known or is there twice, and when a cooperative one stands beside an eager
 * one: members of the two kinds must not meet in one group, for the one kind keeps reading what
 * the other kind believes to be given up.
 */
export function chooseAssignors(names: readonly string[] = DEFAULT_ASSIGNORS): readonly Assignor[] {
  const chosen = new Map<string, Assignor>();
  if (names.length === 0) throw refusal('is empty');
  if (names.length > GROUP_PROTOCOLS_MAX) {
    throw refusal(`names ${names.length}; at most ${GROUP_PROTOCOLS_MAX} are allowed`);
  }
  for (const name of names) {
    const assignor = ASSIGNORS.get(name);
    if (assignor === undefined) throw refusal(`names ${quote(name)}, which is not known`);
    if (chosen.has(name)) throw refusal(`names ${quote(name)} twice`);
    chosen.set(name, assignor);
  }
  const assignors = [...chosen.values()];
  const cooperative = assignors.find(({ isCooperative }) => isCooperative);
  const eager = assignors.find(({ isCooperative }) => !isCooperative);
  if (cooperative !== undefined && eager !== undefined) {
    throw refusal(
      `mixes ${quote(cooperative.name)}, which is cooperative, with ${quote(eager.name)}, which is not`,
    );
  }
  return assignors;
}

function refusal(fault: string): MillraceError {
  const allowed = ASSIGNOR_NAMES.map((name) => quote(name)).join(', ');
  return new MillraceError(
    'INVALID_REQUEST',
    `assignors ${fault}; allowed are some of ${allowed}, the cooperative one by itself`,
    { details: { field: 'assignors', allowed: ASSIGNOR_NAMES } },
  );
}
