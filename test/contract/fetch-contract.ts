import { expect, test } from 'vitest';
import { batchesIn, encodedBatch, recordsIn, textsOf } from '../support/batches.ts';
import { Scene } from './scene.ts';
import type { CreateBroker } from './scene.ts';

export function describeFetches(createBroker: CreateBroker): void {
  /** Batches of three records: offsets 0-2, 3-5, 6-8 ... */
  async function withBatches(count: number, size = 1) {
    const scene = await Scene.withTopic(createBroker);
    let bytes = 0;
    for (let n = 0; n < count; n += 1) {
      const values = [0, 1, 2].map((m) => String(3 * n + m).padStart(size, '.'));
      const batch = encodedBatch(values.map((value) => scene.record(value)));
      bytes = batch.length;
      await scene.produceBatches(batch);
    }
    return { scene, batchBytes: bytes };
  }

  test('the answer begins with the batch that contains the offset', async () => {
    const { scene } = await withBatches(3);
    const { batches, logStartOffset, highWatermark, error } = await scene.fetch({ offset: 4 });
    expect(error).toBeUndefined();
    expect({ logStartOffset, highWatermark }).toEqual({ logStartOffset: 0, highWatermark: 9 });
    const offsets = (await recordsIn(batches)).map((each) => each.offset);
    expect(offsets).toEqual([3, 4, 5, 6, 7, 8]);
  });

  test('at the high watermark there is nothing, and no error', async () => {
    const { scene } = await withBatches(1);
    expect(await scene.fetch({ offset: 3 })).toMatchObject({ highWatermark: 3, error: undefined });
    expect((await scene.fetch({ offset: 3 })).batches).toHaveLength(0);
  });

  test('an offset outside of what is kept is answered with the bounds', async () => {
    const { scene } = await withBatches(2);
    await scene.broker.deleteRecords('t', 0, 2);
    for (const offset of [1, 7, -1]) {
      const result = await scene.fetch({ offset });
      expect(result).toMatchObject({ logStartOffset: 2, highWatermark: 6 });
      expect(result.batches).toHaveLength(0);
      expect(result.error).toMatchObject({
        code: 'OFFSET_OUT_OF_RANGE',
        details: { offset, log_start_offset: 2, high_watermark: 6 },
      });
    }
    expect((await scene.fetch({ offset: 2 })).error).toBeUndefined();
    expect((await scene.fetch({ offset: 6 })).error).toBeUndefined();
  });

  test('maxBytes cuts between batches, but the first batch is given however large', async () => {
    const { scene, batchBytes } = await withBatches(3, 100);
    for (const [maxBytes, expected] of [
      [0, 1],
      [1, 1],
      [batchBytes, 1],
      [2 * batchBytes - 1, 1],
      [2 * batchBytes, 2],
      [9 * batchBytes, 3],
    ] as const) {
      expect(batchesIn((await scene.fetch({ maxBytes })).batches)).toHaveLength(expected);
    }
  });

  test('only the very first batch of an answer may exceed its maxBytes', async () => {
    const scene = await Scene.withTopic(createBroker, { partitions: 3 });
    for (const partition of [0, 1, 2]) await scene.produce(['x'.repeat(100)], { partition });
    const batchBytes = (await scene.fetch()).batches.length;
    const lengths = async (maxBytes: number, maxBytesOfEach: number): Promise<number[]> => {
      const partitions = [2, 0, 1].map((partition) => ({
        topic: 't',
        partition,
        offset: 0,
        maxBytes: maxBytesOfEach,
      }));
      const results = await scene.broker.fetch({ partitions, minBytes: 1, maxBytes, maxWaitMs: 0 });
      expect(results.map((each) => each.partition)).toEqual([2, 0, 1]);
      for (const each of results)
        expect(each).toMatchObject({ highWatermark: 1, error: undefined });
      return results.map((each) => each.batches.length / batchBytes);
    };
    expect(await lengths(1, 1000)).toEqual([1, 0, 0]);
    expect(await lengths(2 * batchBytes, 1000)).toEqual([1, 1, 0]);
    expect(await lengths(3 * batchBytes - 1, 1000)).toEqual([1, 1, 0]);
    expect(await lengths(3 * batchBytes, 1)).toEqual([1, 1, 1]);
  });

  test('an error of one partition stands in its result; the others are read', async () => {
    const scene = await Scene.withTopic(createBroker);
    await scene.produce(['a']);
    const partitions = [
      { topic: 'missing', partition: 0 },
      { topic: 't', partition: 7 },
      { topic: 't', partition: 0 },
    ].map((each) => ({ ...each, offset: 0, maxBytes: 1000 }));
    const request = { partitions, minBytes: 1, maxBytes: 1000, maxWaitMs: 0 };
    const [noTopic, noPartition, fine] = await scene.broker.fetch(request);
    expect(noTopic).toMatchObject({ topic: 'missing', logStartOffset: -1, highWatermark: -1 });
    expect(noTopic?.error).toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      details: { topic: 'missing' },
    });
    expect(noPartition?.error).toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      details: { topic: 't', partition: 7 },
    });
    expect(textsOf(await recordsIn(fine?.batches ?? Buffer.alloc(0)))).toEqual(['a']);
  });

  test('nothing asked is nothing answered', async () => {
    const { broker } = await Scene.open(createBroker);
    const request = { partitions: [], minBytes: 0, maxBytes: 1000, maxWaitMs: 1000 };
    expect(await broker.fetch(request)).toEqual([]);
  });

  test('a long log is read to its end by following the answers', async () => {
    const { scene } = await withBatches(40, 50);
    const expected = Array.from({ length: 120 }, (_, n) => String(n).padStart(50, '.'));
    const values: (string | null)[] = [];
    while (values.length < expected.length) {
      const { batches } = await scene.fetch({ offset: values.length, maxBytes: 700 });
      values.push(...textsOf(await recordsIn(batches)));
    }
    expect(values).toEqual(expected);
  });
}
