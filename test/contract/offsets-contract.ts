import { expect, test } from 'vitest';
import { encodedBatch } from '../support/batches.ts';
import { refusal, Scene } from './scene.ts';
import type { CreateBroker } from './scene.ts';

export function describeOffsets(createBroker: CreateBroker): void {
  test('a partition begins at its log start and ends at its high watermark', async () => {
    const scene = await Scene.withTopic(createBroker);
    const { broker } = scene;
    expect(await broker.listOffset('t', 0, 'earliest')).toEqual({ offset: 0, timestamp: -1 });
    expect(await broker.listOffset('t', 0, 'latest')).toEqual({ offset: 0, timestamp: -1 });
    await scene.produce(['a', 'b', 'c']);
    await broker.deleteRecords('t', 0, 2);
    expect(await broker.listOffset('t', 0, 'earliest')).toEqual({ offset: 2, timestamp: -1 });
    expect(await broker.listOffset('t', 0, 'latest')).toEqual({ offset: 3, timestamp: -1 });
  });

  test('a timestamp leads to the first record at or above it', async () => {
    const scene = await Scene.withTopic(createBroker);
    // Timestamps need not rise with the offsets.
    const batch = (...timestamps: number[]): Buffer =>
      encodedBatch(timestamps.map((timestamp) => scene.record('x', { timestamp })));
    await scene.produceBatches(batch(100, 300, 200));
    await scene.produceBatches(batch(150, 400));
    const at = (timestamp: number) => scene.broker.listOffset('t', 0, { timestamp });
    expect(await at(0)).toEqual({ offset: 0, timestamp: 100 });
    expect(await at(100)).toEqual({ offset: 0, timestamp: 100 });
    expect(await at(101)).toEqual({ offset: 1, timestamp: 300 });
    expect(await at(301)).toEqual({ offset: 4, timestamp: 400 });
    expect(await at(401)).toEqual({ offset: 5, timestamp: -1 });
  });

  test('a timestamp never leads to a record below the log start', async () => {
    const scene = await Scene.withTopic(createBroker);
    const records = [100, 200, 300].map((timestamp) => scene.record('x', { timestamp }));
    await scene.produceBatches(encodedBatch(records));
    await scene.broker.deleteRecords('t', 0, 1);
    const answer = await scene.broker.listOffset('t', 0, { timestamp: 50 });
    expect(answer).toEqual({ offset: 1, timestamp: 200 });
  });

  test('the largest timestamp leads to the first record that has it', async () => {
    const scene = await Scene.withTopic(createBroker);
    const largest = () => scene.broker.listOffset('t', 0, 'largest-timestamp');
    expect(await largest()).toEqual({ offset: -1, timestamp: -1 });
    const records = [100, 300, 200, 300].map((timestamp) => scene.record('x', { timestamp }));
    await scene.produceBatches(encodedBatch(records));
    await scene.produceBatches(encodedBatch([scene.record('x', { timestamp: 150 })]));
    expect(await largest()).toEqual({ offset: 1, timestamp: 300 });
    await scene.broker.deleteRecords('t', 0, 2);
    expect(await largest()).toEqual({ offset: 3, timestamp: 300 });
    await scene.broker.deleteRecords('t', 0, -1);
    expect(await largest()).toEqual({ offset: -1, timestamp: -1 });
  });

  test('deleted records are gone for readers, and offsets go on', async () => {
    const scene = await Scene.withTopic(createBroker);
    await scene.produce(['a', 'b', 'c']);
    expect(await scene.broker.deleteRecords('t', 0, 2)).toBe(2);
    expect(await scene.values()).toEqual(['c']);
    expect(await scene.broker.deleteRecords('t', 0, -1)).toBe(3);
    expect(await scene.values()).toEqual([]);
    expect(await scene.produce(['d'])).toMatchObject({ baseOffset: 3 });
    expect(await scene.values()).toEqual(['d']);
  });

  test('the log start never moves back', async () => {
    const scene = await Scene.withTopic(createBroker);
    await scene.produce(['a', 'b', 'c']);
    await scene.broker.deleteRecords('t', 0, 2);
    expect(await scene.broker.deleteRecords('t', 0, 1)).toBe(2);
    expect(await scene.broker.deleteRecords('t', 0, 0)).toBe(2);
  });

  test('what is not there cannot be deleted', async () => {
    const scene = await Scene.withTopic(createBroker);
    await scene.produce(['a']);
    for (const before of [2, -2]) {
      expect(await refusal(scene.broker.deleteRecords('t', 0, before))).toMatchObject({
        code: 'OFFSET_OUT_OF_RANGE',
        details: { offset: before, high_watermark: 1 },
      });
    }
    expect(await scene.values()).toEqual(['a']);
  });

  test('a missing topic and a missing partition are told apart', async () => {
    const { broker } = await Scene.withTopic(createBroker);
    for (const call of [broker.listOffset('x', 0, 'latest'), broker.deleteRecords('x', 0, 0)]) {
      const error = await refusal(call);
      expect(error).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', details: { topic: 'x' } });
      expect(error.details).not.toHaveProperty('partition');
    }
    for (const call of [broker.listOffset('t', 1, 'latest'), broker.deleteRecords('t', 1, 0)]) {
      expect(await refusal(call)).toMatchObject({
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
        details: { topic: 't', partition: 1 },
      });
    }
  });
}
