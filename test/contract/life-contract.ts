import { expect, test } from 'vitest';
import { refusal, Scene } from './scene.ts';
import type { CreateBroker } from './scene.ts';

export function describeLife(createBroker: CreateBroker): void {
  test('an open broker is healthy and counts what it holds', async () => {
    const { broker } = await Scene.withTopic(createBroker, { partitions: 3 });
    expect(broker.health()).toEqual({ state: 'serving', notOnline: [] });
    expect(broker.stats()).toMatchObject({ topics: 1, partitions: 3, parkedFetches: 0 });
  });

  test('closing twice is closing once', async () => {
    const { broker } = await Scene.withTopic(createBroker);
    await Promise.all([broker.close(), broker.close()]);
    await broker.close();
    expect(broker.health().state).toBe('stopping');
  });

  test('a closed broker refuses every call with SHUTTING_DOWN', async () => {
    const scene = await Scene.withTopic(createBroker);
    const { broker } = scene;
    await broker.close();
    for (const call of [
      broker.listTopics(),
      broker.topic('t'),
      broker.topic('new', { autoCreate: true }),
      broker.topicById('00000000-0000-4000-8000-000000000000'),
      broker.createTopic({ name: 'new' }),
      broker.deleteTopic('t'),
      broker.addPartitions('t', 2),
      broker.alterConfigs('t', new Map()),
      broker.describePartitions('t'),
      scene.fetch(),
      broker.listOffset('t', 0, 'latest'),
      broker.deleteRecords('t', 0, 0),
      broker.initProducerId(null),
    ]) {
      expect(await refusal(call)).toMatchObject({ code: 'SHUTTING_DOWN', retriable: true });
    }
    expect(await refusal(scene.produce(['a']))).toMatchObject({
      code: 'SHUTTING_DOWN',
      written: 'no',
    });
  });

  test('what is on its way when the broker closes has an outcome', async () => {
    const scene = await Scene.withTopic(createBroker);
    const producing = Promise.allSettled(['a', 'b', 'c'].map((value) => scene.produce([value])));
    await scene.broker.close();
    for (const outcome of await producing) {
      if (outcome.status === 'fulfilled') expect(outcome.value.error).toBeUndefined();
      else expect(outcome.reason).toMatchObject({ code: 'SHUTTING_DOWN', written: 'no' });
    }
  });
}
