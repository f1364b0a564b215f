/**
 * Whether a partition takes appends and answers reads, and the error that says why not.
 *
 * online    -> read-only (a full disk keeps the tail from being mended) -> online
 * online    -> offline (damage, or fenced after a failed sync: for the rest of this process)
 * read-only -> offline (the same, met by a read or by another try to mend the tail)
 * any       -> ended (closing, or the topic was deleted)
 */
import { MillraceError } from '../model/errors.ts';
import type { PartitionState } from '../model/partition-state.ts';
import { UncertainError } from './disk-errors.ts';

export class LogStatus {
  #state: PartitionState = 'online';
  #reason: string | undefined;
  #isFenced = false;
  #isMarked = false;
  #ended: 'closed' | 'discarded' | undefined;

  get state(): PartitionState {
    return this.#state;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  /** What the disk holds is not known: nothing is acknowledged any more. */
  get isFenced(): boolean {
    return this.#isFenced;
  }

  /** Throws UncertainError: for work that waited, while other work may have failed. */
  checkUnfenced(): void {
    if (this.#isFenced) throw new UncertainError('fenced meanwhile', this.#reason);
  }

  /** Whether the fence's marker is on stable storage. */
  get isMarked(): boolean {
    return this.#isMarked;
  }

  get isEnded(): boolean {
    return this.#ended !== undefined;
  }

  readOnly(reason: string): void {
    if (this.#state !== 'online') return;
    this.#state = 'read-only';
    this.#reason = reason;
  }

  /** Ends `read-only`; nothing ends `offline`. */
  healed(): void {
    if (this.#state !== 'read-only') return;
    this.#state = 'online';
    this.#reason = undefined;
  }

  /** The first reason stays: it is the cause of the later ones. */
  offline(reason: string): void {
    if (this.#state === 'offline') return;
    this.#state = 'offline';
    this.#reason = reason;
  }

  fence(reason: string): void {
    this.offline(reason);
    this.#isFenced = true;
  }

  marked(): void {
    this.#isMarked = true;
  }

  end(how: 'closed' | 'discarded'): void {
    this.#ended ??= how;
    if (how === 'discarded') this.#ended = how;
  }

  /** Why nothing can be appended now, or undefined. */
  appendRefusal(): MillraceError | undefined {
    const ended = this.endedError();
    if (ended !== undefined) return ended;
    if (this.#state === 'offline') return this.offlineError();
    if (this.#state === 'read-only') {
      return new MillraceError('DISK_FULL', `the partition is read-only: ${this.#reason}`, {
        written: 'no',
        retriable: true,
        details: { state: this.#state, reason: this.#reason },
      });
    }
    return undefined;
  }

  /** For those whose write never began because of it. */
  offlineError(): MillraceError {
    return new MillraceError('KAFKA_STORAGE_ERROR', `the partition is offline: ${this.#reason}`, {
      written: 'no',
      details: { state: this.#state, reason: this.#reason },
    });
  }

  /** Why no call of any kind is answered any more, or undefined. A read has nothing written. */
  endedError(call: 'read' | 'change' = 'change'): MillraceError | undefined {
    const facts = call === 'change' ? { written: 'no' as const } : {};
    if (this.#ended === 'closed') {
      return new MillraceError('SHUTTING_DOWN', 'the server is stopping', {
        ...facts,
        retriable: true,
      });
    }
    if (this.#ended === 'discarded') {
      return new MillraceError('UNKNOWN_TOPIC_OR_PARTITION', 'the topic was deleted', facts);
    }
    return undefined;
  }
}
