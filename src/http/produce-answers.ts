/**
 * What a produce answers. The text of the offsets is put together by hand, because an answer has
 * as many entries as its request has records (measured: 60 ns an entry of JSON, half of what
 * `JSON.stringify` and its objects take; of MessagePack a sixth of what its encoder takes).
 */
import assert from 'node:assert';
import type { ProduceOutcome } from '../broker/broker.ts';
import {
  MSGPACK_TRUE,
  msgpackArray,
  msgpackInteger,
  msgpackMap,
  msgpackText,
} from './msgpack-text.ts';
import type { MillraceError } from '../model/errors.ts';
import { NO_TIMESTAMP } from '../model/record.ts';
import type { Share, Shares } from './produce-placement.ts';

/** A produce that was carried out; in v2's forms some of its parts may have failed. */
export interface Produced extends Shares {
  /** One for each part. */
  readonly outcomes: readonly ProduceOutcome[];
}

/**
 * `{offsets: [{partition, offset, timestamp}], duplicate?: true}`: an entry for each record, in
 * the order of the request. The timestamp of a batch that was stored before is not known again.
 */
export function offsetsJson(produced: Produced): string {
  let json = '{"offsets":[';
  let separator = '';
  let timestamp = Number.NaN;
  let tail = '';
  eachRecord(produced, ({ partition }, outcome, index, createMs) => {
    if (!outcome.duplicate && timestampOf(outcome, createMs) !== timestamp) {
      // Most records of a request share theirs, and large numbers are slow to spell.
      timestamp = timestampOf(outcome, createMs);
      tail = `,"timestamp":${timestamp}`;
    }
    const offset = offsetOf(outcome, index);
    json += `${separator}{"partition":${partition},"offset":${offset}${outcome.duplicate ? '' : tail}}`;
    separator = ',';
  });
  return `${json}]${isDuplicate(produced) ? ',"duplicate":true' : ''}}`;
}

/** The same in MessagePack. */
export function offsetsMsgpack(produced: Produced): Buffer {
  let entries = '';
  let count = 0;
  let timestamp = Number.NaN;
  let tail = '';
  eachRecord(produced, ({ partition }, outcome, index, createMs) => {
    if (!outcome.duplicate && timestampOf(outcome, createMs) !== timestamp) {
      timestamp = timestampOf(outcome, createMs);
      tail = TIMESTAMP + msgpackInteger(timestamp);
    }
    const members = outcome.duplicate ? 2 : 3;
    const head = msgpackMap(members) + PARTITION + msgpackInteger(partition) + OFFSET;
    entries += head + msgpackInteger(offsetOf(outcome, index)) + (outcome.duplicate ? '' : tail);
    count++;
  });
  const duplicate = isDuplicate(produced) ? DUPLICATE : '';
  const head = msgpackMap(duplicate === '' ? 1 : 2) + OFFSETS + msgpackArray(count);
  return Buffer.from(head + entries + duplicate, 'latin1');
}

const OFFSETS = msgpackText('offsets');
const PARTITION = msgpackText('partition');
const OFFSET = msgpackText('offset');
const TIMESTAMP = msgpackText('timestamp');
const DUPLICATE = msgpackText('duplicate') + MSGPACK_TRUE;

export interface WrittenPartitions {
  readonly partitions: readonly {
    readonly partition: number;
    readonly base_offset: number;
    readonly count: number;
  }[];
  readonly duplicate?: true;
}

/** The short form: the records of one request in one partition are contiguous, in its order. */
export function writtenPartitions(produced: Produced): WrittenPartitions {
  const { shares, outcomes } = produced;
  const partitions = outcomes.map((outcome, index) => ({
    partition: (shares[index] as Share).partition,
    base_offset: offsetOf(outcome, 0),
    count: outcome.count,
  }));
  return { partitions, ...duplicateOf(produced) };
}

/** Confluent's v2: an entry for each record, in which an error may stand in place of an offset. */
export function v2Offsets(produced: Produced): unknown {
  const entries: unknown[] = [];
  eachRecord(produced, ({ partition }, outcome, index) => {
    const { error } = outcome;
    entries.push({
      partition,
      offset: error === undefined ? offsetOf(outcome, index) : null,
      error_code: error === undefined ? null : v2ErrorCode(error),
      error: error === undefined ? null : error.message,
    });
  });
  return {
    offsets: entries,
    key_schema_id: null,
    value_schema_id: null,
    ...duplicateOf(produced),
  };
}

/** v2's own numbers within an answer: 1 cannot be retried, 2 can. */
function v2ErrorCode(error: MillraceError): number {
  return error.retriable ? 2 : 1;
}

type Visit = (share: Share, outcome: ProduceOutcome, index: number, createMs: number) => void;

/** `visit` gets each record of the request: whose share it is in, at which index, and its time. */
function eachRecord({ shares, partOf, outcomes }: Produced, visit: Visit): void {
  const walks = shares.map((share, index) => new Walk(share, outcomes[index] as ProduceOutcome));
  const [first] = walks as [Walk];
  const count = partOf?.length ?? first.length;
  for (let record = 0; record < count; record++) {
    const walk = partOf === undefined ? first : (walks[partOf[record] as number] as Walk);
    walk.visitNext(visit);
  }
}

class Walk {
  readonly #share: Share;
  readonly #outcome: ProduceOutcome;
  #next = 0;

  constructor(share: Share, outcome: ProduceOutcome) {
    this.#share = share;
    this.#outcome = outcome;
  }

  get length(): number {
    return this.#share.timestamps.length;
  }

  visitNext(visit: Visit): void {
    const index = this.#next++;
    visit(this.#share, this.#outcome, index, this.#share.timestamps[index] as number);
  }
}

function offsetOf({ baseOffset }: ProduceOutcome, index: number): number {
  assert(baseOffset !== undefined, 'a part that was written has offsets');
  return baseOffset + index;
}

function timestampOf({ logAppendTimeMs }: ProduceOutcome, createMs: number): number {
  return logAppendTimeMs === NO_TIMESTAMP ? createMs : logAppendTimeMs;
}

function isDuplicate({ outcomes }: Produced): boolean {
  return outcomes.some(({ duplicate }) => duplicate);
}

function duplicateOf(produced: Produced): { readonly duplicate?: true } {
  return isDuplicate(produced) ? { duplicate: true } : {};
}
