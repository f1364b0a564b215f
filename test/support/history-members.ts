/**
 * What a history says about the members of groups: in one generation no partition has two owners,
 * and who is of an old generation neither commits nor counts as a member.
 */
import { aboutGroup } from './history.ts';
import type { Answer, Operation } from './history.ts';
import type { Report, Rules } from './history-checker.ts';

/** That a group had come to a generation: somebody was told. */
interface Told {
  readonly generation: number;
  readonly at: number;
  /** Undefined when it is durable, and holds in all lives to come. */
  readonly life: number | undefined;
}

interface Group {
  told: Told[];
  /** Member ids by generation and partition. */
  readonly owners: Map<string, string>;
}

export class MemberRules implements Rules {
  readonly #report: Report;
  readonly #groups = new Map<string, Group>();

  constructor(report: Report) {
    this.#report = report;
  }

  ended(operation: Operation, answer: Answer): void {
    const { ask, ended: at = 0, life } = operation;
    if (ask.kind === 'join' && answer.kind === 'joined') {
      const { generation } = answer;
      // Of a group that was forgotten, and is made anew.
      if (generation === 1) this.#groups.delete(ask.group);
      this.#groupOf(ask.group).told.push({ generation, at, life });
    } else if (ask.kind === 'sync' && answer.kind === 'assigned') {
      const { generation } = ask;
      this.#checkCurrent(operation, ask, 'double ownership');
      // The outcome of a rebalance is durable before anybody is told.
      this.#groupOf(ask.group).told.push({ generation, at, life: undefined });
      this.#assigned(ask, answer);
    } else if (ask.kind === 'heartbeat' && answer.kind === 'done') {
      this.#checkCurrent(operation, ask, 'double ownership');
    } else if (ask.kind === 'commit' && ask.memberId !== '' && answer.kind === 'committed') {
      this.#checkCurrent(operation, ask, 'zombie commit');
    }
  }

  #assigned(
    ask: { readonly group: string; readonly memberId: string; readonly generation: number },
    { generation, owned }: Extract<Answer, { kind: 'assigned' }>,
  ): void {
    const about = aboutGroup(ask.group);
    const { owners } = this.#groupOf(ask.group);
    if (generation !== ask.generation) {
      const text = `${ask.memberId} of generation ${ask.generation} is told that of ${generation}`;
      this.#report('double ownership', about, text);
    }
    for (const partition of owned) {
      const key = `${ask.generation} ${partition}`;
      const owner = owners.get(key) ?? ask.memberId;
      if (owner !== ask.memberId) {
        const text = `${partition} is ${owner}'s and ${ask.memberId}'s in ${ask.generation}`;
        this.#report('double ownership', about, text);
      }
      owners.set(key, owner);
    }
  }

  /** What was taken from a member must not have come after its generation was known to be over. */
  #checkCurrent(
    { began, life }: Operation,
    { group, memberId, generation }: { group: string; memberId: string; generation: number },
    kind: 'double ownership' | 'zombie commit',
  ): void {
    const newer = this.#groupOf(group).told.find(
      (told) =>
        told.generation > generation &&
        told.at < began &&
        (told.life === undefined || told.life === life),
    );
    if (newer === undefined) return;
    const text = `${memberId} of generation ${generation} after ${newer.generation} was told`;
    this.#report(kind, aboutGroup(group), text);
  }

  #groupOf(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, (group = { told: [], owners: new Map() }));
    return group;
  }
}
