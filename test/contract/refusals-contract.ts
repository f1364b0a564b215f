import { expect, test } from 'vitest';
import { encodedBatch, textRecord, withFlippedBit } from '../support/batches.ts';
import { refusal, Scene } from './scene.ts';
import type { CreateBroker } from './scene.ts';

export function describeRefusals(createBroker: CreateBroker): void {
  test('a missing topic or partition refuses the whole request, and nothing is written', async () => {
    const scene = await Scene.withTopic(createBroker, { partitions: 2 });
    const payload = { kind: 'records' as const, records: [scene.record('a')] };
    const good = { topic: 't', partition: 0, payload };
    const noTopic = await refusal(scene.broker.produce([good, { ...good, topic: 'missing' }]));
    expect(noTopic).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', written: 'no' });
    expect(noTopic.details).toEqual({ topic: 'missing' });
    for (const partition of [2, -1, 0.5]) {
      const error = await refusal(scene.broker.produce([good, { ...good, partition }]));
      expect(error).toMatchObject({
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
        written: 'no',
        details: { topic: 't', partition },
      });
    }
    expect(await scene.values()).toEqual([]);
  });

  test('a part without records, and two parts of one partition, are no request', async () => {
    const scene = await Scene.withTopic(createBroker);
    const part = {
      topic: 't',
      partition: 0,
      payload: { kind: 'records' as const, records: [scene.record('a')] },
    };
    const twice = await refusal(scene.broker.produce([part, part]));
    expect(twice).toMatchObject({ code: 'INVALID_REQUEST', written: 'no' });
    const empty = await refusal(scene.produceRecords([]));
    expect(empty).toMatchObject({ code: 'INVALID_REQUEST', written: 'no' });
    expect((await refusal(scene.produceBatches(Buffer.alloc(0)))).written).toBe('no');
    expect(await scene.values()).toEqual([]);
  });

  test('a record above max.message.bytes is refused by its index, and the others with it', async () => {
    const scene = await Scene.withTopic(createBroker, { configs: { 'max.message.bytes': '200' } });
    const error = await refusal(scene.produce(['a', 'x'.repeat(200), 'b']));
    expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', written: 'no' });
    expect(error.details['bad_records']).toMatchObject([{ record: 1, field: 'record' }]);
    expect(await scene.values()).toEqual([]);
  });

  test('max.message.bytes is exact: a batch of one of that size passes, a byte more does not', async () => {
    const bytes = encodedBatch([textRecord('x'.repeat(100))]).length;
    const configs = { 'max.message.bytes': String(bytes) };
    const scene = await Scene.withTopic(createBroker, { configs });
    await scene.produce(['x'.repeat(100)]);
    await scene.produceBatches(encodedBatch([scene.record('y'.repeat(100))]));
    const larger = 'z'.repeat(101);
    expect((await refusal(scene.produce([larger]))).code).toBe('MESSAGE_TOO_LARGE');
    const encoded = await refusal(scene.produceBatches(encodedBatch([scene.record(larger)])));
    expect(encoded).toMatchObject({ code: 'MESSAGE_TOO_LARGE', written: 'no' });
    expect(await scene.values()).toHaveLength(2);
  });

  test('no more than ten bad records are named', async () => {
    const scene = await Scene.withTopic(createBroker, { configs: { 'max.message.bytes': '100' } });
    const error = await refusal(scene.produce(Array.from({ length: 12 }, () => 'x'.repeat(100))));
    expect(error.details['bad_records']).toHaveLength(10);
  });

  test('a timestamp too far ahead or behind is refused, none is changed', async () => {
    const scene = await Scene.withTopic(createBroker, {
      configs: {
        'message.timestamp.after.max.ms': '1000',
        'message.timestamp.before.max.ms': '2000',
      },
    });
    const now = scene.clock.wallMs();
    await scene.produceRecords([
      scene.record('a', { timestamp: now + 1000 }),
      scene.record('b', { timestamp: now - 2000 }),
    ]);
    for (const timestamp of [now + 1001, now - 2001]) {
      const bad = scene.record('c', { timestamp });
      const error = await refusal(scene.produceRecords([scene.record('ok'), bad]));
      expect(error).toMatchObject({ code: 'INVALID_TIMESTAMP', written: 'no' });
      expect(error.details['bad_records']).toMatchObject([{ record: 1, field: 'timestamp' }]);
      const encoded = await refusal(scene.produceBatches(encodedBatch([bad])));
      expect(encoded).toMatchObject({ code: 'INVALID_TIMESTAMP', written: 'no' });
    }
    expect(await scene.values()).toEqual(['a', 'b']);
  });

  test('a bad record of several parts is named with its part', async () => {
    const configs = { 'max.message.bytes': '200' };
    const scene = await Scene.withTopic(createBroker, { partitions: 2, configs });
    const part = (partition: number, ...values: readonly string[]) => ({
      topic: 't',
      partition,
      payload: { kind: 'records' as const, records: values.map((value) => scene.record(value)) },
    });
    const long = 'x'.repeat(200);
    const error = await refusal(scene.broker.produce([part(0, 'a'), part(1, 'b', long)]));
    expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', written: 'no' });
    expect(error.details).toMatchObject({ topic: 't', partition: 1, bad_records: [{ record: 1 }] });
    expect(await scene.values(0)).toEqual([]);
  });

  test('one bad part of several refuses them all', async () => {
    const scene = await Scene.withTopic(createBroker, { partitions: 2 });
    const flipped = withFlippedBit(encodedBatch([scene.record('b')]), 65);
    const error = await refusal(
      scene.broker.produce([
        { topic: 't', partition: 0, payload: { kind: 'records', records: [scene.record('a')] } },
        { topic: 't', partition: 1, payload: { kind: 'batches', bytes: flipped } },
      ]),
    );
    expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE', written: 'no' });
    expect(await scene.values(0)).toEqual([]);
    expect(await scene.values(1)).toEqual([]);
  });

  test('encoded batches with a flipped bit or a missing end are refused whole', async () => {
    const scene = await Scene.withTopic(createBroker);
    const good = encodedBatch([scene.record('a')]);
    for (const bytes of [
      withFlippedBit(good, good.length - 2),
      good.subarray(0, -1),
      good.subarray(0, 20),
    ]) {
      const error = await refusal(scene.produceBatches(Buffer.concat([good, bytes])));
      expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE', written: 'no' });
    }
    expect(await scene.values()).toEqual([]);
  });
}
