/**
 * What is kept of groups, in memory: appends are durable at once, or when the test lets them, or
 * fail as it says.
 */
import type { GroupRecord } from '../../src/codec/group-records.ts';
import type { GroupStore, StoredGroup } from '../../src/broker/local/group-store.ts';
import { GroupTable } from '../../src/broker/local/group-table.ts';
import type { MillraceError } from '../../src/model/errors.ts';

interface PendingAppend {
  readonly records: readonly GroupRecord[];
  readonly resolve: () => void;
  readonly reject: (error: MillraceError) => void;
}

export class MemoryGroupStore implements GroupStore {
  /** Of all appends, also those that failed. */
  readonly appended: (readonly GroupRecord[])[] = [];
  /** Appends wait for `release`. */
  isHeld = false;
  /** What the appends from now on fail with. */
  failure: MillraceError | undefined;
  readonly #table = new GroupTable();
  #pending: PendingAppend[] = [];

  get groupCount(): number {
    return this.#table.groupCount;
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  group(name: string): StoredGroup | undefined {
    return this.#table.group(name);
  }

  groups(): Iterable<StoredGroup> {
    return this.#table.groups();
  }

  append(records: readonly GroupRecord[]): Promise<void> {
    this.appended.push(records);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.push({ records, resolve, reject });
    // Not in this turn, like any disk.
    if (!this.isHeld) queueMicrotask(() => this.#settle());
    return promise;
  }

  /** What waits is durable, and what comes is so at once; or all that waits fails. */
  release(failure?: MillraceError): void {
    const { failure: before } = this;
    this.isHeld = false;
    this.failure = failure ?? before;
    this.#settle();
    this.failure = before;
  }

  #settle(): void {
    if (this.isHeld) return;
    const pending = this.#pending;
    this.#pending = [];
    for (const { records, resolve, reject } of pending) {
      if (this.failure !== undefined) {
        reject(this.failure);
        continue;
      }
      for (const record of records) this.#table.apply(record);
      resolve();
    }
  }
}
