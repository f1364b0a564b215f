/**
 * Which protocol (for consumers: which assignor) a group agrees on: each member votes for the first
 * of its own that all members know, and the one with the most votes is taken. Kafka's rule; of
 * equal ones it takes any, here it is the one that the earlier member voted for.
 */
import assert from 'node:assert';
import type { GroupProtocol } from '../groups.ts';

interface Voter {
  readonly protocols: readonly GroupProtocol[];
}

/** How many members know each protocol, so that a join need not ask all of them. */
export class ProtocolCounts {
  readonly #counts = new Map<string, number>();

  add({ protocols }: Voter): void {
    for (const name of namesOf(protocols)) this.#counts.set(name, this.#count(name) + 1);
  }

  remove({ protocols }: Voter): void {
    for (const name of namesOf(protocols)) {
      const left = this.#count(name) - 1;
      if (left === 0) this.#counts.delete(name);
      else this.#counts.set(name, left);
    }
  }

  /** Whether one of the names is known to all of `members`, of whom `except` is not asked. */
  agree(protocols: readonly GroupProtocol[], members: number, except?: Voter): boolean {
    const others = except === undefined ? members : members - 1;
    return protocols.some(({ name }) => this.#countWithout(name, except) === others);
  }

  /** The names that all of `members` know. */
  common(members: number): string[] {
    return [...this.#counts].filter(([, count]) => count === members).map(([name]) => name);
  }

  names(): string[] {
    return [...this.#counts.keys()];
  }

  #countWithout(name: string, except: Voter | undefined): number {
    const itself = except?.protocols.some((each) => each.name === name) === true ? 1 : 0;
    return this.#count(name) - itself;
  }

  #count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }
}

/** `common` are the names that all voters know. */
export function chosenProtocol(voters: Iterable<Voter>, common: readonly string[]): string {
  const candidates = new Set(common);
  const votes = new Map<string, number>();
  for (const { protocols } of voters) {
    const vote = protocols.find(({ name }) => candidates.has(name));
    assert(vote !== undefined, 'a member knows none of the protocols that all know');
    votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
  }
  let [chosen, most] = ['', 0];
  for (const [name, count] of votes) if (count > most) [chosen, most] = [name, count];
  assert(most > 0, 'nobody has voted');
  return chosen;
}

/** Also in their order, for that is a preference. */
export function sameProtocols(
  left: readonly GroupProtocol[],
  right: readonly GroupProtocol[],
): boolean {
  return (
    left.length === right.length &&
    left.every(({ name, metadata }, index) => {
      const other = right[index];
      return other?.name === name && Buffer.compare(metadata, other.metadata) === 0;
    })
  );
}

/** What the member says of itself for the protocol; empty when it does not know it. */
export function metadataFor(protocols: readonly GroupProtocol[], protocol: string): Uint8Array {
  return protocols.find(({ name }) => name === protocol)?.metadata ?? NOTHING;
}

const NOTHING = new Uint8Array(0);

/** A name that stands there twice counts once. */
function namesOf(protocols: readonly GroupProtocol[]): Set<string> {
  return new Set(protocols.map(({ name }) => name));
}
