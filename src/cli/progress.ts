/**
 * A line on stderr that shows how far long work has come. Only on a terminal, and only once the
 * work has taken a moment: a short one needs no picture, and a log file no thousand lines.
 */
import type { CliIo } from './io.ts';
import { count } from './numbers.ts';

const QUIET_MS = 500;
const INTERVAL_MS = 100;
const BAR_WIDTH = 24;

export class Progress {
  readonly #io: CliIo;
  readonly #total: number | undefined;
  readonly #startedAt: number;
  #shownAt: number;
  #isShown = false;

  /** `total` size of the work, if it is known: then there is a bar and a remaining time. */
  constructor(io: CliIo, total: number | undefined) {
    this.#io = io;
    this.#total = total;
    this.#startedAt = io.now();
    this.#shownAt = this.#startedAt + QUIET_MS - INTERVAL_MS;
  }

  /** `done` of the total, in its unit. */
  update(records: number, done: number): void {
    const now = this.#io.now();
    if (this.#io.stderr.isTTY !== true || now - this.#shownAt < INTERVAL_MS) return;
    this.#shownAt = now;
    this.#isShown = true;
    const seconds = Math.max(0.001, (now - this.#startedAt) / 1000);
    const rate = `${count(records / seconds)} records/s`;
    this.#io.stderr.write(`\r\x1b[K${this.#bar(done, seconds)}${count(records)} records  ${rate}`);
  }

  /** Takes the line away again; what was done is said by the command itself. */
  clear(): void {
    if (this.#isShown) this.#io.stderr.write('\r\x1b[K');
    this.#isShown = false;
  }

  #bar(done: number, seconds: number): string {
    if (this.#total === undefined || this.#total === 0) return '';
    const part = Math.min(1, done / this.#total);
    const filled = Math.round(part * BAR_WIDTH);
    const left = part === 0 ? '' : `${Math.ceil((seconds / part) * (1 - part))} s left  `;
    const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '.');
    return `[${bar}] ${String(Math.floor(part * 100)).padStart(3)} %  ${left}`;
  }
}
