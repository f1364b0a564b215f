/**
 * Produce: first everything is checked, then, in the same turn of the event loop, every part takes
 * its place in its log, and then each part's outcome is awaited. So a refusal always means that
 * nothing was written, and what was checked still holds when it is appended.
 *
 * Batches take their places in the order of the calls, though compressed ones must be inflated
 * first, which may take many turns: what came behind them waits for them (place-order.ts).
 *
 * One part of records is the hot path (tens of thousands a second): one log lookup and one
 * promise, because each further one is some 2 % of what such a request costs.
 */
import assert from 'node:assert/strict';
import { checkClientBatches } from '../../codec/client-batches.ts';
import type { InflateLine } from '../../codec/inflate-line.ts';
import { MillraceError } from '../../model/errors.ts';
import { quote } from '../../model/names.ts';
import { batchBytesAtMost } from '../../storage/append-check.ts';
import { recordsInput } from '../../storage/log-appender.ts';
import type { AppendInput, RecordsInput } from '../../storage/log-appender.ts';
import type { ProduceOutcome, ProducePart } from '../broker.ts';
import { inPart } from '../refusals.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import type { Partition } from './partition.ts';
import type { PlaceOrder } from './place-order.ts';
import type { ProducerIds } from './producer-ids.ts';
import type { Topics } from './topics.ts';

export interface ProduceMeans {
  /** Throws once the broker closes: no append begins after that. */
  readonly checkOpen: () => void;
  readonly topics: Pick<Topics, 'get' | 'partition'>;
  readonly producerIds: Pick<ProducerIds, 'check'>;
  readonly inFlight: BytesInFlight;
  readonly line: InflateLine;
  readonly order: PlaceOrder;
}

type RecordsPayload = Extract<ProducePart['payload'], { kind: 'records' }>;

const NOT_WRITTEN = { written: 'no' } as const;

export function produceParts(
  means: ProduceMeans,
  parts: readonly ProducePart[],
): Promise<readonly ProduceOutcome[]> {
  const [part] = parts;
  return parts.length === 1 && part?.payload.kind === 'records'
    ? produceRecords(means, part, part.payload)
    : produceMany(means, parts);
}

function produceRecords(
  means: ProduceMeans,
  part: ProducePart,
  payload: RecordsPayload,
): Promise<readonly ProduceOutcome[]> {
  // What is thrown in here rejects.
  return new Promise((resolve) => {
    const input = inputOfRecords(part, payload);
    const bytes = input.bytesAtMost;
    means.inFlight.take(bytes);
    try {
      append(checked(means, part, input), input, answering(means.inFlight, bytes, resolve));
    } catch (error) {
      means.inFlight.give(bytes);
      throw error;
    }
  });
}

/** In a function of its own, so that it holds nothing but what it needs (see `append`). */
function answering(
  inFlight: BytesInFlight,
  bytes: number,
  resolve: (outcomes: readonly ProduceOutcome[]) => void,
): (outcome: ProduceOutcome) => void {
  return (outcome) => {
    inFlight.give(bytes);
    resolve([outcome]);
  };
}

async function produceMany(
  means: ProduceMeans,
  parts: readonly ProducePart[],
): Promise<readonly ProduceOutcome[]> {
  const bytes = parts.reduce((sum, part) => sum + bytesOf(part), 0);
  means.inFlight.take(bytes);
  try {
    const outcomes = placed(means, parts);
    return await Promise.all(outcomes instanceof Promise ? await outcomes : outcomes);
  } finally {
    means.inFlight.give(bytes);
  }
}

/** Each part has taken its place, or none has; at once, unless something is to be inflated first. */
function placed(means: ProduceMeans, parts: readonly ProducePart[]): Placed | Promise<Placed> {
  const places = parts.map(({ topic, partition }) => placeOf(topic, partition));
  checkDistinct(parts, places);
  const inputs = parts.map((part) => {
    const input = inputOf(means, part);
    // Its error is told below, unless a later part is refused at once.
    if (input instanceof Promise) input.catch(() => {});
    return input;
  });
  const ahead = means.order.ahead(places);
  if (ahead === undefined && !inputs.some((input) => input instanceof Promise)) {
    return place(means, parts, inputs as AppendInput[]);
  }
  const outcomes = placedLater(means, parts, { inputs, ahead });
  means.order.hold(places, outcomes);
  return outcomes;
}

interface WaitedFor {
  readonly inputs: readonly (AppendInput | Promise<AppendInput>)[];
  readonly ahead: Promise<unknown> | undefined;
}

async function placedLater(
  means: ProduceMeans,
  parts: readonly ProducePart[],
  { inputs, ahead }: WaitedFor,
): Promise<Placed> {
  const ready: AppendInput[] = [];
  for (const input of inputs) ready.push(await input);
  await ahead;
  return place(means, parts, ready);
}

type Placed = readonly Promise<ProduceOutcome>[];

function place(
  means: ProduceMeans,
  parts: readonly ProducePart[],
  inputs: readonly AppendInput[],
): Placed {
  const logs = parts.map((part, index) => checked(means, part, inputs[index] as AppendInput));
  return logs.map((log, index) => outcomeOf(log, inputs[index] as AppendInput));
}

/** The partition's log, once it and the producer's epoch let the input pass. */
function checked(means: ProduceMeans, part: ProducePart, input: AppendInput): Partition {
  means.checkOpen();
  const log = means.topics.partition(part.topic, part.partition, NOT_WRITTEN);
  if (input.kind === 'batches') {
    for (const batch of input.batches) if (batch.producerId !== -1) means.producerIds.check(batch);
  } else if (input.producer !== undefined) {
    means.producerIds.check(input.producer);
  }
  try {
    log.check(input);
  } catch (error) {
    throw inPart(error, part);
  }
  return log;
}

function outcomeOf(log: Partition, input: AppendInput): Promise<ProduceOutcome> {
  return new Promise((resolve) => {
    append(log, input, resolve);
  });
}

/**
 * Nothing that waits for the flush holds the records: a thousand of them, alive until the disk is
 * done, are what the garbage collector would be busy with.
 */
function append(log: Partition, input: AppendInput, done: (outcome: ProduceOutcome) => void): void {
  const recordCount = countOf(input);
  log.append(input, {
    acknowledged: ({ baseOffset, count, logAppendTimeMs, duplicate }) => {
      const { logStartOffset } = log;
      done({ baseOffset, count, logAppendTimeMs, logStartOffset, duplicate, error: undefined });
    },
    failed: (error) =>
      done({
        baseOffset: undefined,
        count: recordCount,
        logAppendTimeMs: -1,
        logStartOffset: log.logStartOffset,
        duplicate: false,
        error,
      }),
  });
}

function countOf(input: AppendInput): number {
  if (input.kind === 'records') return input.records.length;
  return input.batches.reduce((sum, batch) => sum + batch.recordCount, 0);
}

/** A promise only where batches are compressed. */
function inputOf(means: ProduceMeans, part: ProducePart): AppendInput | Promise<AppendInput> {
  const { topic, payload, producer } = part;
  if (payload.kind === 'records') return inputOfRecords(part, payload);
  assert(producer === undefined, 'an encoded batch carries its own producer');
  const { config } = means.topics.get(topic, NOT_WRITTEN).topic;
  const { buffer, byteOffset, byteLength } = payload.bytes;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const { line } = means;
  const batches = checkClientBatches(bytes, { maxMessageBytes: config.maxMessageBytes, line });
  if (!(batches instanceof Promise)) return { kind: 'batches', bytes, batches };
  return batches.then((each) => ({ kind: 'batches', bytes, batches: each }));
}

function inputOfRecords(part: ProducePart, payload: RecordsPayload): RecordsInput {
  const { producer, topic, partition } = part;
  if (payload.records.length === 0) {
    throw new MillraceError(
      'INVALID_REQUEST',
      `there are no records for partition ${partition} of topic ${quote(topic)}`,
      { ...NOT_WRITTEN, details: { topic, partition } },
    );
  }
  return recordsInput(payload.records, producer);
}

function bytesOf({ payload }: ProducePart): number {
  return payload.kind === 'batches' ? payload.bytes.byteLength : batchBytesAtMost(payload.records);
}

/** Throws INVALID_REQUEST when two parts name one partition. */
function checkDistinct(parts: readonly ProducePart[], places: readonly string[]): void {
  const seen = new Set<string>();
  for (const [index, { topic, partition }] of parts.entries()) {
    const at = places[index] as string;
    if (seen.has(at)) {
      throw new MillraceError(
        'INVALID_REQUEST',
        `partition ${partition} of topic ${quote(topic)} is named twice`,
        { ...NOT_WRITTEN, details: { topic, partition } },
      );
    }
    seen.add(at);
  }
}

/** A topic name never holds a slash. */
function placeOf(topic: string, partition: number): string {
  return `${partition}/${topic}`;
}
