import { describe, expect, test } from 'vitest';
import { HEALTH_PARTITIONS_NAMED_MAX } from '../../src/model/limits.ts';
import { conformingAsk } from '../support/conformance.ts';
import { testApp } from '../support/http-app.ts';

test('/ says who it is and where to go on, and every link leads somewhere', async () => {
  const { app } = testApp();
  const ask = conformingAsk(app);
  const { name, version, links } = (await ask('/')).json();
  expect([name, version]).toEqual(['millrace', '0.0.0-test']);
  for (const link of Object.values<string>(links)) expect((await ask(link)).statusCode).toBe(200);
});

describe('readiness', () => {
  test('names partitions that are not online and stays ready', async () => {
    const { app, broker } = testApp();
    const ask = conformingAsk(app);
    await broker.createTopic({ name: 'a', partitionCount: HEALTH_PARTITIONS_NAMED_MAX + 2 });
    expect((await ask('/health/ready')).json()).toEqual({
      status: 'ready',
      not_online_count: 0,
      not_online: [],
    });
    broker.setPartitionState({ topic: 'a', partition: 3 }, 'offline', 'damaged');
    expect((await ask('/health/ready')).json()).toEqual({
      status: 'ready',
      not_online_count: 1,
      not_online: [{ topic: 'a', partition: 3, state: 'offline', reason: 'damaged' }],
    });
    for (let partition = 0; partition < HEALTH_PARTITIONS_NAMED_MAX + 2; partition += 1) {
      broker.setPartitionState({ topic: 'a', partition }, 'read-only');
    }
    const { not_online: named, not_online_count: count } = (await ask('/health/ready')).json();
    expect([named.length, count]).toEqual([
      HEALTH_PARTITIONS_NAMED_MAX,
      HEALTH_PARTITIONS_NAMED_MAX + 2,
    ]);
  });

  test('ends when the broker stops, while liveness goes on', async () => {
    const { app, broker } = testApp();
    const ask = conformingAsk(app);
    await ask('/openapi.json');
    await broker.close();
    const answer = await ask('/health/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      code: 'SHUTTING_DOWN',
      details: { not_online_count: 0 },
    });
    expect((await ask('/health/live')).json()).toEqual({ status: 'live' });
  });
});
