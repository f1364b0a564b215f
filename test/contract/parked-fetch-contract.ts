import { expect, test } from 'vitest';
import { recordsIn, textsOf } from '../support/batches.ts';
import { refusal, Scene } from './scene.ts';
import type { CreateBroker } from './scene.ts';

export function describeParkedFetches(createBroker: CreateBroker): void {
  const patient = { minBytes: 1, maxWaitMs: 1000 };

  test('a fetch with nothing to give is parked until a record is there', async () => {
    const scene = await Scene.withTopic(createBroker);
    const fetching = scene.fetch(patient);
    await scene.untilParked(1);
    await scene.produce(['a']);
    expect(textsOf(await recordsIn((await fetching).batches))).toEqual(['a']);
    expect(scene.broker.stats().parkedFetches).toBe(0);
    expect(scene.clock.timerCount).toBeLessThanOrEqual(1);
  });

  test('a fetch that has something to give is not parked', async () => {
    const scene = await Scene.withTopic(createBroker);
    await scene.produce(['a']);
    expect((await scene.fetch(patient)).batches.length).toBeGreaterThan(0);
  });

  test('minBytes 0 asks for nothing more than what is there', async () => {
    const scene = await Scene.withTopic(createBroker);
    expect((await scene.fetch({ minBytes: 0, maxWaitMs: 1000 })).batches).toHaveLength(0);
  });

  test('minBytes are waited for, over all partitions of the fetch', async () => {
    const scene = await Scene.withTopic(createBroker, { partitions: 2 });
    await scene.produce(['x'.repeat(100)]);
    const batchBytes = (await scene.fetch()).batches.length;
    const partitions = [0, 1].map((partition) => ({
      topic: 't',
      partition,
      offset: 0,
      maxBytes: 100_000,
    }));
    const bounds = { minBytes: 3 * batchBytes, maxBytes: 100_000, maxWaitMs: 1000 };
    const fetching = scene.broker.fetch({ partitions, ...bounds });
    await scene.untilParked(1);
    await scene.produce(['y'.repeat(100)], { partition: 1 });
    await scene.untilParked(1);
    await scene.produce(['z'.repeat(100)], { partition: 0 });
    const lengths = (await fetching).map((each) => each.batches.length);
    expect(lengths).toEqual([2 * batchBytes, batchBytes]);
  });

  test('minBytes above what may be given do not hold back what can be given', async () => {
    const scene = await Scene.withTopic(createBroker);
    for (const value of ['a', 'b', 'c']) await scene.produce([value]);
    const { batches } = await scene.fetch({ maxBytes: 100, minBytes: 1000, maxWaitMs: 1000 });
    expect(batches.length).toBeGreaterThan(0);
  });

  test('it ends with what is there when its time is over, and not before', async () => {
    const scene = await Scene.withTopic(createBroker);
    await scene.produce(['a']);
    const fetching = scene.fetch({ minBytes: 1000, maxWaitMs: 500 });
    await scene.untilParked(1);
    scene.clock.advance(499);
    await scene.produce(['b']);
    await scene.untilParked(1);
    scene.clock.advance(1);
    expect(textsOf(await recordsIn((await fetching).batches))).toEqual(['a', 'b']);
  });

  test('it ends with what is there when its caller goes', async () => {
    const scene = await Scene.withTopic(createBroker);
    const caller = new AbortController();
    const fetching = scene.fetch({ ...patient, signal: caller.signal });
    await scene.untilParked(1);
    caller.abort();
    expect(await fetching).toMatchObject({ error: undefined });
    expect((await fetching).batches).toHaveLength(0);
    expect(scene.broker.stats().parkedFetches).toBe(0);
  });

  test('it is not parked at all when its caller has gone already', async () => {
    const scene = await Scene.withTopic(createBroker);
    const { batches } = await scene.fetch({ ...patient, signal: AbortSignal.abort() });
    expect(batches).toHaveLength(0);
  });

  test('it ends with UNKNOWN_TOPIC_OR_PARTITION when its topic is deleted', async () => {
    const scene = await Scene.withTopic(createBroker);
    const fetching = scene.fetch(patient);
    await scene.untilParked(1);
    await scene.broker.deleteTopic('t');
    expect((await fetching).error?.code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  test('it never sees a topic that was made later under the same name', async () => {
    const scene = await Scene.withTopic(createBroker);
    const fetching = scene.fetch(patient);
    await scene.untilParked(1);
    await Promise.all([scene.broker.deleteTopic('t'), scene.broker.createTopic({ name: 't' })]);
    await scene.produce(['other']);
    expect((await fetching).error?.code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  test('it ends at once when one of its partitions is in error', async () => {
    const scene = await Scene.withTopic(createBroker);
    expect((await scene.fetch({ ...patient, offset: 1 })).error?.code).toBe('OFFSET_OUT_OF_RANGE');
    const missing = await scene.fetch({ ...patient, topic: 'missing' });
    expect(missing.error?.code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  test('it is told when the records it waited behind are deleted', async () => {
    const scene = await Scene.withTopic(createBroker);
    await scene.produce(['a', 'b']);
    const fetching = scene.fetch({ minBytes: 100_000, maxWaitMs: 1000 });
    await scene.untilParked(1);
    await scene.broker.deleteRecords('t', 0, -1);
    expect(await fetching).toMatchObject({
      logStartOffset: 2,
      error: { code: 'OFFSET_OUT_OF_RANGE' },
    });
  });

  test('all who wait for one record get it', async () => {
    const scene = await Scene.withTopic(createBroker);
    const fetching = Array.from({ length: 30 }, () => scene.fetch(patient));
    await scene.untilParked(30);
    await scene.produce(['a']);
    for (const { batches } of await Promise.all(fetching)) {
      expect(textsOf(await recordsIn(batches))).toEqual(['a']);
    }
  });

  test('it ends with SHUTTING_DOWN when the broker closes', async () => {
    const scene = await Scene.withTopic(createBroker);
    const refused = refusal(scene.fetch(patient));
    await scene.untilParked(1);
    await scene.broker.close();
    expect(await refused).toMatchObject({ code: 'SHUTTING_DOWN', retriable: true });
  });
}
