/** Small histories for the tests of the checker, one call after the other unless told otherwise. */
import { History } from './history.ts';
import type { Answer, Ask, Entry, Place, ShownRecord } from './history.ts';
import { findingsOf } from './history-checker.ts';

export const T0: Place = { topic: 't', topicId: 'first!', partition: 0 };
export const T1: Place = { ...T0, partition: 1 };
/** Its namesake, made later. */
export const AGAIN: Place = { ...T0, topicId: 'second' };

export class HistoryBuilder {
  nowMs = 0;
  readonly #history = new History();

  get entries(): readonly Entry[] {
    return this.#history.entries;
  }

  /** A call that is answered when the returned function is called; never, in a life that has ended. */
  begin(ask: Ask, client = 'client'): (answer: Answer) => void {
    const note = this.#history.begin(client, ask, this.nowMs);
    return (answer) => note(answer, this.nowMs);
  }

  call(ask: Ask, answer: Answer): this {
    this.begin(ask)(answer);
    return this;
  }

  powerCut(): this {
    this.#history.endLife('power cut');
    return this;
  }

  topics(...topics: readonly { place: Place; retentionMs?: number }[]): this {
    const known = topics.map(({ place: { topic, topicId }, retentionMs = -1 }) => {
      return { topic, topicId, partitions: 2, retentionMs, retentionBytes: -1 };
    });
    return this.call({ kind: 'list topics' }, { kind: 'topics', topics: known });
  }

  produced(texts: string, baseOffset: number, place = T0): this {
    const ask = { kind: 'produce' as const, place, texts: texts.split(' ') };
    return this.call(ask, { kind: 'produced', baseOffset });
  }

  refused(texts: string, written: 'no' | 'unknown', place = T0): this {
    const ask = { kind: 'produce' as const, place, texts: texts.split(' ') };
    return this.call(ask, { kind: 'refused', code: 'DISK_FULL', written });
  }

  /** `records`: `0=a 1=b~7`, the last with the checksum of its batch; the end is behind them. */
  fetched(
    records: string,
    more: { place?: Place; offset?: number; start?: number; end?: number; isOnline?: boolean } = {},
  ): this {
    const shown = records === '' ? [] : records.split(' ').map(recordIn);
    const { place = T0, start = 0, isOnline = true } = more;
    const offset = more.offset ?? shown[0]?.offset ?? 0;
    const highWatermark = more.end ?? (shown.at(-1)?.offset ?? offset - 1) + 1;
    return this.call(
      { kind: 'fetch', place, offset },
      { kind: 'fetched', logStartOffset: start, highWatermark, isOnline, records: shown },
    );
  }

  deleted(before: number, logStartOffset = before): this {
    const ask = { kind: 'delete records' as const, place: T0, before };
    return this.call(ask, { kind: 'log start', offset: logStartOffset });
  }

  committed(value: string, by: { memberId?: string; generation?: number } = {}): this {
    return this.call(commit(value, by), { kind: 'committed', refusals: [undefined] });
  }

  read(value: string | undefined, place = T0): this {
    const ask = { kind: 'fetch offsets' as const, group: 'g' };
    return this.call(ask, { kind: 'offsets', places: [{ place, value }] });
  }

  joined(memberId: string, generation: number): this {
    const ask = { kind: 'join' as const, group: 'g', memberId };
    return this.call(ask, { kind: 'joined', memberId, generation });
  }

  assigned(memberId: string, generation: number, owned: string): this {
    const ask = { kind: 'sync' as const, group: 'g', memberId, generation };
    return this.call(ask, { kind: 'assigned', generation, owned: owned.split(' ') });
  }

  /** What the checker finds, as `kind about`. */
  findings(): string[] {
    return findingsOf(this.entries).map(({ kind, about }) => `${kind}: ${about}`);
  }
}

export function commit(
  value: string,
  { memberId = '', generation = -1 }: { memberId?: string; generation?: number } = {},
): Ask {
  return { kind: 'commit', group: 'g', memberId, generation, offsets: [{ place: T0, value }] };
}

function recordIn(text: string): ShownRecord {
  const [, offset = '', value = '', crc] = /^(\d+)=(\w+)(?:~(\d+))?$/.exec(text) ?? [];
  return { offset: Number(offset), text: value, ...(crc !== undefined && { crc: Number(crc) }) };
}
