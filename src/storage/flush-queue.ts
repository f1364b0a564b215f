/**
 * Flushes that are not yet begun, in order. Only the last one still fills; each takes whole
 * requests, and no more of them than one flush or one segment should hold.
 */
import type { MillraceError } from '../model/errors.ts';
import { FLUSH_BYTES_MAX } from '../model/limits.ts';
import type { LogContext } from './log-context.ts';
import { PendingFlush } from './pending-flush.ts';

export class FlushQueue {
  readonly #context: LogContext;
  #flushes: PendingFlush[] = [];

  constructor(context: LogContext) {
    this.#context = context;
  }

  get first(): PendingFlush | undefined {
    return this.#flushes[0];
  }

  /** The flush that takes `bytes` more as one whole. A request larger than the bound has its own. */
  filling(bytes: number): PendingFlush {
    const { config, state, clock, shared } = this.#context;
    const last = this.#flushes.at(-1);
    const bytesMax = Math.min(FLUSH_BYTES_MAX, config.segmentBytes);
    if (last !== undefined && last.bytes + bytes <= bytesMax) return last;
    const next = new PendingFlush({
      baseOffset: state.logEndOffset,
      appendMs: clock.wallMs(),
      config,
      takeWriter: () => shared.writers.take(),
    });
    this.#flushes.push(next);
    return next;
  }

  find(offset: number): PendingFlush | undefined {
    return this.#flushes.find((each) => each.holds(offset));
  }

  takeFirst(): PendingFlush | undefined {
    return this.#flushes.shift();
  }

  /** Fails all that wait; their offsets are the caller's to take back. */
  failAll(error: MillraceError): void {
    const failed = this.#flushes;
    this.#flushes = [];
    for (const flush of failed) {
      flush.release(this.#context.shared.writers);
      for (const { waiter } of flush.waiters) waiter.failed(error);
    }
  }
}
