import { expect, test } from 'vitest';
import { PRODUCER_NAME_LENGTH_MAX } from '../../src/model/limits.ts';
import { encodedBatch } from '../support/batches.ts';
import { refusal, Scene } from './scene.ts';
import type { CreateBroker } from './scene.ts';

export function describeProducers(createBroker: CreateBroker): void {
  test('a producer without a name gets a new id each time, with epoch 0', async () => {
    const { broker } = await Scene.open(createBroker);
    const identities = await Promise.all(
      Array.from({ length: 50 }, () => broker.initProducerId(null)),
    );
    expect(new Set(identities.map((each) => each.producerId)).size).toBe(50);
    for (const { producerId, producerEpoch } of identities) {
      expect(producerId).toBeGreaterThanOrEqual(0);
      expect(producerEpoch).toBe(0);
    }
  });

  test('a name keeps its id, and its epoch rises with each call', async () => {
    const { broker } = await Scene.open(createBroker);
    const first = await broker.initProducerId('orders');
    const other = await broker.initProducerId('__proto__');
    expect(first.producerEpoch).toBe(0);
    expect(other.producerId).not.toBe(first.producerId);
    const again = await broker.initProducerId('orders');
    expect(again).toEqual({ producerId: first.producerId, producerEpoch: 1 });
  });

  test('calls of one name at the same time get different epochs', async () => {
    const { broker } = await Scene.open(createBroker);
    const identities = await Promise.all([1, 2, 3].map(() => broker.initProducerId('orders')));
    expect(new Set(identities.map((each) => each.producerEpoch))).toEqual(new Set([0, 1, 2]));
    expect(new Set(identities.map((each) => each.producerId)).size).toBe(1);
  });

  test('the older holder of a name is fenced at once, in every partition', async () => {
    const scene = await Scene.withTopic(createBroker, { partitions: 2 });
    const old = await scene.broker.initProducerId('orders');
    await scene.produce(['a'], { producer: { ...old, baseSequence: 0 } });
    const current = await scene.broker.initProducerId('orders');
    for (const partition of [0, 1]) {
      const producer = { ...old, baseSequence: partition === 0 ? 1 : 0 };
      const records = await refusal(scene.produce(['b'], { partition, producer }));
      const batch = encodedBatch([scene.record('b')], producer);
      const batches = await refusal(scene.produceBatches(batch, partition));
      for (const error of [records, batches]) {
        expect(error).toMatchObject({
          code: 'INVALID_PRODUCER_EPOCH',
          written: 'no',
          details: { producer_id: old.producerId, current: 1, received: 0 },
        });
      }
    }
    const producer = { ...current, baseSequence: 0 };
    expect(await scene.produce(['c'], { producer })).toMatchObject({ baseOffset: 1 });
  });

  test('a name has at least one and at most so many characters', async () => {
    const { broker } = await Scene.open(createBroker);
    await broker.initProducerId('x'.repeat(PRODUCER_NAME_LENGTH_MAX));
    for (const name of ['', 'x'.repeat(PRODUCER_NAME_LENGTH_MAX + 1)]) {
      const error = await refusal(broker.initProducerId(name));
      expect(error).toMatchObject({ code: 'INVALID_REQUEST', details: { field: 'name' } });
    }
  });
}
