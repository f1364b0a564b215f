import { beforeEach, expect, test } from 'vitest';
import { BytesInFlight } from '../../../src/broker/local/bytes-in-flight.ts';
import { PlaceOrder } from '../../../src/broker/local/place-order.ts';
import type { Partition } from '../../../src/broker/local/partition.ts';
import { produceParts } from '../../../src/broker/local/produce.ts';
import { Topics } from '../../../src/broker/local/topics.ts';
import type { ProducePart } from '../../../src/broker/broker.ts';
import { shuttingDown, staleProducerEpoch } from '../../../src/broker/refusals.ts';
import { InflateLine } from '../../../src/codec/inflate-line.ts';
import { MillraceError } from '../../../src/model/errors.ts';
import { INFLATE_SYNC_BYTES_MAX } from '../../../src/model/limits.ts';
import { parseTopicConfig } from '../../../src/model/topic-config.ts';
import type { AppendWaiter } from '../../../src/storage/pending-flush.ts';
import { batchOf, compressedBatch } from '../../support/compressed-frames.ts';
import { encodedBatch, textRecord } from '../../support/batches.ts';
import { fakePartition } from '../../support/fake-partition.ts';

const IN_FLIGHT_BYTES_MAX = 10_000;

/** What happened to which partition, in order. */
let events: string[];
beforeEach(() => {
  events = [];
});

function loggedPartition(number: number, overrides: Partial<Partition> = {}): Partition {
  return fakePartition({
    check: () => void events.push(`check ${number}`),
    append: (input, { acknowledged }) => {
      events.push(`append ${number}`);
      const count = input.kind === 'records' ? input.records.length : input.batches.length;
      acknowledged({ baseOffset: 0, count, logAppendTimeMs: -1, duplicate: false });
    },
    ...overrides,
  });
}

/** Topic `t` with these partitions, and all that produce needs. */
function meansOf(...partitions: Partition[]) {
  const topics = new Topics();
  const config = parseTopicConfig(new Map());
  const partitionCount = partitions.length;
  const topic = { name: 't', topicId: '', partitionCount, config, configOverrides: new Map() };
  topics.add({ topic, partitions });
  const facts = { isOpen: true, staleProducerId: -2 };
  return {
    facts,
    topics,
    inFlight: new BytesInFlight(IN_FLIGHT_BYTES_MAX),
    line: new InflateLine(),
    order: new PlaceOrder(),
    checkOpen: () => {
      if (!facts.isOpen) throw shuttingDown({ written: 'no' });
    },
    producerIds: {
      check: (producer: { producerId: number; producerEpoch: number }) => {
        if (producer.producerId === facts.staleProducerId) throw staleProducerEpoch(producer, 9);
      },
    },
  };
}

function records(partition: number, ...values: string[]): ProducePart {
  const payload = { kind: 'records' as const, records: values.map((each) => textRecord(each)) };
  return { topic: 't', partition, payload };
}

function batches(partition: number, bytes: Buffer): ProducePart {
  return { topic: 't', partition, payload: { kind: 'batches', bytes } };
}

const PRODUCER = { producerId: 7, producerEpoch: 1, baseSequence: 0 };

test('all parts are checked before the first is appended', async () => {
  const means = meansOf(loggedPartition(0), loggedPartition(1));
  const batch = encodedBatch([textRecord('b')]);
  const outcomes = await produceParts(means, [batches(1, batch), records(0, 'a', 'c')]);
  expect(events).toEqual(['check 1', 'check 0', 'append 1', 'append 0']);
  expect(outcomes.map((each) => each.count)).toEqual([1, 2]);
});

test('a refusal of one part leaves all others unwritten', async () => {
  const refused = new MillraceError('DISK_FULL', 'full', { written: 'no' });
  const refusing = loggedPartition(1, {
    check: () => {
      throw refused;
    },
  });
  const means = meansOf(loggedPartition(0), refusing);
  await expect(produceParts(means, [records(0, 'a'), records(1, 'b')])).rejects.toBe(refused);
  await expect(produceParts(means, [records(1, 'b')])).rejects.toBe(refused);
  expect(events).toEqual(['check 0']);
});

test('once writing has begun each part has an outcome of its own', async () => {
  const error = new MillraceError('KAFKA_STORAGE_ERROR', 'EIO', { written: 'unknown' });
  const failing = loggedPartition(1, { append: (_input, { failed }) => failed(error) });
  const means = meansOf(loggedPartition(0), failing);
  const common = { logAppendTimeMs: -1, logStartOffset: 0, duplicate: false };
  const failed = { ...common, baseOffset: undefined, error };
  expect(await produceParts(means, [records(1, 'b', 'c'), records(0, 'a')])).toEqual([
    { ...failed, count: 2 },
    { ...common, baseOffset: 0, count: 1, error: undefined },
  ]);
  expect(await produceParts(means, [records(1, 'b')])).toEqual([{ ...failed, count: 1 }]);
});

test('a fault of ours is no outcome', async () => {
  const append = (): never => {
    throw new TypeError('a fault');
  };
  const means = meansOf(loggedPartition(0, { append }), loggedPartition(1));
  await expect(produceParts(means, [records(0, 'a')])).rejects.toThrow(TypeError);
  await expect(produceParts(means, [records(1, 'a'), records(0, 'a')])).rejects.toThrow(TypeError);
  expect(means.inFlight.bytes).toBe(0);
});

test('a stale epoch is refused before its partition is asked', async () => {
  const means = meansOf(loggedPartition(0));
  means.facts.staleProducerId = PRODUCER.producerId;
  const stale = { code: 'INVALID_PRODUCER_EPOCH', written: 'no' };
  const withProducer = { ...records(0, 'a'), producer: PRODUCER };
  await expect(produceParts(means, [withProducer])).rejects.toMatchObject(stale);
  const encoded = batches(0, encodedBatch([textRecord('a')], PRODUCER));
  await expect(produceParts(means, [encoded])).rejects.toMatchObject(stale);
  expect(events).toEqual([]);
});

test('the producer of records goes on to the log with them', async () => {
  let seen: unknown;
  const log = loggedPartition(0, { check: (input) => void (seen = input) });
  await produceParts(meansOf(log), [{ ...records(0, 'a'), producer: PRODUCER }]);
  expect(seen).toMatchObject({ kind: 'records', producer: PRODUCER });
});

test('bytes count as in flight until their outcome is known, whatever it is', async () => {
  let fail: AppendWaiter['failed'] | undefined;
  const append = (_input: unknown, { failed }: AppendWaiter): void => {
    fail = failed;
  };
  const means = meansOf(loggedPartition(0, { append }), loggedPartition(1));
  const producing = produceParts(means, [records(0, 'x'.repeat(5000))]);
  expect(means.inFlight.bytes).toBeGreaterThan(5000);
  const other = produceParts(means, [records(1, 'x'.repeat(9000))]);
  await expect(other).rejects.toMatchObject({
    code: 'THROTTLING_QUOTA_EXCEEDED',
    written: 'no',
    retriable: true,
  });
  const raw = produceParts(means, [batches(1, encodedBatch([textRecord('x'.repeat(9000))]))]);
  await expect(raw).rejects.toMatchObject({ code: 'THROTTLING_QUOTA_EXCEEDED' });
  fail?.(new MillraceError('DISK_FULL', 'full', { written: 'no' }));
  await producing;
  expect(means.inFlight.bytes).toBe(0);
  await produceParts(means, [records(1, 'x'.repeat(9000))]);
  await expect(produceParts(means, [records(9, 'x')])).rejects.toThrow();
  expect(means.inFlight.bytes).toBe(0);
});

test('what must be inflated is looked up again afterwards: its topic may be gone by then', async () => {
  const means = meansOf(loggedPartition(0));
  const bytes = compressedBatch(encodedBatch([textRecord('a')]), 'gzip');
  const producing = produceParts(means, [batches(0, bytes)]);
  means.topics.remove('t');
  await expect(producing).rejects.toMatchObject({
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
    written: 'no',
  });
  expect(events).toEqual([]);
});

/** Inflated off the event loop: many turns pass before it can be appended. */
function largeBatch(partition: number, mark: string): ProducePart {
  const batch = encodedBatch([textRecord(mark + 'x'.repeat(2 * INFLATE_SYNC_BYTES_MAX))]);
  return batches(partition, compressedBatch(batch, 'gzip'));
}

test('batches take their places in the order of the calls, inflated or not', async () => {
  const means = meansOf(loggedPartition(0), loggedPartition(1), loggedPartition(2));
  const small = encodedBatch([textRecord('b')]);
  await Promise.all([
    produceParts(means, [largeBatch(0, 'a')]),
    produceParts(means, [batches(1, Buffer.from(small))]),
    produceParts(means, [batches(2, Buffer.from(small)), batches(0, Buffer.from(small))]),
    produceParts(means, [largeBatch(2, 'c'), largeBatch(1, 'c')]),
    produceParts(means, [batches(2, Buffer.from(small))]),
  ]);
  const appends = events.filter((event) => event.startsWith('append'));
  expect(appends.map((event) => Number(event.slice(7)))).toEqual([1, 0, 2, 0, 2, 1, 2]);
});

test('batches behind one that is refused are appended all the same', async () => {
  const means = meansOf(loggedPartition(0));
  const bad = batches(0, batchOf(encodedBatch([textRecord('a')]), 1, Buffer.from('not gzip')));
  const refused = produceParts(means, [bad]);
  const next = produceParts(means, [batches(0, encodedBatch([textRecord('b')]))]);
  await expect(refused).rejects.toMatchObject({ code: 'CORRUPT_MESSAGE', written: 'no' });
  expect(await next).toMatchObject([{ count: 1, error: undefined }]);
});

test('a part that is refused at once leaves nothing behind of one being inflated', async () => {
  const means = meansOf(loggedPartition(0));
  const bad = batches(0, batchOf(encodedBatch([textRecord('a')]), 1, Buffer.from('not gzip')));
  const both = produceParts(means, [bad, batches(9, Buffer.from('no batch'))]);
  await expect(both).rejects.toMatchObject({
    code: 'CORRUPT_MESSAGE',
    details: { field: 'batch header' },
  });
  await means.line.run(async () => {});
  expect(means.inFlight.bytes).toBe(0);
});

test('nothing is appended once the broker closes, also not what was already being checked', async () => {
  const means = meansOf(loggedPartition(0));
  const bytes = compressedBatch(encodedBatch([textRecord('a')]), 'gzip');
  const producing = produceParts(means, [batches(0, bytes)]);
  means.facts.isOpen = false;
  await expect(producing).rejects.toMatchObject({ code: 'SHUTTING_DOWN', written: 'no' });
  await expect(produceParts(means, [records(0, 'a')])).rejects.toMatchObject({
    code: 'SHUTTING_DOWN',
  });
  expect(events).toEqual([]);
});

test('one partition is named once in a request', async () => {
  const means = meansOf(loggedPartition(0), loggedPartition(1));
  const twice = [records(0, 'a'), records(1, 'b'), records(0, 'c')];
  await expect(produceParts(means, twice)).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    written: 'no',
    details: { topic: 't', partition: 0 },
  });
  expect(events).toEqual([]);
});

test('no parts are no outcomes', async () => {
  expect(await produceParts(meansOf(), [])).toEqual([]);
});
