/**
 * The checker reports nothing that could be right: random histories of a broker that keeps every
 * promise, with calls that overlap, have their effect at any moment between question and answer,
 * and are cut off by power cuts, before their effect or behind it.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { commit, HistoryBuilder, T0, T1 } from './history-builder.ts';
import type { Answer, Ask, Place } from './history.ts';

/** What is going to happen next, and to which of the calls on their way. */
interface Event {
  readonly kind: 'begin' | 'effect' | 'answer' | 'power cut';
  readonly pick: number;
  readonly call:
    | 'produce'
    | 'refuse'
    | 'fetch'
    | 'delete records'
    | 'commit'
    | 'forget'
    | 'offsets';
}

const events: fc.Arbitrary<Event[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('begin', 'begin', 'effect', 'effect', 'answer', 'answer', 'power cut'),
    pick: fc.nat(20),
    call: fc.constantFrom(
      ...(['produce', 'produce', 'refuse', 'fetch', 'fetch', 'delete records'] as const),
      ...(['commit', 'commit', 'forget', 'offsets', 'offsets'] as const),
    ),
  }),
  { maxLength: 80 },
);

interface Call {
  readonly effect: () => Answer;
  readonly note: (answer: Answer) => void;
  answer?: Answer;
}

class SoundBroker {
  readonly history = new HistoryBuilder();
  readonly #logs = new Map([T0, T1].map((place) => [place, [] as string[]]));
  readonly #starts = new Map([T0, T1].map((place) => [place, 0]));
  #committed: string | undefined;
  #calls: Call[] = [];
  #written = 0;

  happen({ kind, pick, call }: Event): void {
    if (kind === 'begin') this.#begin(call, pick);
    else if (kind === 'power cut') this.#powerCut(pick);
    else {
      const open = this.#calls.filter(
        ({ answer }) => (answer === undefined) === (kind === 'effect'),
      );
      const one = open[pick % Math.max(1, open.length)];
      if (one === undefined) return;
      if (one.answer === undefined) one.answer = one.effect();
      else {
        one.note(one.answer);
        this.#calls = this.#calls.filter((each) => each !== one);
      }
    }
  }

  /** Some calls have their effect before it, and nobody hears of it. */
  #powerCut(pick: number): void {
    for (const [index, call] of this.#calls.entries()) {
      if (call.answer === undefined && index % 3 === pick % 3) call.effect();
    }
    this.#calls = [];
    this.history.powerCut();
  }

  #begin(kind: Event['call'], pick: number): void {
    const place = pick % 2 === 0 ? T0 : T1;
    this.#written += 1;
    const text = `x${this.#written}`;
    const { ask, effect } = this.#callOf(kind, { place, text, pick });
    // Each a client of its own: they make no promise about their order.
    const note = this.history.begin(ask, `client ${this.#written}`);
    this.#calls.push({ effect, note });
  }

  #callOf(
    kind: Event['call'],
    { place, text, pick }: { place: Place; text: string; pick: number },
  ): { ask: Ask; effect: () => Answer } {
    const log = this.#logs.get(place) as string[];
    const start = (): number => this.#starts.get(place) as number;
    switch (kind) {
      case 'produce': {
        const texts = [`${text}a`, `${text}b`].slice(pick % 2);
        const effect = (): Answer => ({
          kind: 'produced',
          baseOffset: log.push(...texts) - texts.length,
        });
        return { ask: { kind: 'produce', place, texts }, effect };
      }
      case 'refuse': {
        const effect = (): Answer => ({ kind: 'refused', code: 'DISK_FULL', written: 'no' });
        return { ask: { kind: 'produce', place, texts: [text] }, effect };
      }
      case 'fetch': {
        const offset = Math.max(start(), log.length - pick);
        return { ask: { kind: 'fetch', place, offset }, effect: () => this.#shown(place, offset) };
      }
      case 'delete records': {
        const before = Math.min(log.length, start() + pick);
        const effect = (): Answer => {
          this.#starts.set(place, Math.max(start(), before));
          return { kind: 'log start', offset: start() };
        };
        return { ask: { kind: 'delete records', place, before }, effect };
      }
      case 'commit': {
        const effect = (): Answer => {
          this.#committed = text;
          return { kind: 'committed', refusals: [undefined] };
        };
        return { ask: commit(text), effect };
      }
      case 'forget': {
        const effect = (): Answer => {
          this.#committed = undefined;
          return { kind: 'done' };
        };
        return { ask: { kind: 'delete group', group: 'g' }, effect };
      }
      case 'offsets': {
        const effect = (): Answer => ({
          kind: 'offsets',
          places: [{ place: T0, value: this.#committed }],
        });
        return { ask: { kind: 'fetch offsets', group: 'g' }, effect };
      }
    }
  }

  #shown(place: Place, offset: number): Answer {
    const log = this.#logs.get(place) as string[];
    const logStartOffset = this.#starts.get(place) as number;
    const bounds = { logStartOffset, highWatermark: log.length, isOnline: true };
    if (offset < logStartOffset) {
      return { kind: 'fetched', ...bounds, records: [], code: 'OFFSET_OUT_OF_RANGE' };
    }
    const records = log.slice(offset, offset + 4).map((text, index) => {
      return { offset: offset + index, text };
    });
    return { kind: 'fetched', ...bounds, records };
  }
}

test('a sound history has no findings, however its calls overlap', () => {
  fc.assert(
    fc.property(events, (all) => {
      const broker = new SoundBroker();
      for (const event of all) broker.happen(event);
      expect(broker.history.findings()).toEqual([]);
    }),
    { numRuns: 2_000, seed: 1 },
  );
});
