/**
 * One record of a stored batch as the writers of answers see it: where its parts lie in the
 * batch's bytes, and the same bytes as *byte text*, a string with one character per byte
 * (latin1). One view serves a whole batch; no object is made for a record.
 *
 * Why byte text: putting an answer together as a string and turning it into bytes once was
 * measured at twice the speed of copying into a buffer piece by piece (a call into native code
 * for each piece), and `JSON.parse` takes a slice of it without another copy. JSON's grammar has
 * no character above 0x7f outside strings, so byte text is JSON exactly when the UTF-8 text is,
 * provided that the bytes are UTF-8; that is proved apart (`record-chunks.ts`).
 */
import {
  attributesAt,
  BATCH_HEADER_BYTES,
  baseOffsetAt,
  baseTimestampAt,
  LOG_APPEND_TIME_BIT,
  maxTimestampAt,
  recordCountAt,
} from '../codec/batch-header.ts';
import { RecordCursor } from '../codec/record-cursor.ts';

export class RecordView {
  offset = -1;
  timestamp = -1;
  /** Where key, value and headers lie in `bytes`, and at the same positions in `text`. */
  readonly at: RecordCursor;
  readonly bytes: Buffer;
  readonly text: string;
  readonly #baseOffset: number;
  readonly #baseTimestamp: number;
  /** Of a LogAppendTime batch, shown for all its records; else undefined. */
  readonly #appendTime: number | undefined;
  #left: number;

  /** `batch` is one whole uncompressed batch (`plainBatch`). */
  constructor(batch: Buffer) {
    this.bytes = batch;
    this.text = batch.toString('latin1');
    this.at = new RecordCursor(batch, BATCH_HEADER_BYTES, batch.length);
    this.#baseOffset = baseOffsetAt(batch, 0);
    this.#baseTimestamp = baseTimestampAt(batch, 0);
    const isAppendTime = (attributesAt(batch, 0) & LOG_APPEND_TIME_BIT) !== 0;
    this.#appendTime = isAppendTime ? maxTimestampAt(batch, 0) : undefined;
    this.#left = recordCountAt(batch, 0);
  }

  /** Steps to the next record; false behind the last. Throws CORRUPT_MESSAGE if it does not fit. */
  next(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    this.at.next();
    this.offset = this.#baseOffset + this.at.offsetDelta;
    this.timestamp = this.#appendTime ?? this.#baseTimestamp + this.at.timestampDelta;
    return true;
  }
}

/** What a writer makes of the record a view stands on, as byte text. */
export type WriteRecord = (record: RecordView) => string;

/** How records look in one kind of answer. */
export interface RecordFormat {
  /** Takes every stored text for UTF-8. */
  readonly write: WriteRecord;
  /**
   * The same, but looks at each stored text by itself; used where an answer made by `write`
   * turns out not to be UTF-8. Undefined: `write` puts no stored bytes into text.
   */
  readonly writeChecked: WriteRecord | undefined;
}

/** The partition that records are shown to be of. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
}

/** Any text as byte text of its UTF-8. */
export function byteText(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

const NOT_ASCII = /[^\0-\x7f]/;
