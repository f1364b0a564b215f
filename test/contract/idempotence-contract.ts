import { expect, test } from 'vitest';
import { INFLATE_SYNC_BYTES_MAX, INT32_MAX } from '../../src/model/limits.ts';
import { encodedBatch } from '../support/batches.ts';
import { compressedBatch } from '../support/compressed-frames.ts';
import { refusal, Scene } from './scene.ts';
import type { CreateBroker } from './scene.ts';

export function describeIdempotence(createBroker: CreateBroker): void {
  /** A scene with an idempotent producer in it: `send(sequence, values)`. */
  async function withProducer(partitions = 1) {
    const scene = await Scene.withTopic(createBroker, { partitions });
    const identity = await scene.broker.initProducerId(null);
    const send = (baseSequence: number, values: readonly string[], more: object = {}) =>
      scene.produce(values, { producer: { ...identity, baseSequence, ...more } });
    return { scene, identity, send };
  }

  test('a batch sent again gets its first offsets and is stored once', async () => {
    const { scene, send } = await withProducer();
    expect(await send(0, ['a', 'b'])).toMatchObject({ baseOffset: 0, duplicate: false });
    await scene.produce(['between']);
    const again = await send(0, ['a', 'b']);
    expect(again).toMatchObject({ baseOffset: 0, count: 2, duplicate: true, error: undefined });
    expect(await send(2, ['c'])).toMatchObject({ baseOffset: 3, duplicate: false });
    expect(await scene.values()).toEqual(['a', 'b', 'between', 'c']);
    expect(scene.broker.stats()).toMatchObject({ duplicateBatches: 1, recordsAppended: 4 });
  });

  test('a batch sent twice at once is stored once', async () => {
    const { scene, send } = await withProducer();
    const outcomes = await Promise.all([send(0, ['a']), send(0, ['a'])]);
    expect(outcomes).toMatchObject([
      { baseOffset: 0, duplicate: false },
      { baseOffset: 0, duplicate: true },
    ]);
    expect(await scene.values()).toEqual(['a']);
  });

  test('many batches of one producer on their way at once keep their order', async () => {
    const { scene, send } = await withProducer();
    const values = Array.from({ length: 12 }, (_, n) => String(n));
    await Promise.all(values.map((value, n) => send(n, [value])));
    expect(await scene.values()).toEqual(values);
  });

  test('each of the last five batches is recognised, an older one is out of order', async () => {
    const { scene, send } = await withProducer();
    for (let n = 0; n < 6; n += 1) await send(n, [String(n)]);
    for (let n = 1; n < 6; n += 1) {
      expect(await send(n, [String(n)])).toMatchObject({ baseOffset: n, duplicate: true });
    }
    const error = await refusal(send(0, ['0']));
    expect(error).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', written: 'no' });
    expect(await scene.values()).toHaveLength(6);
  });

  test('a gap is refused with what is expected and what came', async () => {
    const { scene, send } = await withProducer();
    await send(0, ['a']);
    const error = await refusal(send(2, ['c']));
    expect(error).toMatchObject({
      code: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
      written: 'no',
      details: { expected: 1, received: 2 },
    });
    expect(await send(1, ['b'])).toMatchObject({ baseOffset: 1 });
    expect(await scene.values()).toEqual(['a', 'b']);
  });

  test('a producer without state in a partition may begin anywhere', async () => {
    const { send } = await withProducer();
    expect(await send(17, ['a'])).toMatchObject({ baseOffset: 0 });
    expect(await send(18, ['b'])).toMatchObject({ baseOffset: 1 });
  });

  test('sequences wrap to 0 after 2^31-1, also within a batch', async () => {
    const { send } = await withProducer();
    await send(INT32_MAX - 1, ['a', 'b']);
    expect(await send(0, ['c'])).toMatchObject({ baseOffset: 2, duplicate: false });
    const other = await withProducer();
    await other.send(INT32_MAX, ['a', 'b', 'c']);
    expect(await other.send(2, ['d'])).toMatchObject({ baseOffset: 3 });
    expect(await other.send(INT32_MAX, ['a', 'b', 'c'])).toMatchObject({ duplicate: true });
  });

  test('a higher epoch begins at 0 and fences the lower one', async () => {
    const { send } = await withProducer();
    await send(0, ['a']);
    const wrongBegin = await refusal(send(1, ['b'], { producerEpoch: 1 }));
    expect(wrongBegin.code).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect(await send(0, ['b'], { producerEpoch: 1 })).toMatchObject({ duplicate: false });
    const error = await refusal(send(1, ['c']));
    expect(error).toMatchObject({ code: 'INVALID_PRODUCER_EPOCH', written: 'no' });
  });

  test('each partition counts for itself', async () => {
    const { scene, identity, send } = await withProducer(2);
    await send(0, ['a']);
    const producer = { ...identity, baseSequence: 0 };
    expect(await scene.produce(['b'], { partition: 1, producer })).toMatchObject({
      baseOffset: 0,
      duplicate: false,
    });
  });

  test('encoded batches and records share the state of their producer', async () => {
    const { scene, identity, send } = await withProducer();
    const encoded = (baseSequence: number, ...values: string[]): Buffer =>
      encodedBatch(
        values.map((value) => scene.record(value)),
        { ...identity, baseSequence },
      );
    await scene.produceBatches(encoded(0, 'a', 'b'));
    expect(await send(0, ['a', 'b'])).toMatchObject({ baseOffset: 0, duplicate: true });
    await send(2, ['c']);
    expect(await scene.produceBatches(encoded(2, 'c'))).toMatchObject({ duplicate: true });
    expect((await refusal(scene.produceBatches(encoded(5, 'x')))).code).toBe(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
    );
    expect(await scene.values()).toEqual(['a', 'b', 'c']);
  });

  test('batches of one producer in one request follow each other, and are recognised together', async () => {
    const { scene, identity } = await withProducer();
    const body = (...sequences: number[]): Buffer =>
      Buffer.concat(
        sequences.map((baseSequence) =>
          encodedBatch([scene.record(String(baseSequence))], { ...identity, baseSequence }),
        ),
      );
    expect(await scene.produceBatches(body(0, 1, 2))).toMatchObject({ baseOffset: 0, count: 3 });
    expect(await scene.produceBatches(body(0, 1, 2))).toMatchObject({
      baseOffset: 0,
      count: 3,
      duplicate: true,
    });
    expect((await refusal(scene.produceBatches(body(3, 5)))).written).toBe('no');
    expect(await scene.produceBatches(body(3, 4))).toMatchObject({ baseOffset: 3 });
    expect(await scene.values()).toEqual(['0', '1', '2', '3', '4']);
  });

  test('batches sent one behind the other keep their order, though some must be inflated first', async () => {
    const { scene, identity } = await withProducer();
    const large = 'x'.repeat(2 * INFLATE_SYNC_BYTES_MAX);
    const values = [large, '1', large, '3', '4'];
    const outcomes = await Promise.all(
      values.map((value, baseSequence) => {
        const batch = encodedBatch([scene.record(value)], { ...identity, baseSequence });
        return scene.produceBatches(value === large ? compressedBatch(batch, 'gzip') : batch);
      }),
    );
    expect(outcomes.map(({ baseOffset }) => baseOffset)).toEqual([0, 1, 2, 3, 4]);
    expect(await scene.values()).toEqual(values);
  });

  test('an idempotent request stays one batch, so it must fit max.message.bytes as a whole', async () => {
    const { scene, send } = await withProducer();
    await scene.broker.alterConfigs('t', new Map([['max.message.bytes', '300']]));
    const values = Array.from({ length: 10 }, () => 'x'.repeat(50));
    expect(await refusal(send(0, values))).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      written: 'no',
    });
  });
}
