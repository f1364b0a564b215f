/** Batches with a place in a log, as they stand in a segment. */
import { setBatchPlace } from '../../src/codec/batch-header.ts';
import { encodedBatch, textRecord } from './batches.ts';

export interface Placed {
  readonly baseOffset: number;
  /** First offset of the flush that wrote it. Default: its own first offset. */
  readonly flushStart?: number;
  /** A record each. */
  readonly texts: readonly string[];
  /** Of all its records. Default 0. */
  readonly timestamp?: number;
}

export function placedBatch({ baseOffset, flushStart, texts, timestamp = 0 }: Placed): Buffer {
  const bytes = encodedBatch(texts.map((text) => textRecord(text, { timestamp })));
  setBatchPlace(bytes, 0, { baseOffset, leaderEpoch: baseOffset - (flushStart ?? baseOffset) });
  return bytes;
}

/** `count` batches of one record each, back to back, each a flush of its own. */
export function placedRun(baseOffset: number, count: number, textBytes = 10): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, at) => {
      const text = `${baseOffset + at}`.padEnd(textBytes, '.');
      return placedBatch({ baseOffset: baseOffset + at, texts: [text] });
    }),
  );
}
