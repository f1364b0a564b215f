/**
 * When a flush is synced. In a default topic: always, before the acknowledgement. In the weaker
 * mode (`flush.messages` > 1 or `flush.ms`): after so many records or so long, and what lies
 * between may be lost in a crash of the machine.
 */
import { isDurable } from '../model/topic-config.ts';
import type { CancelTimer } from '../model/clock.ts';
import type { LogContext } from './log-context.ts';

/** The leader epoch field holds the distance to the last sync, so it must stay an int32. */
const UNSYNCED_RECORDS_MAX = 1_000_000_000;

export class SyncPolicy {
  readonly #context: LogContext;
  readonly #wake: () => void;
  #unsyncedRecords = 0;
  #timer: CancelTimer | undefined;
  #requested = false;
  #stopped = false;

  /** `wake` starts the flush loop when a sync has become due without an append. */
  constructor(context: LogContext, wake: () => void) {
    this.#context = context;
    this.#wake = wake;
  }

  /** Whether a flush that brings `records` more must be synced before it is acknowledged. */
  isDueWith(records: number): boolean {
    const { config } = this.#context;
    if (isDurable(config)) return true;
    const unsynced = this.#unsyncedRecords + records;
    if (unsynced >= UNSYNCED_RECORDS_MAX) return true;
    return config.flushMs === 0 || (config.flushMessages > 1 && unsynced >= config.flushMessages);
  }

  /** Whether something acknowledged is not yet on stable storage. */
  isBehind(): boolean {
    return this.#unsyncedRecords > 0 && !this.#stopped;
  }

  get isSyncRequested(): boolean {
    return this.#requested;
  }

  requestSync(): void {
    this.#requested = true;
    this.#wake();
  }

  wrote(records: number, synced: boolean): void {
    if (synced) {
      this.synced();
      return;
    }
    this.#unsyncedRecords += records;
    const { config, clock } = this.#context;
    if (config.flushMs > 0 && !this.#stopped) {
      this.#timer ??= clock.after(config.flushMs, () => this.requestSync());
    }
  }

  synced(): void {
    this.#unsyncedRecords = 0;
    this.#requested = false;
    this.#timer?.();
    this.#timer = undefined;
  }

  /** No more syncs by time; after a failed one there is nothing left to ask for either. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.();
    this.#timer = undefined;
    this.#requested = false;
  }
}
