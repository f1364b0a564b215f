/**
 * The append side of a partition: one flush at a time takes all that waits, writes once, syncs
 * once, and only then acknowledges (group commit). While it is on its way the next one fills.
 *
 * Promises: in a default topic nothing is acknowledged before fdatasync has returned; a failed
 * flush fails all that queued behind it and gives their offsets back; no flush spans two segments;
 * once the partition is offline no flush is begun. What becomes of the partition after a failure
 * is in append-failure.ts.
 */
import { setImmediate as endOfThisTurn } from 'node:timers/promises';
import type { MillraceError } from '../model/errors.ts';
import { CHECKPOINT_INTERVAL_BYTES, INT32_MAX } from '../model/limits.ts';
import { queuedBehind, settleFailedFlush } from './append-failure.ts';
import type { FlushPhase } from './append-failure.ts';
import type { Checkpointer } from './checkpointer.ts';
import { assertDiskError, certainly, messageOf, UncertainError } from './disk-errors.ts';
import { fence } from './fence.ts';
import { FlushQueue } from './flush-queue.ts';
import { keepFlushInTail } from './flush-tail.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import type { PendingFlush, SealedFlush } from './pending-flush.ts';
import { noSpace } from './replace-file.ts';
import { mustRollByAge } from './retention.ts';
import { rollSegment } from './roll.ts';
import { addBatch } from './segment.ts';
import { isSyncDue, SyncTimer } from './sync-policy.ts';

export class LogWriter {
  readonly #context: LogContext;
  readonly #checkpointer: Checkpointer;
  readonly #syncTimer: SyncTimer;
  readonly #queue: FlushQueue;
  /** Run between two flushes, before the next one: a busy partition must not starve them. */
  readonly #chores: (() => Promise<void>)[] = [];
  #inFlight: PendingFlush | undefined;
  /** Done, and its waiters not told yet; see `#run`. */
  #flushed: PendingFlush | undefined;
  #running: Promise<void> | undefined;

  constructor(context: LogContext, checkpointer: Checkpointer) {
    this.#context = context;
    this.#checkpointer = checkpointer;
    this.#queue = new FlushQueue(context);
    this.#syncTimer = new SyncTimer(context.clock, () => void this.#syncInTime());
  }

  /** The flush that takes `bytes` more as one whole; the caller adds to it in this very turn. */
  filling(bytes: number): PendingFlush {
    const flush = this.#queue.filling(bytes);
    this.#start();
    return flush;
  }

  /** The flush not yet acknowledged that holds `offset`. */
  pendingFlushOf(offset: number): PendingFlush | undefined {
    return this.#inFlight?.holds(offset) === true ? this.#inFlight : this.#queue.find(offset);
  }

  /** Closes the active segment if it is too old; resolves when that is done or has failed. */
  rollIfOld(): Promise<void> {
    return this.#betweenFlushes('an old segment was not closed', async () => {
      const { status, state, config, clock } = this.#context;
      if (status.state !== 'online') return;
      if (mustRollByAge(state.active, config, clock.wallMs())) await this.#roll();
    });
  }

  /** Brings all that is readable to stable storage, unless that fails: compare the offsets. */
  syncAll(): Promise<void> {
    return this.#betweenFlushes('a sync failed', () => this.#sync());
  }

  async #syncInTime(): Promise<void> {
    await this.syncAll();
    const { state, status, config } = this.#context;
    const isBehind = state.durableOffset < state.highWatermark;
    if (isBehind && !status.isFenced && !status.isEnded) this.#syncTimer.start(config);
  }

  /** Ends the writing in order: what is queued is flushed and everything is synced. */
  async stop(): Promise<void> {
    await this.#idle();
    await this.syncAll();
    this.#syncTimer.stop();
  }

  /** Ends the writing at once: what is queued fails with `error`, what is on its way is waited for. */
  async abort(error: MillraceError): Promise<void> {
    this.#failQueue(error);
    await this.#idle();
    this.#syncTimer.stop();
  }

  /** Resolves when nothing is queued or on its way; only for the end, when nothing more comes. */
  async #idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #betweenFlushes(failure: string, chore: () => Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      this.#chores.push(async () => {
        try {
          await chore();
        } catch (error) {
          assertDiskError(error);
          const { log, directory } = this.#context;
          log.warn({ directory, error }, `${failure}: ${messageOf(error)}`);
          if (error instanceof UncertainError) await this.#fence(error);
        }
        resolve();
      });
      this.#start();
    });
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const { status, shared } = this.#context;
    // All requests that the event loop hands out in this turn share one flush.
    await endOfThisTurn();
    for (;;) {
      const chore = this.#chores.shift();
      const flush = this.#queue.first;
      if (chore !== undefined) {
        this.#acknowledge();
        await chore();
      } else if (flush === undefined) {
        break;
      } else if (status.state === 'offline') {
        this.#failQueue(status.offlineError());
      } else {
        const flushed = shared.flushTurns.run(() => this.#flush(flush));
        // While the disk is at work on this flush, those of the last one get their answers: with
        // 64 connections the answers cost as much time as the sync.
        this.#acknowledge();
        await flushed;
      }
    }
    this.#acknowledge();
    this.#running = undefined;
  }

  async #flush(flush: PendingFlush): Promise<void> {
    const { state, openFiles, status } = this.#context;
    let phase: FlushPhase = 'open';
    let sealed: SealedFlush;
    let synced = false;
    try {
      if (this.#mustRoll(flush)) await this.#roll();
      // While it waited or rolled, `abort` or a fence was faster; the loop looks again.
      if (this.#queue.first !== flush || status.state === 'offline') return;
      // No turn may pass between this decision and the seal: the flush would grow beyond it.
      this.#inFlight = this.#queue.takeFirst();
      sealed = flush.seal(state.durableOffset);
      const { baseOffset, bytes: position } = state.active;
      const path = segmentPath(this.#context, baseOffset);
      synced = isSyncDue(this.#context.config, flush.endOffset - state.durableOffset);
      await openFiles.use(path, async (file) => {
        phase = 'write';
        const written = await file.write(sealed.chunks, position);
        if (written !== sealed.bytes) throw noSpace(path, sealed.bytes, written);
        if (!synced) return;
        phase = 'sync';
        await certainly(`the sync of ${path} failed`, file.sync());
      });
      status.checkUnfenced();
    } catch (error) {
      assertDiskError(error);
      await this.#fail(flush, phase, error);
      return;
    }
    this.#advance(flush, sealed, synced);
    await this.#checkpointIfDue(sealed.bytes);
  }

  /** The moment of truth: what was flushed becomes readable and is acknowledged. */
  #advance(flush: PendingFlush, sealed: SealedFlush, synced: boolean): void {
    const { state, tail, shared, config, clock } = this.#context;
    const { active, activeIndexes } = state;
    // Ages count from here: a flush may have begun to fill long ago, behind one on a slow disk.
    const appendMs = clock.wallMs();
    for (const batch of sealed.batches) {
      addBatch(active, batch, appendMs);
      activeIndexes.add(active, batch);
    }
    state.highWatermark = flush.endOffset;
    state.bytesAppended += sealed.bytes;
    state.check();
    if (synced) this.#markDurable();
    else this.#syncTimer.start(config);
    for (const id of flush.producerIds) state.producers.settle(id, state.durableOffset);
    keepFlushInTail(tail, flush, sealed);
    flush.release(shared.writers);
    this.#inFlight = undefined;
    shared.counters.flushes += 1;
    shared.counters.bytesAppended += sealed.bytes;
    shared.counters.recordsAppended += flush.endOffset - flush.baseOffset;
    this.#flushed = flush;
  }

  /** Tells those who wait for the last flush, and readers, that it is there. */
  #acknowledge(): void {
    const flushed = this.#flushed;
    if (flushed === undefined) return;
    this.#flushed = undefined;
    for (const { waiter, result } of flushed.waiters) waiter.acknowledged(result);
    this.#context.changed();
  }

  async #fail(flush: PendingFlush, phase: FlushPhase, cause: unknown): Promise<void> {
    const { state, shared } = this.#context;
    const error = await settleFailedFlush(this.#context, { phase, error: cause });
    if (this.#queue.first === flush) this.#queue.takeFirst();
    this.#inFlight = undefined;
    flush.release(shared.writers);
    for (const { waiter } of flush.waiters) waiter.failed(error);
    this.#failQueue(queuedBehind(error));
    state.check();
    this.#context.changed();
  }

  /** Everything that was given an offset and has not begun is gone, offsets included. */
  #failQueue(error: MillraceError): void {
    const { state } = this.#context;
    const end = this.#inFlight?.endOffset ?? state.highWatermark;
    state.logEndOffset = end;
    state.producers.rollback(end);
    this.#queue.failAll(error);
  }

  #mustRoll(flush: PendingFlush): boolean {
    const { state, config, clock } = this.#context;
    const { active } = state;
    if (active.bytes === 0) return false;
    const bytes = active.bytes + flush.bytes;
    return (
      bytes > config.segmentBytes ||
      bytes > INT32_MAX ||
      flush.endOffset - active.baseOffset > INT32_MAX ||
      mustRollByAge(active, config, clock.wallMs())
    );
  }

  async #roll(): Promise<void> {
    await this.#sync();
    await rollSegment(this.#context, this.#checkpointer);
    await this.#checkpoint();
  }

  /** Weaker mode only: elsewhere all that is readable is on stable storage. */
  async #sync(): Promise<void> {
    const { state, openFiles, status } = this.#context;
    if (state.durableOffset === state.highWatermark || status.isFenced) return;
    const path = segmentPath(this.#context, state.active.baseOffset);
    await openFiles.use(path, (file) => certainly(`the sync of ${path} failed`, file.sync()));
    this.#markDurable();
    this.#context.changed();
  }

  #markDurable(): void {
    this.#context.state.markDurable();
    this.#syncTimer.stop();
  }

  async #checkpointIfDue(flushedBytes: number): Promise<void> {
    const { state } = this.#context;
    state.bytesSinceCheckpoint += flushedBytes;
    // One more flush of this size must not cross the bound on what recovery has to read.
    if (state.bytesSinceCheckpoint + flushedBytes <= CHECKPOINT_INTERVAL_BYTES) return;
    this.#acknowledge();
    await this.#checkpoint();
  }

  /** Its failure makes the next recovery read more; the next flush tries again. */
  async #checkpoint(): Promise<void> {
    try {
      await this.#sync();
      await this.#checkpointer.save();
      this.#context.state.bytesSinceCheckpoint = 0;
    } catch (error) {
      assertDiskError(error);
      const { log, directory } = this.#context;
      log.warn({ directory, error }, 'a checkpoint was not written; recovery would read more');
      if (error instanceof UncertainError) await this.#fence(error);
    }
  }

  async #fence(error: UncertainError): Promise<void> {
    await fence(this.#context, error);
    this.#context.changed();
  }
}
