/**
 * Whether the wall clock can be trusted to say what is old. It can jump (NTP, a person, a suspended
 * laptop), and after a jump what looks a week old may have been written a minute ago. So a jump is
 * looked for against the monotonic clock, and trust comes back when none was seen for a while.
 */
import type { Clock } from '../../model/clock.ts';
import { CLOCK_DRIFT_MS_MAX, CLOCK_STEADY_MS } from '../../model/limits.ts';
import type { Log } from '../../model/log.ts';

export class SteadyClock {
  readonly #clock: Clock;
  readonly #log: Log;
  /** Wall minus monotonic: constant while neither jumps. */
  #difference: number;
  /** By the monotonic clock; a new process has nothing to compare with and trusts. */
  #steadySinceMs = -Infinity;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#difference = clock.wallMs() - clock.monotonicMs();
  }

  isSteady(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const difference = this.#clock.wallMs() - nowMs;
    const jumpMs = difference - this.#difference;
    // Also when it is small: slow drift (NTP slewing) must not add up to a jump.
    this.#difference = difference;
    if (Math.abs(jumpMs) > CLOCK_DRIFT_MS_MAX) {
      this.#steadySinceMs = nowMs;
      this.#log.warn(
        { jumpMs, pauseMs: CLOCK_STEADY_MS },
        'the wall clock jumped: retention pauses',
      );
    }
    return nowMs - this.#steadySinceMs >= CLOCK_STEADY_MS;
  }
}
