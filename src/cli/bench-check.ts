/**
 * Holds what a load reads against what it was told: every acknowledged record is there, once, and
 * in each partition in the order in which its writer sent it; nothing is there that was refused.
 * Records without a clear answer may be there or not. One bit of memory a record.
 */
import type { WrittenBy } from './bench-records.ts';

/** What became of a request, as far as its writer knows. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

interface Writer {
  /** Sequence numbers of acknowledged records are below it, but for the exceptions. */
  count: number;
  readonly exceptions: Map<number, Exclude<Outcome, 'acknowledged'>>;
  seen: Uint8Array;
}

interface Suspicion extends WrittenBy {
  readonly place: string;
}

/** More are counted, and not told one by one. */
const FINDINGS_SHOWN = 5;

export class BenchCheck {
  readonly #writers = new Map<number, Writer>();
  /** Partition -> by writer the sequence number that was read last. */
  readonly #last = new Map<number, number[]>();
  readonly #disorder: Suspicion[] = [];
  readonly #again: string[] = [];
  #acknowledged = 0;
  #exceptional = 0;

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** `count` records of a writer, which follow those told before. */
  told(writer: number, count: number, outcome: Outcome): void {
    const known = this.#writerOf(writer);
    if (outcome === 'acknowledged') this.#acknowledged += count;
    else {
      this.#exceptional += count;
      for (let each = 0; each < count; each += 1) known.exceptions.set(known.count + each, outcome);
    }
    known.count += count;
  }

  read(partition: number, offset: number, record: WrittenBy): void {
    const { writer, sequence } = record;
    const place = `partition ${partition}, offset ${offset}`;
    if (this.#isMarked(writer, sequence))
      this.#again.push(`${place}: record ${named(record)} again`);
    this.#mark(writer, sequence);
    let last = this.#last.get(partition);
    if (last === undefined) this.#last.set(partition, (last = []));
    // A request without an answer may have been carried out late: judged when all is told.
    if (sequence < (last[writer] ?? -1)) this.#disorder.push({ ...record, place });
    else last[writer] = sequence;
  }

  /** What is wrong, for people; empty when nothing is. To be asked when everything was read. */
  findings(): readonly string[] {
    const findings = [...this.#again, ...this.#disordered(), ...this.#missingOrRefused()];
    const untold = findings.length - FINDINGS_SHOWN;
    if (untold <= 0) return findings;
    return [...findings.slice(0, FINDINGS_SHOWN), `and ${untold} more`];
  }

  /** Records that may be there or not. */
  get withoutAnswer(): number {
    return this.#exceptional;
  }

  *#disordered(): Generator<string> {
    for (const { place, ...record } of this.#disorder) {
      if (this.#writers.get(record.writer)?.exceptions.has(record.sequence) === true) continue;
      yield `${place}: record ${named(record)} behind a later one`;
    }
  }

  *#missingOrRefused(): Generator<string> {
    for (const [writer, { count, exceptions, seen }] of this.#writers) {
      for (let sequence = 0; sequence < count; sequence += 1) {
        const isSeen = isBitSet(seen, sequence);
        const outcome = exceptions.get(sequence) ?? 'acknowledged';
        if (outcome === 'acknowledged' && !isSeen) {
          yield `record ${named({ writer, sequence })} was acknowledged and is not there`;
        } else if (outcome === 'refused' && isSeen) {
          yield `record ${named({ writer, sequence })} was refused and is there`;
        }
      }
    }
  }

  #writerOf(writer: number): Writer {
    let known = this.#writers.get(writer);
    if (known === undefined) {
      known = { count: 0, exceptions: new Map(), seen: new Uint8Array(128) };
      this.#writers.set(writer, known);
    }
    return known;
  }

  #isMarked(writer: number, sequence: number): boolean {
    return isBitSet(this.#writerOf(writer).seen, sequence);
  }

  #mark(writer: number, sequence: number): void {
    const known = this.#writerOf(writer);
    if (sequence >= known.seen.length * 8) {
      const grown = new Uint8Array(Math.max(known.seen.length * 2, (sequence >> 3) + 1));
      grown.set(known.seen);
      known.seen = grown;
    }
    known.seen[sequence >> 3] = (known.seen[sequence >> 3] as number) | (1 << (sequence & 7));
  }
}

function isBitSet(bits: Uint8Array, index: number): boolean {
  return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

function named({ writer, sequence }: Pick<WrittenBy, 'writer' | 'sequence'>): string {
  return `${sequence} of connection ${writer}`;
}
