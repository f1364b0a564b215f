/**
 * The append side of a partition: one flush at a time takes all that waits, writes once, syncs
 * once, and only then acknowledges (group commit). While it is on its way the next one fills.
 *
 * Promises: in a default topic nothing is acknowledged before fdatasync has returned; a failed
 * flush fails all that queued behind it and gives their offsets back; no flush spans two segments.
 * What becomes of the partition after a failure is in append-failure.ts.
 */
import { setImmediate as endOfThisTurn } from 'node:timers/promises';
import type { MillraceError } from '../model/errors.ts';
import { CHECKPOINT_INTERVAL_BYTES, FLUSH_BYTES_MAX, INT32_MAX } from '../model/limits.ts';
import { messageOf, queuedBehind, settleFailedFlush } from './append-failure.ts';
import type { FlushPhase } from './append-failure.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import { PendingFlush } from './pending-flush.ts';
import type { SealedFlush } from './pending-flush.ts';
import { noSpace } from './replace-file.ts';
import { mustRollByAge } from './retention.ts';
import { rollSegment } from './roll.ts';
import { addBatch } from './segment.ts';
import { SyncPolicy } from './sync-policy.ts';

export class LogWriter {
  readonly #context: LogContext;
  readonly #checkpointer: Checkpointer;
  readonly #syncPolicy: SyncPolicy;
  /** Not yet begun, in order; only the last one still fills. */
  #queue: PendingFlush[] = [];
  #inFlight: PendingFlush | undefined;
  #running: Promise<void> | undefined;
  #rollIsDue = false;
  #bytesSinceCheckpoint = 0;

  constructor(context: LogContext, checkpointer: Checkpointer) {
    this.#context = context;
    this.#checkpointer = checkpointer;
    this.#syncPolicy = new SyncPolicy(context, () => this.#start());
  }

  /** The flush that takes `bytes` more as one whole; the caller adds to it in this very turn. */
  filling(bytes: number): PendingFlush {
    const { config, state, clock, shared } = this.#context;
    const last = this.#queue.at(-1);
    const bytesMax = Math.min(FLUSH_BYTES_MAX, config.segmentBytes);
    if (last !== undefined && last.bytes + bytes <= bytesMax) return last;
    const next = new PendingFlush({
      baseOffset: state.logEndOffset,
      appendMs: clock.wallMs(),
      config,
      takeWriter: () => shared.writers.take(),
    });
    this.#queue.push(next);
    this.#start();
    return next;
  }

  /** The flush not yet acknowledged that holds `offset`. */
  pendingFlushOf(offset: number): PendingFlush | undefined {
    const holds = (each: PendingFlush): boolean =>
      each.baseOffset <= offset && offset < each.endOffset;
    if (this.#inFlight !== undefined && holds(this.#inFlight)) return this.#inFlight;
    return this.#queue.find(holds);
  }

  /** Closes the active segment if it is too old; resolves when that is done. */
  async rollIfOld(): Promise<void> {
    this.#rollIsDue = true;
    this.#start();
    await this.idle();
  }

  /** Resolves when nothing is queued or on its way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Brings all that is readable to stable storage; in a default topic it is there already. */
  async syncAll(): Promise<void> {
    if (this.#syncPolicy.isBehind()) this.#syncPolicy.requestSync();
    await this.idle();
  }

  /** Ends the writing in order: what is queued is flushed and everything is synced. */
  async stop(): Promise<void> {
    await this.idle();
    await this.syncAll();
    this.#syncPolicy.stop();
  }

  /** Ends the writing at once: what is queued fails with `error`, what is on its way is waited for. */
  async abort(error: MillraceError): Promise<void> {
    this.#syncPolicy.stop();
    this.#failQueue(error);
    await this.idle();
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // All requests that the event loop hands out in this turn share one flush.
    await endOfThisTurn();
    while (this.#queue.length > 0 || this.#rollIsDue || this.#syncPolicy.isSyncRequested) {
      if (this.#queue.length > 0) await this.#flush(this.#queue[0] as PendingFlush);
      else await this.#tidyUp();
    }
    this.#running = undefined;
  }

  async #flush(flush: PendingFlush): Promise<void> {
    const { state, openFiles } = this.#context;
    let phase: FlushPhase = 'open';
    let sealed: SealedFlush;
    let synced = false;
    try {
      if (this.#mustRoll(flush)) await this.#roll();
      if (this.#queue[0] !== flush) return; // `abort` was faster.
      // No turn may pass between this decision and the seal: the flush would grow beyond it.
      this.#queue.shift();
      this.#inFlight = flush;
      sealed = flush.seal(state.durableOffset);
      const { baseOffset, bytes: position } = state.active;
      const path = segmentPath(this.#context, baseOffset);
      synced = this.#syncPolicy.isDueWith(flush.endOffset - flush.baseOffset);
      await openFiles.use(path, async (file) => {
        phase = 'write';
        const written = await file.write(sealed.chunks, position);
        if (written !== sealed.bytes) throw noSpace(path, sealed.bytes, written);
        if (!synced) return;
        phase = 'sync';
        await file.sync();
      });
    } catch (error) {
      await this.#fail(flush, phase, error);
      return;
    }
    this.#advance(flush, sealed, synced);
    await this.#checkpointIfDue(sealed.bytes);
  }

  /** The moment of truth: what was flushed becomes readable and is acknowledged. */
  #advance(flush: PendingFlush, sealed: SealedFlush, synced: boolean): void {
    const { state, tail, shared } = this.#context;
    const { active, activeIndexes } = state;
    for (const batch of sealed.batches) {
      addBatch(active, batch, flush.appendMs);
      activeIndexes.add(active, batch);
    }
    state.highWatermark = flush.endOffset;
    state.bytesAppended += sealed.bytes;
    state.check();
    if (synced) state.markDurable();
    for (const id of flush.producerIds) state.producers.settle(id, state.durableOffset);
    tail.add(flush.baseOffset, flush.endOffset, keptBytes(flush, sealed));
    const writer = flush.releaseWriter();
    if (writer !== undefined) shared.writers.give(writer);
    this.#inFlight = undefined;
    shared.counters.flushes += 1;
    shared.counters.bytesAppended += sealed.bytes;
    shared.counters.recordsAppended += flush.endOffset - flush.baseOffset;
    this.#syncPolicy.wrote(flush.endOffset - flush.baseOffset, synced);
    for (const waiter of flush.waiters) waiter.acknowledge();
    this.#context.changed();
  }

  async #fail(flush: PendingFlush, phase: FlushPhase, cause: unknown): Promise<void> {
    const { state, shared } = this.#context;
    const error = await settleFailedFlush(this.#context, { phase, error: cause });
    const writer = flush.releaseWriter();
    if (writer !== undefined) shared.writers.give(writer);
    this.#inFlight = undefined;
    if (this.#queue[0] === flush) this.#queue.shift();
    for (const waiter of flush.waiters) waiter.fail(error);
    this.#failQueue(queuedBehind(error));
    state.check();
    this.#context.changed();
  }

  /** Everything that was given an offset and not acknowledged is gone, offsets included. */
  #failQueue(error: MillraceError): void {
    const { state, shared } = this.#context;
    const queued = this.#queue;
    this.#queue = [];
    const end = this.#inFlight?.endOffset ?? state.highWatermark;
    state.logEndOffset = end;
    state.producers.rollback(end);
    for (const flush of queued) {
      const writer = flush.releaseWriter();
      if (writer !== undefined) shared.writers.give(writer);
      for (const waiter of flush.waiters) waiter.fail(error);
    }
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
    if (this.#syncPolicy.isBehind()) await this.#sync();
    await rollSegment(this.#context, this.#checkpointer);
    this.#bytesSinceCheckpoint = 0;
  }

  /** Work that no append asked for; its failure concerns nobody who waits. */
  async #tidyUp(): Promise<void> {
    const { state, config, clock, log, directory } = this.#context;
    const roll = this.#rollIsDue && mustRollByAge(state.active, config, clock.wallMs());
    this.#rollIsDue = false;
    try {
      if (this.#syncPolicy.isSyncRequested) await this.#sync();
      if (roll) await this.#roll();
    } catch (error) {
      log.warn({ directory, error }, `an old segment was not closed: ${messageOf(error)}`);
    }
  }

  /** Weaker mode only: brings the durable offset up to the high watermark, or fences. */
  async #sync(): Promise<void> {
    const { state, openFiles } = this.#context;
    try {
      await openFiles.use(segmentPath(this.#context, state.active.baseOffset), (f) => f.sync());
    } catch (error) {
      this.#syncPolicy.stop();
      throw await settleFailedFlush(this.#context, { phase: 'sync', error });
    }
    state.markDurable();
    this.#syncPolicy.synced();
    this.#context.changed();
  }

  async #checkpointIfDue(flushedBytes: number): Promise<void> {
    this.#bytesSinceCheckpoint += flushedBytes;
    // One more flush of this size must not cross the bound on what recovery has to read.
    if (this.#bytesSinceCheckpoint + flushedBytes <= CHECKPOINT_INTERVAL_BYTES) return;
    this.#bytesSinceCheckpoint = 0;
    try {
      if (this.#syncPolicy.isBehind()) await this.#sync();
      await this.#checkpointer.save();
    } catch (error) {
      const { log, directory } = this.#context;
      log.warn({ directory, error }, 'a checkpoint was not written; recovery would read more');
    }
  }
}

/**
 * What the tail cache keeps. A single encoded batch is kept as it came; our own bytes are copied,
 * because their buffer is used again at once.
 */
function keptBytes(flush: PendingFlush, sealed: SealedFlush): Buffer {
  const [only] = sealed.chunks;
  if (sealed.chunks.length === 1 && only !== undefined && flush.isForeign(only)) return only;
  return Buffer.concat(sealed.chunks as Buffer[], sealed.bytes);
}
