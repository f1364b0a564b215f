/** What became of every record that anybody tried to write, by its text. */
import type { Operation, Place } from './history.ts';

interface Fate {
  readonly place: Place;
  /** Of the first try; the records of one call follow one another. */
  readonly began: number;
  readonly beganMs: number;
  readonly client: string;
  tries: number;
  /** Tries that were answered with `written: 'no'`. */
  refusals: number;
  isAcknowledged: boolean;
}

export class RecordFates {
  readonly #fates = new Map<string, Fate>();

  began(
    { began, beganMs, client }: Operation,
    { place, texts }: { readonly place: Place; readonly texts: readonly string[] },
  ): void {
    for (const [index, text] of texts.entries()) {
      const known = this.#fates.get(text);
      if (known !== undefined) known.tries += 1;
      else {
        const first = { place, began: began + index / 1e6, beganMs };
        const fate = { ...first, client, tries: 1, refusals: 0, isAcknowledged: false };
        this.#fates.set(text, fate);
      }
    }
  }

  acknowledged(text: string): void {
    const fate = this.#fates.get(text);
    if (fate !== undefined) fate.isAcknowledged = true;
  }

  refused(text: string): void {
    const fate = this.#fates.get(text);
    if (fate !== undefined) fate.refusals += 1;
  }

  /** Every try: one without an answer may have written it. */
  isRefused(text: string): boolean {
    const fate = this.#fates.get(text);
    return fate !== undefined && fate.refusals === fate.tries;
  }

  writtenTo(text: string): Place | undefined {
    return this.#fates.get(text)?.place;
  }

  /** A call that is on its way while its topic is made again may end in the new one. */
  mayStandIn(text: string, { topic, topicId, partition }: Place): boolean {
    const fate = this.#fates.get(text);
    if (fate?.place.topic !== topic || fate.place.partition !== partition) return false;
    return fate.place.topicId === topicId || !fate.isAcknowledged;
  }

  firstTry(text: string): number {
    return this.#fates.get(text)?.began ?? 0;
  }

  beganMs(text: string | undefined): number | undefined {
    return text === undefined ? undefined : this.#fates.get(text)?.beganMs;
  }

  clientOf(text: string): string | undefined {
    return this.#fates.get(text)?.client;
  }
}
