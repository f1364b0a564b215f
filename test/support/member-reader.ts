/** Follows a member's event stream over a real connection, and keeps what it is given. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'vitest';

interface Frame {
  readonly event: string;
  readonly data: string;
}

export class MemberReader {
  readonly #leaving = new AbortController();
  #text = '';
  isEnded = false;

  constructor(url: string) {
    this.#follow(url).catch((error: unknown) => {
      if (!this.#leaving.signal.aborted) throw error;
    });
  }

  async #follow(url: string): Promise<void> {
    const headers = { accept: 'text/event-stream' };
    const { body } = await fetch(url, { headers, signal: this.#leaving.signal });
    if (body === null) throw new Error('the answer has no body');
    for await (const text of body.pipeThrough(new TextDecoderStream())) this.#text += text;
    this.isEnded = true;
  }

  vanish(): void {
    this.#leaving.abort();
  }

  get text(): string {
    return this.#text;
  }

  get frames(): Frame[] {
    const whole = this.#text.split('\n\n').slice(0, -1);
    return whole.map((frame) => {
      const lines = frame.split('\n').filter((line) => line !== ':');
      expect(lines.map((line) => line.split(':', 1)[0])).toEqual(['event', 'data']);
      const [event = '', data = ''] = lines.map((line) => line.slice(line.indexOf(' ') + 1));
      return { event, data };
    });
  }

  get values(): string[] {
    const records = this.frames.filter(({ event }) => event === 'record');
    return records.map(({ data }) => (JSON.parse(data) as { value: string }).value);
  }

  /** The last one given. */
  get cursor(): string {
    return this.frames.findLast(({ event }) => event === 'cursor')?.data ?? '';
  }

  /** Resolves when the last of so many records has its cursor behind it. */
  async untilRecords(count: number): Promise<this> {
    const isDone = (): boolean =>
      this.values.length >= count && this.frames.at(-1)?.event === 'cursor';
    while (!isDone()) await nextTurn();
    return this;
  }

  /** Resolves with the last event. */
  async untilEnd(): Promise<{ event: string; error: { code: string; retriable: boolean } }> {
    while (!this.isEnded) await nextTurn();
    const { event = '', data = '{}' } = this.frames.at(-1) ?? {};
    return { event, error: JSON.parse(data) as { code: string; retriable: boolean } };
  }
}
