import { expect, test } from 'vitest';
import { batchFault } from '../../src/codec/batch-header.ts';
import { NO_TIMESTAMP } from '../../src/model/record.ts';
import { batchesIn, encodedBatch, recordsIn, textsOf } from '../support/batches.ts';
import { Scene } from './scene.ts';
import type { CreateBroker } from './scene.ts';

/** Where the bytes under the CRC begin: base offset and leader epoch before it are the server's. */
const CRC_AT = 17;

export function describeProduces(createBroker: CreateBroker): void {
  test('records get contiguous offsets from 0, in the order they came', async () => {
    const scene = await Scene.withTopic(createBroker);
    expect(await scene.produce(['a', 'b'])).toEqual({
      baseOffset: 0,
      count: 2,
      logAppendTimeMs: -1,
      logStartOffset: 0,
      duplicate: false,
      error: undefined,
    });
    expect(await scene.produce(['c'])).toMatchObject({ baseOffset: 2, count: 1 });
    const records = await recordsIn((await scene.fetch()).batches);
    expect(records.map((each) => each.offset)).toEqual([0, 1, 2]);
    expect(textsOf(records)).toEqual(['a', 'b', 'c']);
  });

  test('requests at the same time each get a range of their own, without a gap', async () => {
    const scene = await Scene.withTopic(createBroker);
    const requests = Array.from({ length: 20 }, (_, n) => scene.produce([`${n}.0`, `${n}.1`]));
    const outcomes = await Promise.all(requests);
    expect(outcomes.map((each) => each.baseOffset)).toEqual(outcomes.map((_, n) => 2 * n));
    expect(await scene.values()).toEqual(outcomes.flatMap((_, n) => [`${n}.0`, `${n}.1`]));
  });

  test('a request to several partitions and topics gets an outcome for each, in its order', async () => {
    const scene = await Scene.withTopic(createBroker, { partitions: 3 });
    await scene.broker.createTopic({ name: 'other' });
    await scene.produce(['before'], { partition: 2 });
    const part = (topic: string, partition: number, values: readonly string[]) => ({
      topic,
      partition,
      payload: { kind: 'records' as const, records: values.map((each) => scene.record(each)) },
    });
    const outcomes = await scene.broker.produce([
      part('t', 2, ['a', 'b']),
      part('other', 0, ['c']),
      part('t', 0, ['d', 'e', 'f']),
    ]);
    expect(outcomes).toMatchObject([
      { baseOffset: 1, count: 2, error: undefined },
      { baseOffset: 0, count: 1, error: undefined },
      { baseOffset: 0, count: 3, error: undefined },
    ]);
    expect(await scene.values(2)).toEqual(['before', 'a', 'b']);
    expect(await scene.values(0, 'other')).toEqual(['c']);
    expect(await scene.values(0)).toEqual(['d', 'e', 'f']);
    expect(await scene.values(1)).toEqual([]);
  });

  test('keys, values, headers and timestamps come back as they were', async () => {
    const scene = await Scene.withTopic(createBroker);
    const bytes = (...each: number[]): Buffer => Buffer.from(each);
    const records = [
      { key: null, value: bytes(0, 255), headers: [], timestamp: 1 },
      { key: bytes(), value: null, headers: [], timestamp: scene.clock.wallMs() },
      {
        key: bytes(1),
        value: bytes(),
        headers: [
          { key: 'ä', value: bytes(7) },
          { key: 'ä', value: null },
          { key: '', value: bytes() },
        ],
        timestamp: 0,
      },
      { key: null, value: null, headers: [], timestamp: NO_TIMESTAMP },
    ];
    await scene.produceRecords(records);
    const stored = await recordsIn((await scene.fetch()).batches);
    expect(stored).toEqual(records.map((record, offset) => ({ offset, ...record })));
  });

  test('one request may hold more than max.message.bytes: it becomes several batches', async () => {
    const scene = await Scene.withTopic(createBroker, { configs: { 'max.message.bytes': '300' } });
    const values = Array.from({ length: 20 }, (_, n) => String(n).padStart(100, '.'));
    expect(await scene.produce(values)).toMatchObject({ baseOffset: 0, count: 20 });
    expect(await scene.values()).toEqual(values);
    const batches = batchesIn((await scene.fetch()).batches);
    expect(batches.length).toBeGreaterThan(1);
    for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(300);
  });

  test('an encoded batch is stored as it came, but for its place', async () => {
    const scene = await Scene.withTopic(createBroker);
    await scene.produce(['before']);
    const first = encodedBatch([scene.record('a'), scene.record('b', { key: Buffer.from('k') })]);
    const second = encodedBatch([scene.record('c')]);
    const outcome = await scene.produceBatches(Buffer.concat([first, second]));
    expect(outcome).toMatchObject({ baseOffset: 1, count: 3, duplicate: false });
    const stored = batchesIn((await scene.fetch({ offset: 1 })).batches);
    expect(stored.map((each) => each.subarray(CRC_AT))).toEqual([
      first.subarray(CRC_AT),
      second.subarray(CRC_AT),
    ]);
    expect(await scene.values()).toEqual(['before', 'a', 'b', 'c']);
  });

  test('with LogAppendTime readers see the time of the server, in records and in batches', async () => {
    const configs = { 'message.timestamp.type': 'LogAppendTime' };
    const scene = await Scene.withTopic(createBroker, { configs });
    const appendedMs = scene.clock.wallMs();
    const ofAFuture = { timestamp: appendedMs * 2 };
    expect(await scene.produceRecords([scene.record('a', ofAFuture)])).toMatchObject({
      logAppendTimeMs: appendedMs,
    });
    scene.clock.advance(5);
    const batch = encodedBatch([scene.record('b', ofAFuture), scene.record('c')]);
    expect(await scene.produceBatches(batch)).toMatchObject({ logAppendTimeMs: appendedMs + 5 });
    const { batches } = await scene.fetch();
    const times = (await recordsIn(batches)).map((each) => each.timestamp);
    expect(times).toEqual([appendedMs, appendedMs + 5, appendedMs + 5]);
    for (const each of batchesIn(batches)) {
      expect(batchFault(each, 0, each.length)).toBeUndefined();
    }
  });

  test('what was acknowledged is counted', async () => {
    const scene = await Scene.withTopic(createBroker);
    await scene.produce(['a', 'b']);
    await scene.produce(['c']);
    const { recordsAppended, bytesAppended, produceInFlightBytes } = scene.broker.stats();
    const [description] = await scene.broker.describePartitions('t');
    expect(recordsAppended).toBe(3);
    expect(bytesAppended).toBe(description?.bytes);
    expect(produceInFlightBytes).toBe(0);
  });
}
