/**
 * The records of one partition as they come, one bounded read at a time: the next is made only
 * when the reader took what it was given. Ends at an offset, after a number of records, or with
 * an error frame when it must: topic deleted or made anew, offset trimmed, partition offline,
 * server stopping, reader too slow.
 */
import type { Broker, FetchResult, Topic } from '../broker/broker.ts';
import type { Clock } from '../model/clock.ts';
import { MillraceError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import { STREAM_HEARTBEAT_MS, STREAM_READ_BYTES } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import type { ByteSource } from './answer-body.ts';
import { errorBody } from './errors.ts';
import { isNoRoom } from '../broker/fetch-budget.ts';
import type { FetchBudget, Hold } from '../broker/fetch-budget.ts';
import { Inflater } from './inflater.ts';
import { RecordChunks } from './record-chunks.ts';
import { errorToTell, readerStalled, StreamEnding } from './stream-ending.ts';
import type { StreamFrames } from './stream-frames.ts';

export interface StreamRequest {
  /** As it was when the stream began; its namesake after a deletion is another topic. */
  readonly topic: Topic;
  readonly partition: number;
  readonly from: number;
  /** Where it ends; undefined: stays open. */
  readonly to: number | undefined;
  readonly recordsMax: number | undefined;
}

export interface StreamSetting {
  readonly broker: Broker;
  readonly log: Log;
  readonly clock: Clock;
  readonly budget: FetchBudget;
  readonly stopping: AbortSignal;
}

export class StreamSource implements ByteSource {
  readonly #request: StreamRequest;
  readonly #setting: StreamSetting;
  readonly #frames: StreamFrames;
  readonly #ending: StreamEnding;
  /** Where the next read begins. */
  #offset: number;
  #recordsLeft: number;
  #chunks: RecordChunks | undefined;
  #hold: Hold | undefined;
  #inflater: Inflater | undefined;

  constructor(request: StreamRequest, frames: StreamFrames, setting: StreamSetting) {
    this.#request = request;
    this.#frames = frames;
    this.#setting = setting;
    this.#offset = request.from;
    this.#recordsLeft = request.recordsMax ?? Number.MAX_SAFE_INTEGER;
    this.#ending = new StreamEnding(setting.stopping);
  }

  async next(): Promise<Buffer | undefined> {
    if (this.#ending.isOver) return undefined;
    try {
      return await this.#nextFrames();
    } catch (error) {
      return this.#endWith(error);
    }
  }

  farewell(): Buffer {
    return this.#endWith(readerStalled());
  }

  close(): void {
    this.#ending.close();
    this.#forget();
  }

  async #nextFrames(): Promise<Buffer | undefined> {
    const { budget } = this.#setting;
    for (;;) {
      this.#ending.checkServing();
      if (this.#ending.signal.aborted) return undefined;
      const chunk = await this.#nextChunk();
      if (chunk === NO_ROOM) {
        await budget.change(this.#ending.signal);
        continue;
      }
      if (chunk !== undefined) return chunk;
      if (this.#offset >= (this.#request.to ?? Infinity) || this.#recordsLeft === 0) {
        this.#ending.isOver = true;
        return undefined;
      }
      const { batches } = await this.#read();
      if (this.#ending.signal.aborted) continue;
      if (batches.length === 0 && this.#request.to === undefined) return this.#frames.heartbeat;
      if (batches.length === 0) {
        // What was to come is gone: a gap that reaches to the end (src/storage/doctor/repair-plan.ts).
        this.#ending.isOver = true;
        return undefined;
      }
      this.#hold = budget.tryTake(2 * batches.length);
      if (this.#hold === undefined) {
        // Nothing is kept while waiting for room: it is read again, from where it was.
        await budget.change(this.#ending.signal);
        continue;
      }
      const { to } = this.#request;
      const span = { batches, from: this.#offset, to, recordsMax: this.#recordsLeft };
      const inflater = (this.#inflater = new Inflater(budget));
      this.#chunks = new RecordChunks({ ...span, inflater }, this.#frames.records);
    }
  }

  async #nextChunk(): Promise<Buffer | typeof NO_ROOM | undefined> {
    const chunks = this.#chunks;
    if (chunks === undefined) return undefined;
    const before = chunks.recordCount;
    let chunk: Buffer | undefined;
    try {
      chunk = await chunks.next();
    } catch (error) {
      if (!isNoRoom(error)) throw error;
      this.#forget();
      return NO_ROOM;
    }
    this.#offset = chunks.nextOffset;
    this.#recordsLeft -= chunks.recordCount - before;
    if (chunk === undefined || chunks.isOver) this.#forget();
    return chunk;
  }

  async #read(): Promise<FetchResult> {
    const { broker } = this.#setting;
    const { topic, partition, to } = this.#request;
    const results = await broker.fetch({
      partitions: [
        { topic: topic.name, partition, offset: this.#offset, maxBytes: STREAM_READ_BYTES },
      ],
      minBytes: 1,
      maxBytes: STREAM_READ_BYTES,
      maxWaitMs: to === undefined ? STREAM_HEARTBEAT_MS : 0,
      signal: this.#ending.signal,
    });
    const result = results[0] as FetchResult;
    if (result.error !== undefined) throw result.error;
    // A topic of the same name has offsets of its own, which this reader must not be shown.
    const { topicId } = await broker.topic(topic.name);
    if (topicId !== topic.topicId) throw madeAnew(topic.name);
    return result;
  }

  #forget(): void {
    this.#chunks = undefined;
    this.#inflater?.release();
    this.#inflater = undefined;
    this.#hold?.release();
    this.#hold = undefined;
  }

  #endWith(thrown: unknown): Buffer {
    this.#ending.isOver = true;
    this.#forget();
    return this.#frames.error(errorBody(errorToTell(thrown, this.#setting.log)));
  }
}

const NO_ROOM = Symbol('no room to inflate a batch');

function madeAnew(topic: string): MillraceError {
  return new MillraceError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `topic ${quote(topic)} was deleted and made anew; read the new one from its own offsets`,
    { details: { topic } },
  );
}
