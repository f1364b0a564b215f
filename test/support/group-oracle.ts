/**
 * What a store of groups owes to those who changed it, over all its lives: of every key the last
 * acknowledged value, or one that was asked for after it and has had no answer; never one that was
 * refused, is older, or that nobody asked for.
 *
 * Every value that is written is one of its own kind.
 */
import type { GroupRecord } from '../../src/codec/group-records.ts';
import { keyText, valueText } from './group-changes.ts';

/** A change in the order of the calls; `value` undefined for a tombstone. */
interface Attempt {
  readonly value: string | undefined;
  isAcknowledged: boolean;
}

/** One request, to be told what became of it. */
export interface Request {
  acknowledged(): void;
  /** With `written: 'no'`. */
  refused(): void;
}

export class GroupOracle {
  /** By key: the last acknowledged one, and those that began later. */
  readonly #attempts = new Map<string, Attempt[]>();
  acknowledgedCount = 0;

  began(records: readonly GroupRecord[]): Request {
    const mine = records.map((record) => {
      const attempt: Attempt = { value: valueText(record), isAcknowledged: false };
      const key = keyText(record);
      const known = this.#attempts.get(key);
      if (known === undefined) this.#attempts.set(key, [attempt]);
      else known.push(attempt);
      return { key, attempt };
    });
    return {
      acknowledged: () => {
        this.acknowledgedCount += 1;
        for (const { key, attempt } of mine) {
          attempt.isAcknowledged = true;
          const all = this.#attempts.get(key) as Attempt[];
          // What is no longer in it was overtaken by a later one.
          if (all.includes(attempt)) this.#attempts.set(key, all.slice(all.indexOf(attempt)));
        }
      },
      refused: () => {
        for (const { key, attempt } of mine) {
          const all = this.#attempts.get(key) as Attempt[];
          this.#attempts.set(
            key,
            all.filter((each) => each !== attempt),
          );
        }
      },
    };
  }

  /** Holds a table against all this; what was found is owed from now on. */
  faultsOf(content: ReadonlyMap<string, string>): string[] {
    const faults: string[] = [];
    for (const key of content.keys()) {
      if (!this.#attempts.has(key)) faults.push(`${key} is there, and nobody wrote it`);
    }
    for (const [key, attempts] of this.#attempts) {
      const found = content.get(key);
      if (!isOwed(attempts, found)) {
        const owed = attempts.map(({ value, isAcknowledged }) =>
          isAcknowledged ? `${value}` : `${value} (perhaps)`,
        );
        faults.push(`${key} is ${found} and should be ${owed.join(' or ')}`);
      }
      this.#attempts.set(key, [{ value: found, isAcknowledged: true }]);
    }
    return faults.slice(0, 10);
  }
}

function isOwed(attempts: readonly Attempt[], found: string | undefined): boolean {
  const isFirst = attempts[0]?.isAcknowledged !== true;
  return attempts.some(({ value }) => value === found) || (isFirst && found === undefined);
}
