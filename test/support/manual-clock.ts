/** A clock that only the test moves: timers run inside `advance`, in the order of their times. */
import type { CancelTimer, Clock } from '../../src/model/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly task: () => void;
}

export class ManualClock implements Clock {
  #wallMs: number;
  #monotonicMs = 0;
  /** In the order they were set, which decides between timers of one time. */
  readonly #timers = new Set<Timer>();

  /** Default: some moment in 2026. */
  constructor(wallMs = 1_780_000_000_000) {
    this.#wallMs = wallMs;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, task: () => void): CancelTimer {
    const timer = { atMs: this.#monotonicMs + Math.max(0, delayMs), task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Both clocks go on; what comes due on the way runs at its time, timers set meanwhile too. */
  advance(ms: number): void {
    const endMs = this.#monotonicMs + ms;
    for (;;) {
      const due = this.#earliest();
      if (due === undefined || due.atMs > endMs) break;
      this.#timers.delete(due);
      this.#moveTo(due.atMs);
      due.task();
    }
    this.#moveTo(endMs);
  }

  /** The wall clock alone, forward or back: NTP, or a person. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }

  #moveTo(monotonicMs: number): void {
    this.#wallMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (earliest === undefined || timer.atMs < earliest.atMs) earliest = timer;
    }
    return earliest;
  }
}
