/**
 * When a flush is synced. In a default topic: always, before the acknowledgement. In the weaker
 * mode (`flush.messages` > 1 or `flush.ms`): after so many records or so long, and what lies
 * between may be lost in a crash of the machine.
 */
import type { CancelTimer, Clock } from '../model/clock.ts';
import { INT32_MAX } from '../model/limits.ts';
import { isDurable } from '../model/topic-config.ts';
import type { TopicConfig } from '../model/topic-config.ts';

/** The leader epoch field holds the distance to the last sync, so it must stay an int32. */
const UNSYNCED_RECORDS_MAX = 1_000_000_000;

/** Whether a flush that leaves this many records unsynced must be synced before it is acknowledged. */
export function isSyncDue(config: TopicConfig, unsyncedRecords: number): boolean {
  if (isDurable(config) || config.flushMs === 0) return true;
  if (unsyncedRecords >= UNSYNCED_RECORDS_MAX) return true;
  return config.flushMessages > 1 && unsyncedRecords >= config.flushMessages;
}

/** Runs once `flush.ms` after the first record that is not synced. */
export class SyncTimer {
  readonly #clock: Clock;
  readonly #sync: () => void;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock, sync: () => void) {
    this.#clock = clock;
    this.#sync = sync;
  }

  /** Does nothing where there is no such time, or when it runs already. */
  start(config: TopicConfig): void {
    if (config.flushMs <= 0) return;
    // No timer of Node's is longer; syncing earlier than asked harms nobody.
    const delayMs = Math.min(config.flushMs, INT32_MAX);
    this.#cancel ??= this.#clock.after(delayMs, () => {
      this.#cancel = undefined;
      this.#sync();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
