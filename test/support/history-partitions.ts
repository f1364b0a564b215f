/**
 * What a history says about records. Of each partition it keeps who owns which offset (by an
 * acknowledgement or because it was shown), and how far the log is known to reach on both sides.
 */
import { aboutPlace } from './history.ts';
import type { Answer, Operation, Place, ShownRecord } from './history.ts';
import type { Report, Rules } from './history-checker.ts';
import { PartitionLedger } from './history-ledger.ts';
import { RecordFates } from './history-records.ts';

type Fetched = Extract<Answer, { kind: 'fetched' }>;

export class PartitionRules implements Rules {
  readonly #report: Report;
  readonly #fates = new RecordFates();
  readonly #ledgers = new Map<string, PartitionLedger>();
  /** By topic id. */
  readonly #retention = new Map<string, { readonly ms: number; readonly bytes: number }>();
  /** What an operation that began then has to see. */
  readonly #bounds = new Map<Operation, { readonly start: number; readonly end: number }>();
  readonly #producerIds = new Set<number>();

  constructor(report: Report) {
    this.#report = report;
  }

  began(operation: Operation): void {
    const { ask } = operation;
    if (!('place' in ask)) return;
    const ledger = this.#ledgerOf(ask.place);
    const { start, end } = ledger;
    this.#bounds.set(operation, { start, end });
    if (ask.kind === 'produce') this.#fates.began(operation, ask);
    if (ask.kind === 'delete records') {
      ledger.startMax = Math.max(ledger.startMax, ask.before === -1 ? Infinity : ask.before);
    }
  }

  ended(operation: Operation, answer: Answer): void {
    const { ask } = operation;
    if (answer.kind === 'topics') {
      for (const { topicId, retentionMs: ms, retentionBytes: bytes } of answer.topics) {
        this.#retention.set(topicId, { ms, bytes });
      }
    } else if (answer.kind === 'producer id') this.#producerId(answer.producerId);
    else if (ask.kind === 'produce') this.#produced(operation, ask, answer);
    else if (ask.kind === 'fetch' && answer.kind === 'fetched') {
      this.#fetched(operation, ask, answer);
    } else if (ask.kind === 'delete records' && answer.kind === 'log start') {
      this.#startShown(operation, ask.place, answer.offset);
    }
  }

  finish(): void {
    for (const ledger of this.#ledgers.values()) ledger.checkOrder();
  }

  #producerId(producerId: number): void {
    if (this.#producerIds.has(producerId)) {
      this.#report('producer id given twice', 'the server', `producer id ${producerId}`);
    }
    this.#producerIds.add(producerId);
  }

  #produced(
    operation: Operation,
    ask: { readonly place: Place; readonly texts: readonly string[]; readonly sequence?: number },
    answer: Answer,
  ): void {
    const { place, texts } = ask;
    if (answer.kind === 'refused') {
      if (answer.code === 'OUT_OF_ORDER_SEQUENCE_NUMBER') {
        const text = `what sequence ${ask.sequence} follows is forgotten`;
        this.#report('lost', aboutPlace(place), text);
      }
      if (answer.written === 'no') this.#refused(place, texts);
    }
    if (answer.kind !== 'produced') return;
    const ledger = this.#ledgerOf(place);
    for (const [index, text] of texts.entries()) {
      this.#fates.acknowledged(text);
      ledger.claim(operation, { offset: answer.baseOffset + index, text }, 'acknowledged');
    }
  }

  #refused(place: Place, texts: readonly string[]): void {
    for (const text of texts) {
      this.#fates.refused(text);
      if (this.#fates.isRefused(text) && this.#ledgerOf(place).offsetOf(text) !== undefined) {
        this.#report('refused but appeared', aboutPlace(place), `${text}, shown before`);
      }
    }
  }

  #fetched(operation: Operation, ask: { place: Place; offset: number }, answer: Fetched): void {
    const { place, offset } = ask;
    const about = aboutPlace(place);
    const ledger = this.#ledgerOf(place);
    const { records, logStartOffset, highWatermark, isOnline, code } = answer;
    for (const record of records) {
      this.#checkWriter(place, record);
      ledger.claim(operation, record, 'shown');
    }
    const first = records[0]?.offset ?? offset;
    const isBroken = records.some((record, index) => record.offset !== first + index);
    const last = first + records.length - 1;
    if (isBroken || first > offset || (records.length > 0 && last < offset)) {
      const shown = records.map((each) => each.offset).join(' ');
      this.#report('gap', about, `a fetch from ${offset} shows ${shown}`);
    }
    if (!isOnline) return;
    const isWithin = offset >= logStartOffset && offset < highWatermark;
    if (records.length === 0 && isWithin && code === undefined) {
      this.#report('gap', about, `a fetch from ${offset} below ${highWatermark} shows nothing`);
    }
    if (records.length > 0 && last >= highWatermark) {
      this.#report('dirty', about, `${last} is shown above the high watermark ${highWatermark}`);
    }
    this.#startShown(operation, place, logStartOffset);
    this.#endShown(operation, place, highWatermark);
  }

  /** Whether the record was written, and there. */
  #checkWriter(place: Place, { offset, text }: ShownRecord): void {
    const about = aboutPlace(place);
    const writtenTo = this.#fates.writtenTo(text);
    if (writtenTo === undefined) this.#report('fabricated', about, `${offset} shows ${text}`);
    else if (this.#fates.isRefused(text)) {
      this.#report('refused but appeared', about, `${offset} shows ${text}`);
    } else if (!this.#fates.mayStandIn(text, place)) {
      this.#report('fabricated', about, `${offset} shows ${text} of ${aboutPlace(writtenTo)}`);
    }
  }

  #endShown(operation: Operation, place: Place, highWatermark: number): void {
    const ledger = this.#ledgerOf(place);
    const { end } = this.#bounds.get(operation) as { end: number };
    if (highWatermark < end) {
      const text = `the end is ${highWatermark} and was ${end}`;
      this.#report(ledger.missingKind(highWatermark, operation.life), aboutPlace(place), text);
    }
    ledger.end = Math.max(ledger.end, highWatermark);
  }

  #startShown(operation: Operation, place: Place, offset: number): void {
    const about = aboutPlace(place);
    const ledger = this.#ledgerOf(place);
    const { start } = this.#bounds.get(operation) as { start: number };
    if (offset < start) this.#report('stale', about, `the log start is ${offset} and was ${start}`);
    const { ms, bytes } = this.#retention.get(place.topicId) ?? { ms: -1, bytes: -1 };
    if (ms === -1 && bytes === -1 && offset > ledger.startMax) {
      this.#report('lost', about, `the log start is ${offset}, asked for was ${ledger.startMax}`);
    }
    // Only what was removed since the last look is looked at; what nobody asked to delete.
    const from = bytes === -1 && ms !== -1 ? Math.max(ledger.start, ledger.startMax) : offset;
    for (let at = from; at < offset; at += 1) {
      const sinceMs = this.#fates.beganMs(ledger.textAt(at));
      if (sinceMs === undefined || operation.endedMs - sinceMs >= ms) continue;
      this.#report('lost', about, `${at} left after ${operation.endedMs - sinceMs} ms of ${ms}`);
    }
    ledger.start = Math.max(ledger.start, offset);
  }

  #ledgerOf(place: Place): PartitionLedger {
    const about = aboutPlace(place);
    let ledger = this.#ledgers.get(about);
    if (ledger === undefined) {
      ledger = new PartitionLedger(about, this.#fates, this.#report);
      this.#ledgers.set(about, ledger);
    }
    return ledger;
  }
}
