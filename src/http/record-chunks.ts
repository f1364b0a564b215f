/**
 * Turns stored batches into the bytes of an answer, a bounded chunk at a time, so that no turn of
 * the event loop is long and no more is held than one chunk. Every kind of answer that shows
 * single records goes through here: pages, streams, and one partition's part of a larger answer.
 *
 * It promises that no record outside [from, to) is shown, that `nextOffset` is where the next
 * read has to begin at any moment, and that text a chunk claims to be UTF-8 is UTF-8.
 */
import { isUtf8 } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { lastOffsetAt } from '../codec/batch-header.ts';
import { batchEndAt } from '../codec/batch-reader.ts';
import { asBuffer } from '../codec/bytes.ts';
import { ANSWER_CHUNK_BYTES } from '../model/limits.ts';
import type { Inflater } from './inflater.ts';
import type { RecordFormat, WriteRecord } from './record-view.ts';
import { RecordView } from './record-view.ts';

export interface RecordSpan {
  /** Whole batches back to back; other readers may share the bytes. */
  readonly batches: Uint8Array;
  /** Nothing below it is shown. */
  readonly from: number;
  /** Nothing at or above it is shown. Default: everything there is. */
  readonly to?: number | undefined;
  readonly recordsMax?: number | undefined;
  /** Of the answer that is made; it may end before all is shown (see there). */
  readonly inflater: Inflater;
}

/** The state that a chunk begins with, to write it once more. */
interface Mark {
  readonly at: number;
  readonly nextOffset: number;
  readonly recordCount: number;
}

export class RecordChunks {
  /** The offset behind the last record shown; behind the last batch once all are through. */
  nextOffset: number;
  /** Records shown so far. */
  recordCount = 0;
  readonly #format: RecordFormat;
  readonly #batches: Buffer;
  readonly #to: number;
  readonly #recordsMax: number;
  /** Where the batch that is open begins, or the next one when none is. */
  #at = 0;
  #open: RecordView | undefined;
  readonly #inflater: Inflater;
  /** There was no room for the batch at `#at`. */
  #isCut = false;

  constructor(span: RecordSpan, format: RecordFormat) {
    this.#batches = asBuffer(span.batches);
    this.nextOffset = span.from;
    this.#to = span.to ?? Number.MAX_SAFE_INTEGER;
    this.#recordsMax = span.recordsMax ?? Number.MAX_SAFE_INTEGER;
    this.#inflater = span.inflater;
    this.#format = format;
  }

  /** The next chunk, of about ANSWER_CHUNK_BYTES or one record; undefined behind the last. */
  async next(): Promise<Buffer | undefined> {
    const mark = { at: this.#at, nextOffset: this.nextOffset, recordCount: this.recordCount };
    const { write, writeChecked } = this.#format;
    const text = await this.#write(write);
    if (text === '') return undefined;
    const chunk = Buffer.from(text, 'latin1');
    // One look at a whole chunk instead of one at each text: writers put ASCII before and after
    // whatever was stored, so the chunk is UTF-8 exactly when each stored text in it is.
    if (writeChecked === undefined || isUtf8(chunk)) return chunk;
    this.#rewind(mark);
    return Buffer.from(await this.#write(writeChecked), 'latin1');
  }

  async #write(write: WriteRecord): Promise<string> {
    let text = '';
    while (!this.#isDone()) {
      if (this.#at === this.#batches.length) break;
      const end = batchEndAt(this.#batches, this.#at);
      const batch = this.#batches.subarray(this.#at, end);
      if (this.#open === undefined && lastOffsetAt(batch, 0) >= this.nextOffset) {
        const opening = this.#inflater.open(batch);
        const plain = opening instanceof Promise ? await opening : opening;
        if (plain === undefined) {
          this.#isCut = true;
          break;
        }
        this.#open = new RecordView(plain);
      }
      if (this.#open !== undefined) {
        text += this.#writeBatch(this.#open, write, ANSWER_CHUNK_BYTES - text.length);
        if (text.length >= ANSWER_CHUNK_BYTES || this.#isDone()) break;
        this.nextOffset = Math.max(this.nextOffset, Math.min(lastOffsetAt(batch, 0) + 1, this.#to));
      }
      this.#open = undefined;
      this.#at = end;
    }
    return text;
  }

  #writeBatch(record: RecordView, write: WriteRecord, charsMax: number): string {
    let text = '';
    while (text.length < charsMax && !this.#isDone() && record.next()) {
      if (record.offset < this.nextOffset) continue;
      if (record.offset >= this.#to) {
        this.nextOffset = this.#to;
        break;
      }
      text += write(record);
      this.nextOffset = record.offset + 1;
      this.recordCount++;
    }
    return text;
  }

  /** Whether `next` would find nothing; false may also mean that it is not known yet. */
  get isOver(): boolean {
    return this.#isDone() || (this.#at === this.#batches.length && this.#open === undefined);
  }

  #isDone(): boolean {
    return this.#isCut || this.recordCount >= this.#recordsMax || this.nextOffset >= this.#to;
  }

  #rewind(mark: Mark): void {
    this.#open = undefined;
    this.#isCut = false;
    this.#at = mark.at;
    this.nextOffset = mark.nextOffset;
    this.recordCount = mark.recordCount;
  }
}

/** All chunks, made in as many turns of the event loop. */
export async function allChunks(chunks: RecordChunks): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for (let chunk = await chunks.next(); chunk !== undefined; chunk = await chunks.next()) {
    all.push(chunk);
    if (chunks.isOver) break;
    await nextTurn();
  }
  return all;
}

/** For formats that put a comma before each record. */
export function withoutFirstComma([first, ...rest]: readonly Buffer[]): Buffer[] {
  return first === undefined ? [] : [first.subarray(1), ...rest];
}
