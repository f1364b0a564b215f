import { beforeAll, expect, it } from 'vitest';
import { BenchCheck } from '../../src/cli/bench-check.ts';
import { endsOf, readLoad, sizeBetween } from '../../src/cli/bench-read.ts';
import { recordJson } from '../../src/cli/bench-records.ts';
import { Client } from '../../src/client/client.ts';
import { cliWorld } from '../support/cli-world.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
  return () => app[Symbol.asyncDispose]();
});

/** `count` records of each of two runs in both partitions of a new topic. */
async function scene(topic: string, count: number) {
  const world = cliWorld();
  const client = new Client(app.url, world.interrupted);
  const made = await client.createTopic(topic, { partitions: 2 });
  const from = endsOf(made.topic.partitions);
  const check = new BenchCheck();
  const write = async (run: string, partition: number): Promise<void> => {
    for (let sequence = 0; sequence < count; sequence += 1) {
      const written = { writer: partition, sequence, sentMs: 0 };
      const { value } = JSON.parse(recordJson(run, written, { bytes: 60, key: undefined }));
      const value_base64 = Buffer.from(JSON.stringify(value)).toString('base64');
      await client.produce(topic, partition, [{ value_base64 }]);
    }
  };
  for (const run of ['mine', 'other']) for (const partition of [0, 1]) await write(run, partition);
  const to = endsOf((await client.describeTopic(topic)).partitions);
  return { means: { client, io: world, topic, run: 'mine', check }, from, to, check };
}

it('shows every record of the run to the check, of all partitions', async () => {
  const { means, from, to, check } = await scene('all', 20);
  for (const writer of [0, 1]) check.told(writer, 20, 'acknowledged');
  expect(sizeBetween(from, to)).toBe(80);
  await readLoad(means, { from, to });
  expect(check.findings()).toEqual([]);
});

it('begins where the load began', async () => {
  const { means, to, check } = await scene('later', 5);
  for (const writer of [0, 1]) check.told(writer, 5, 'acknowledged');
  const from = new Map([
    [0, 2],
    [1, 0],
  ]);
  await readLoad(means, { from, to });
  expect(check.findings()).toEqual([
    'record 0 of connection 0 was acknowledged and is not there',
    'record 1 of connection 0 was acknowledged and is not there',
  ]);
});

it('ends at the end that was seen, whatever comes behind it', async () => {
  const { means, from, check } = await scene('growing', 5);
  const to = new Map([
    [0, 3],
    [1, 0],
  ]);
  check.told(0, 5, 'acknowledged');
  await readLoad(means, { from, to });
  // The answers are whole: what came along with what was asked for is read as well.
  expect(check.findings()).toEqual([]);
});

it('says why a partition cannot be read', async () => {
  const { means, from, to } = await scene('gone', 1);
  await app.broker.deleteTopic('gone');
  await expect(readLoad(means, { from, to })).rejects.toMatchObject({
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
  });
});
