/**
 * Time, passed in: nothing below `server.ts` may ask the machine what time it is.
 *
 * Two clocks that must not be confused: `wallMs` can jump (NTP, a suspended laptop) and belongs
 * in records and retention; `monotonicMs` never goes back and belongs in waits and sessions.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, an integer. May jump. */
  wallMs(): number;
  /** Milliseconds from an arbitrary start, never falling. */
  monotonicMs(): number;
  /**
   * Runs `task` once, `delayMs` from now by the monotonic clock. The timer never keeps the
   * process alive. Returns the cancellation; calling it twice, or after the task ran, is harmless.
   */
  after(delayMs: number, task: () => void): CancelTimer;
}

export type CancelTimer = () => void;
