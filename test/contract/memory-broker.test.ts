import { expect, test } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { createMemoryBroker } from '../support/memory-broker.ts';
import type { MemoryBroker } from '../support/memory-broker.ts';
import { describeBrokerContract } from './broker-contract.ts';
import { refusal, Scene } from './scene.ts';

describeBrokerContract('the memory broker', async (settings) => createMemoryBroker(settings));

async function withTopic(): Promise<{ broker: MemoryBroker; scene: Scene }> {
  const clock = new ManualClock();
  const broker = createMemoryBroker({ clock });
  await broker.createTopic({ name: 't', partitionCount: 2 });
  return { broker, scene: new Scene(broker, clock) };
}

test('the memory broker fails the next produce on command, and only that', async () => {
  const { broker, scene } = await withTopic();
  const error = new MillraceError('DISK_FULL', 'full', { written: 'no' });
  broker.failNextProduce(error, 1);
  const part = (partition: number) => {
    const payload = { kind: 'records' as const, records: [scene.record('a')] };
    return { topic: 't', partition, payload };
  };
  expect(await broker.produce([part(0), part(1)])).toMatchObject([
    { baseOffset: 0, error: undefined },
    { baseOffset: undefined, count: 1, error },
  ]);
  expect(await broker.produce([part(1)])).toMatchObject([{ baseOffset: 0, error: undefined }]);
});

test('the memory broker takes a partition offline on command, and tells who waits there', async () => {
  const { broker, scene } = await withTopic();
  const waiting = scene.fetch({ maxWaitMs: 1000 });
  await scene.untilParked(1);
  broker.setPartitionState({ topic: 't', partition: 0 }, 'offline', 'damage');
  expect((await waiting).error?.code).toBe('KAFKA_STORAGE_ERROR');
  expect(await refusal(scene.produce(['a']))).toMatchObject({
    code: 'KAFKA_STORAGE_ERROR',
    written: 'no',
  });
  expect(broker.health().notOnline).toEqual([
    { topic: 't', partition: 0, state: 'offline', reason: 'damage' },
  ]);
  broker.setPartitionState({ topic: 't', partition: 0 }, 'online');
  expect(await scene.produce(['a'])).toMatchObject({ baseOffset: 0 });
});
