/**
 * What a partition's log owes to those who wrote to it and read from it, over all its lives:
 * records acknowledged or shown are there for ever, in their place and byte for byte, until they
 * are deleted; what was refused never appears; nothing appears that nobody wrote, or twice.
 *
 * Every record that is written has a text of its own.
 */
import { baseOffsetAt, lastOffsetAt } from '../../src/codec/batch-header.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { batchesIn, recordsIn, textsOf } from './batches.ts';
import { readAll } from './partition-fixture.ts';

type Fate = 'open' | 'acknowledged' | 'refused';

export class LogOracle {
  /** Of every record that anybody tried to write. */
  readonly #fates = new Map<string, Fate>();
  /** Offset -> text, of what was acknowledged or shown. */
  readonly #owed = new Map<number, string>();
  /** Base offset -> the bytes of a batch that was shown. */
  readonly #shown = new Map<number, Buffer>();
  #faults: string[] = [];
  /** Records below it were deleted, and that was acknowledged. */
  #deletedBelow = 0;
  /** Records below it may have been deleted. */
  #mayBeDeletedBelow = 0;

  get owedCount(): number {
    return this.#owed.size;
  }

  began(texts: readonly string[]): void {
    for (const text of texts) this.#fates.set(text, 'open');
  }

  acknowledged(baseOffset: number, texts: readonly string[]): void {
    for (const [index, text] of texts.entries()) {
      this.#fates.set(text, 'acknowledged');
      this.#owe(baseOffset + index, text, 'acknowledged');
    }
  }

  /** With `written: 'no'`. What is unknown stays open. */
  refused(texts: readonly string[]): void {
    for (const text of texts) this.#fates.set(text, 'refused');
  }

  deleteBegan(beforeOffset: number): void {
    this.#mayBeDeletedBelow = Math.max(this.#mayBeDeletedBelow, beforeOffset);
  }

  deleted(logStartOffset: number): void {
    this.#deletedBelow = Math.max(this.#deletedBelow, logStartOffset);
    this.deleteBegan(logStartOffset);
  }

  /** Bytes that a reader was given. */
  async saw(bytes: Buffer): Promise<void> {
    for (const batch of batchesIn(bytes)) {
      const baseOffset = baseOffsetAt(batch, 0);
      const before = this.#shown.get(baseOffset);
      if (before !== undefined && !before.equals(batch)) {
        this.#fault(`the batch at ${baseOffset} was shown with other bytes before`);
      }
      this.#shown.set(baseOffset, Buffer.from(batch));
      const records = await recordsIn(batch);
      for (const { offset, value } of records) {
        const text = String(value);
        if (!this.#fates.has(text)) this.#fault(`${offset} shows ${text}, which nobody wrote`);
        if (this.#fates.get(text) === 'refused') {
          this.#fault(`${offset} shows ${text}, which was refused as not written`);
        }
        this.#owe(offset, text, 'shown');
      }
    }
  }

  /** A power cut in the weaker mode: what was not synced by then is owed no more. */
  forgive(durableOffset: number): void {
    for (const offset of this.#owed.keys()) {
      if (offset >= durableOffset) this.#owed.delete(offset);
    }
    for (const [baseOffset, batch] of this.#shown) {
      if (lastOffsetAt(batch, 0) >= durableOffset) this.#shown.delete(baseOffset);
    }
  }

  /** Holds a log that was just opened against all this; answers what is wrong. */
  async faultsOf(log: PartitionLog, expectedState = 'online'): Promise<readonly string[]> {
    if (log.state !== expectedState) this.#fault(`it is ${log.state}: ${log.reason}`);
    const { logStartOffset, highWatermark } = log;
    if (logStartOffset < this.#deletedBelow || logStartOffset > this.#mayBeDeletedBelow) {
      this.#fault(
        `the log start is ${logStartOffset}, not ${this.#deletedBelow} to ${this.#mayBeDeletedBelow}`,
      );
    }
    const bytes = await readAll(log);
    await this.saw(bytes);
    const records = await recordsIn(bytes);
    const found = new Map(records.map(({ offset }, at) => [offset, textsOf(records)[at]]));
    for (const [offset, text] of this.#owed) {
      if (offset < logStartOffset) continue;
      if (found.get(offset) !== text) {
        this.#fault(`offset ${offset} owes ${text} and has ${found.get(offset)}`);
      }
    }
    for (let offset = logStartOffset; offset < highWatermark; offset += 1) {
      if (!found.has(offset)) this.#fault(`there is a gap at ${offset}`);
    }
    const texts = new Set(found.values());
    if (texts.size !== found.size) this.#fault('a record is there twice');
    return this.#faults;
  }

  #owe(offset: number, text: string, how: string): void {
    const before = this.#owed.get(offset);
    if (before !== undefined && before !== text) {
      this.#fault(`offset ${offset} was ${how} as ${text} and is owed as ${before}`);
    }
    this.#owed.set(offset, text);
  }

  #fault(what: string): void {
    if (this.#faults.length < 20) this.#faults.push(what);
  }
}
