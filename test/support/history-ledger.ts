/** Who owns which offset of one partition, over all lives: acknowledged, or shown to a reader. */
import type { Operation, ShownRecord } from './history.ts';
import type { FindingKind, Report } from './history-checker.ts';
import type { RecordFates } from './history-records.ts';

interface Owner {
  readonly text: string;
  crc: number | undefined;
  isAcknowledged: boolean;
  /** When it was first certain, and in which life. */
  readonly since: number;
  readonly life: number;
}

export class PartitionLedger {
  /** Known from answers: the log begins at or above it, and may be asked to begin below that. */
  start = 0;
  startMax = 0;
  /** The log reaches at least so far. */
  end = 0;
  readonly #about: string;
  readonly #fates: RecordFates;
  readonly #report: Report;
  readonly #owners = new Map<number, Owner>();
  readonly #offsets = new Map<string, number>();

  constructor(about: string, fates: RecordFates, report: Report) {
    this.#about = about;
    this.#fates = fates;
    this.#report = report;
  }

  textAt(offset: number): string | undefined {
    return this.#owners.get(offset)?.text;
  }

  offsetOf(text: string): number | undefined {
    return this.#offsets.get(text);
  }

  claim(
    { life, ended }: Operation,
    { offset, text, crc }: ShownRecord,
    how: 'acknowledged' | 'shown',
  ): void {
    const before = this.#offsets.get(text);
    if (before !== undefined && before !== offset) {
      this.#report('duplicate', this.#about, `${text} is at ${before} and at ${offset}`);
    }
    this.#offsets.set(text, before ?? offset);
    const owner = this.#owners.get(offset);
    const isAcknowledged = how === 'acknowledged';
    if (owner === undefined) {
      const since = ended ?? Infinity;
      this.#owners.set(offset, { text, crc, isAcknowledged, since, life });
    } else if (owner.text !== text) {
      const wasGivenTwice = (owner.isAcknowledged && isAcknowledged) || owner.life === life;
      const kind = wasGivenTwice ? 'offset given twice' : owner.isAcknowledged ? 'lost' : 'dirty';
      this.#report(kind, this.#about, `${offset} was ${owner.text} and is ${text}`);
    } else {
      if (owner.crc !== undefined && crc !== undefined && owner.crc !== crc) {
        this.#report('dirty', this.#about, `the batch of ${offset} was shown with other bytes`);
      }
      owner.crc ??= crc;
      owner.isAcknowledged ||= isAcknowledged;
    }
    this.end = Math.max(this.end, offset + 1);
  }

  /** What to call it when the log ends before what is known of it. */
  missingKind(end: number, life: number): FindingKind {
    const missing = [...this.#owners].filter(([offset]) => offset >= end).map(([, owner]) => owner);
    if (missing.some((owner) => owner.isAcknowledged && owner.life !== life)) return 'lost';
    return missing.some((owner) => owner.life !== life) ? 'dirty' : 'stale';
  }

  /** Offsets must follow the order of calls that did not overlap, and of each idempotent producer. */
  checkOrder(): void {
    const owners = [...this.#owners].sort(([one], [other]) => other - one);
    let earliest: readonly [number, Owner] | undefined;
    const nextOf = new Map<string, readonly [number, string]>();
    for (const [offset, owner] of owners) {
      const { text, since } = owner;
      const began = this.#fates.firstTry(text);
      if (earliest !== undefined && earliest[1].since < began) {
        const [at, { text: earlier }] = earliest;
        this.#reordered(`${text} at ${offset} was sent after ${earlier} at ${at} was there`);
      }
      if (earliest === undefined || since < earliest[1].since) earliest = [offset, owner];
      const client = this.#fates.clientOf(text) ?? '';
      const next = nextOf.get(client);
      if (next !== undefined && began > next[0]) {
        this.#reordered(`${client} sent ${text} at ${offset} after ${next[1]}`);
      }
      nextOf.set(client, [began, text]);
    }
  }

  #reordered(text: string): void {
    this.#report('reordered', this.#about, text);
  }
}
