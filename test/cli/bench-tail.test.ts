import { beforeAll, expect, it } from 'vitest';
import { BenchCheck } from '../../src/cli/bench-check.ts';
import { endsOf } from '../../src/cli/bench-read.ts';
import { recordJson } from '../../src/cli/bench-records.ts';
import { followLoad } from '../../src/cli/bench-tail.ts';
import { Latencies } from '../../src/cli/latencies.ts';
import { Client } from '../../src/client/client.ts';
import { cliWorld } from '../support/cli-world.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
  return () => app[Symbol.asyncDispose]();
});

async function scene(topic: string) {
  const world = cliWorld();
  const client = new Client(app.url, world.interrupted);
  const from = endsOf((await client.createTopic(topic, { partitions: 2 })).topic.partitions);
  const check = new BenchCheck();
  const latencies = new Latencies();
  const tail = followLoad({ client, io: world, topic, run: 'r', check }, from, latencies);
  const producer = client.producer(topic, 1);
  const write = async (sequence: number): Promise<void> => {
    const written = { writer: 0, sequence, sentMs: world.now() - 5 };
    await producer.send(recordJson('r', written, { bytes: 60, key: `k${sequence}` }));
    check.told(0, 1, 'acknowledged');
  };
  const ends = async () => endsOf((await client.describeTopic(topic)).partitions);
  return { world, tail, check, latencies, write, ends, producer };
}

it('has read everything when it says so, and measured each', async () => {
  const { tail, check, latencies, write, ends, producer } = await scene('followed');
  for (let sequence = 0; sequence < 30; sequence += 1) await write(sequence);
  await tail.done(await ends());
  expect(check.findings()).toEqual([]);
  expect(latencies.count).toBe(30);
  expect(latencies.percentiles()).toMatchObject({ p50: expect.closeTo(5, 1) });
  tail.stop();
  producer.close();
});

it('is done at once where nothing was written', async () => {
  const { tail, ends, producer } = await scene('silent');
  await tail.done(await ends());
  tail.stop();
  producer.close();
});

it('does not wait for records that no reader will bring', async () => {
  const { tail, write, ends, producer } = await scene('broken');
  await write(0);
  const to = await ends();
  await app.broker.deleteTopic('broken');
  const more = new Map([...to].map(([partition, end]) => [partition, end + 1]));
  await expect(tail.done(more)).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  producer.close();
});

it('ends with an interruption', async () => {
  const { world, tail, producer } = await scene('interrupted');
  const done = tail.done(new Map([[0, 1]]));
  world.interrupt();
  await expect(done).rejects.toMatchObject({ exitCode: 130 });
  producer.close();
});
