/**
 * The consumer instances of this server, by group and name. One that was not used for a while
 * ends: it leaves its group, so that others take over, and commits nothing, because nobody said
 * that what it last read is done with. All of them end with the server.
 */
import { shuttingDown } from '../broker/refusals.ts';
import type { GroupBroker } from '../membership/group-broker.ts';
import type { CancelTimer, Clock } from '../model/clock.ts';
import { MillraceError } from '../model/errors.ts';
import { V2_INSTANCE_TIMEOUT_MS, V2_INSTANCES_MAX } from '../model/limits.ts';
import type { Log } from '../model/log.ts';
import { quote } from '../model/names.ts';
import { HttpError } from './http-error.ts';
import type { V2Config } from './v2-config.ts';
import { V2Instance } from './v2-instance.ts';
import { V2Reader } from './v2-read.ts';
import { instanceNotFound } from './v2-refusals.ts';

interface Means {
  readonly broker: GroupBroker;
  readonly clock: Clock;
  readonly log: Log;
}

export interface V2Entry {
  readonly instance: V2Instance;
  readonly reader: V2Reader;
}

interface UsedEntry extends V2Entry {
  /** By the monotonic clock. */
  usedMs: number;
  cancelTimer: CancelTimer;
}

export class V2Instances {
  readonly #means: Means;
  readonly #entries = new Map<string, UsedEntry>();
  #made = 0;
  #closing: Promise<unknown> | undefined;

  constructor(means: Means) {
    this.#means = means;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Throws CONSUMER_ALREADY_EXISTS, POLICY_VIOLATION, SHUTTING_DOWN. */
  create(group: string, config: V2Config, clientHost: string): V2Instance {
    if (this.#closing !== undefined) throw shuttingDown({ written: 'no' });
    const name = config.name ?? this.#newName();
    if (this.#entries.has(keyOf(group, name))) {
      throw new HttpError(
        'CONSUMER_ALREADY_EXISTS',
        `group ${quote(group)} has a consumer instance ${quote(name)} already`,
        { details: { group, instance: name } },
      );
    }
    if (this.#entries.size >= V2_INSTANCES_MAX) {
      throw new MillraceError(
        'POLICY_VIOLATION',
        `there are ${V2_INSTANCES_MAX} consumer instances, as many as are allowed; delete those that are done with`,
        { details: { allowed: V2_INSTANCES_MAX } },
      );
    }
    const { broker, clock } = this.#means;
    const onFailure = (error: unknown): void => this.#report(error);
    const means = { broker, clock, onFailure };
    const instance = new V2Instance(means, { group, name, clientHost, config });
    const reader = new V2Reader(means, instance);
    const entry = { instance, reader, usedMs: clock.monotonicMs(), cancelTimer() {} };
    this.#entries.set(keyOf(group, name), entry);
    this.#endUnused(entry, V2_INSTANCE_TIMEOUT_MS);
    return instance;
  }

  /** Also counts as a use of it. Throws CONSUMER_INSTANCE_NOT_FOUND. */
  use(group: string, name: string): V2Entry {
    return this.#use(group, name);
  }

  /** The caller is done with it and with what it read. Throws CONSUMER_INSTANCE_NOT_FOUND. */
  async remove(group: string, name: string): Promise<void> {
    const entry = this.#use(group, name);
    try {
      await entry.instance.close({ settled: true });
    } finally {
      // Where the commit failed it lives on, for another try.
      if (entry.instance.isClosed) this.#forget(entry);
    }
  }

  /** Resolves when all have left their groups. */
  close(): Promise<unknown> {
    this.#closing ??= Promise.all([...this.#entries.values()].map((entry) => this.#end(entry)));
    return this.#closing;
  }

  #use(group: string, name: string): UsedEntry {
    const entry = this.#entries.get(keyOf(group, name));
    if (entry === undefined) throw instanceNotFound({ group, name });
    entry.usedMs = this.#means.clock.monotonicMs();
    return entry;
  }

  /** Unlike those before a restart: a caller must not take a new one for its own of then. */
  #newName(): string {
    this.#made += 1;
    return `rest-consumer-${this.#means.clock.wallMs()}-${this.#made}`;
  }

  #endUnused(entry: UsedEntry, afterMs: number): void {
    const { clock } = this.#means;
    entry.cancelTimer = clock.after(afterMs, () => {
      const leftMs = entry.usedMs + V2_INSTANCE_TIMEOUT_MS - clock.monotonicMs();
      if (leftMs > 0) this.#endUnused(entry, leftMs);
      else void this.#end(entry);
    });
  }

  async #end(entry: UsedEntry): Promise<void> {
    this.#forget(entry);
    try {
      await entry.instance.close({ settled: false });
    } catch (error) {
      this.#report(error);
    }
  }

  #forget(entry: UsedEntry): void {
    const { group, name } = entry.instance.identity;
    entry.cancelTimer();
    // A deletion that took long may find another one of its name.
    if (this.#entries.get(keyOf(group, name)) === entry) this.#entries.delete(keyOf(group, name));
  }

  /** What a request would be told as well is no fault of the server. */
  #report(error: unknown): void {
    if (error instanceof MillraceError || error instanceof HttpError) return;
    this.#means.log.error({ err: error }, 'a consumer instance failed unexpectedly');
  }
}

function keyOf(group: string, name: string): string {
  // Neither holds a control character.
  return `${group}\n${name}`;
}
