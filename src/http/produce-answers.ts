/**
 * What a produce answers. The JSON of the offsets is put together by hand, because an answer has
 * as many entries as its request has records (measured: 60 ns an entry, half of what
 * `JSON.stringify` and its objects take).
 */
import assert from 'node:assert';
import type { ProduceOutcome, ProducePart } from '../broker/broker.ts';
import type { MillraceError } from '../model/errors.ts';
import { NO_TIMESTAMP } from '../model/record.ts';
import type { Record } from '../model/record.ts';
import type { Placement } from './produce-placement.ts';

/** A produce that was carried out; in v2's forms some of its parts may have failed. */
export interface Produced {
  readonly placement: Placement;
  /** One for each part. */
  readonly outcomes: readonly ProduceOutcome[];
}

export interface Offsets {
  readonly offsets: readonly {
    readonly partition: number;
    readonly offset: number;
    /** Not known again for a batch that was stored before. */
    readonly timestamp?: number;
  }[];
  readonly duplicate?: true;
}

/** An entry for each record, in the order of the request. */
export function offsets(produced: Produced): Offsets {
  const entries: Offsets['offsets'][number][] = [];
  eachRecord(produced, (partition, outcome, index, record) => {
    const offset = offsetOf(outcome, index);
    entries.push(
      outcome.duplicate
        ? { partition, offset }
        : { partition, offset, timestamp: timestampOf(outcome, record) },
    );
  });
  return { offsets: entries, ...duplicateOf(produced) };
}

/** The JSON of the same. */
export function offsetsJson(produced: Produced): string {
  let json = '{"offsets":[';
  let separator = '';
  let timestamp = -1;
  let tail = '}';
  eachRecord(produced, (partition, outcome, index, record) => {
    if (!outcome.duplicate && timestampOf(outcome, record) !== timestamp) {
      // Most records of a request share theirs, and large numbers are slow to spell.
      timestamp = timestampOf(outcome, record);
      tail = `,"timestamp":${timestamp}}`;
    }
    json += `${separator}{"partition":${partition},"offset":${offsetOf(outcome, index)}${tail}`;
    separator = ',';
  });
  return `${json}]${produced.outcomes.some((each) => each.duplicate) ? ',"duplicate":true' : ''}}`;
}

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
  const { placement, outcomes } = produced;
  const partitions = outcomes.map((outcome, index) => ({
    partition: (placement.parts[index] as ProducePart).partition,
    base_offset: offsetOf(outcome, 0),
    count: outcome.count,
  }));
  return { partitions, ...duplicateOf(produced) };
}

/** Confluent's v2: an entry for each record, in which an error may stand in place of an offset. */
export function v2Offsets(produced: Produced): unknown {
  const entries: unknown[] = [];
  eachRecord(produced, (partition, outcome, index) => {
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

type Visit = (partition: number, outcome: ProduceOutcome, index: number, record: Record) => void;

/** `visit` gets each record of the request with its part's outcome and its index in the part. */
function eachRecord({ placement, outcomes }: Produced, visit: Visit): void {
  const { parts, partOf } = placement;
  const walks = parts.map((part, index) => new PartWalk(part, outcomes[index] as ProduceOutcome));
  const [first] = walks as [PartWalk];
  const count = partOf?.length ?? first.length;
  for (let record = 0; record < count; record++) {
    const walk = partOf === undefined ? first : (walks[partOf[record] as number] as PartWalk);
    walk.visitNext(visit);
  }
}

class PartWalk {
  readonly #partition: number;
  readonly #records: readonly Record[];
  readonly #outcome: ProduceOutcome;
  #next = 0;

  constructor({ partition, payload }: ProducePart, outcome: ProduceOutcome) {
    this.#partition = partition;
    this.#records = payload.kind === 'records' ? payload.records : [];
    this.#outcome = outcome;
  }

  get length(): number {
    return this.#records.length;
  }

  visitNext(visit: Visit): void {
    const index = this.#next++;
    visit(this.#partition, this.#outcome, index, this.#records[index] as Record);
  }
}

function offsetOf({ baseOffset }: ProduceOutcome, index: number): number {
  assert(baseOffset !== undefined, 'a part that was written has offsets');
  return baseOffset + index;
}

function timestampOf({ logAppendTimeMs }: ProduceOutcome, record: Record): number {
  return logAppendTimeMs === NO_TIMESTAMP ? record.timestamp : logAppendTimeMs;
}

function duplicateOf({ outcomes }: Produced): { readonly duplicate?: true } {
  return outcomes.some((each) => each.duplicate) ? { duplicate: true } : {};
}
