/** kcat, and with it librdkafka, on which the clients of most languages stand. */
import { expect } from 'vitest';
import { clientTest } from '../support/clients/client.ts';
import { millraceScene } from '../support/clients/driver-scene.ts';
import { HttpMember } from '../support/clients/http-member.ts';
import { runKcat, startKcat } from '../support/clients/kcat-client.ts';
import { callJson } from '../support/http-call.ts';
import { postBatches, readInEveryForm } from '../support/http-readings.ts';
import {
  plainBatches,
  recordedSegment,
  recordsOfCalls,
  segmentCalls,
} from '../support/recorded-segment.ts';

const server = await millraceScene();
const POLL = { timeout: 30_000, interval: 20 };

/** What it printed, once it has succeeded. */
async function run(args: readonly string[], input = ''): Promise<string> {
  const { code, out, err } = await runKcat(server.kafka, args, input);
  expect({ code, out, err }).toMatchObject({ code: 0 });
  return out;
}

clientTest('kcat', 'lists brokers, topics and partitions', async () => {
  await callJson(`${server.url}/topics/listed`, 'PUT', { partitions: 2 });
  const listed = await run(['-L']);
  expect(listed).toContain(`broker 1 at ${server.kafka} (controller)`);
  expect(listed).toContain('topic "listed" with 2 partitions:');
  expect(listed).toContain('partition 1, leader 1, replicas: 1, isrs: 1');
});

clientTest(
  'kcat',
  'creates a topic by producing to it, in every codec and idempotent, and HTTP reads the records',
  async () => {
    const values: string[] = [];
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      for (const idempotent of ['false', 'true']) {
        const value = `${codec} ${idempotent} ${'tea '.repeat(50)}`;
        const settings = ['-X', `enable.idempotence=${idempotent}`, '-z', codec];
        const args = ['-P', '-t', 'produced', '-p', '0', '-K', ':', '-H', 'h=x', ...settings];
        await run(args, `ada:${value}\nbob:${value}\n`);
        values.push(value, value);
      }
    }
    const forms = await readInEveryForm({ url: server.url, topic: 'produced' });
    const headers = [{ key: 'h', value: 'x' }];
    for (const records of Object.values(forms)) {
      const seen = records.map(({ key, value, headers: each }) => ({ key, value, headers: each }));
      expect(seen).toEqual(
        values.map((value, index) => ({ key: index % 2 ? 'bob' : 'ada', value, headers })),
      );
    }
  },
);

clientTest(
  'kcat',
  'reads what all codecs hold, from the middle, by time, and from the end',
  async () => {
    const at = { url: server.url, topic: 'read' };
    expect((await postBatches(at, plainBatches(await recordedSegment()))).status).toBe(200);
    const expected = recordsOfCalls(segmentCalls('read').slice(0, -1));
    const consume = (...more: string[]) =>
      run(['-C', '-t', 'read', '-p', '0', '-e', '-q', ...more]);
    const format = ['-f', '%o %T %k %S %s\n'];
    const lineOf = ({ offset, timestamp, key, value }: (typeof expected)[number]) =>
      `${offset} ${timestamp} ${key ?? ''} ${value === null ? -1 : value.length} ${value ?? ''}`;
    const lines = expected.map(lineOf);
    expect((await consume('-o', '4', ...format)).replace(/\n$/, '').split('\n')).toEqual(
      lines.slice(4),
    );
    expect((await consume('-o', '-2', ...format)).replace(/\n$/, '').split('\n')).toEqual(
      lines.slice(-2),
    );
    const fromTime = expected.findIndex(({ timestamp }) => timestamp >= 1_700_000_000_040);
    const byTime = await consume('-o', 's@1700000000040', ...format);
    expect(byTime.replace(/\n$/, '').split('\n')).toEqual(lines.slice(fromTime));
    expect(await run(['-Q', '-t', 'read:0:1700000000040'])).toContain(`offset ${fromTime}`);
  },
);

clientTest(
  'kcat',
  'sends each key to the partition that HTTP sends it to (with murmur2_random)',
  async () => {
    const url = `${server.url}/topics/keyed`;
    await callJson(url, 'PUT', { partitions: 7 });
    const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
    const partitioner = ['-X', 'topic.partitioner=murmur2_random'];
    const lines = keys.map((key) => `${key}:${key}\n`).join('');
    await run(['-P', '-t', 'keyed', '-K', ':', ...partitioner], lines);
    const records = keys.map((key) => ({ key, value: key }));
    await callJson(`${url}?format=text`, 'POST', { records });
    for (const partition of [0, 1, 2, 3, 4, 5, 6]) {
      const { JSON: read = [] } = await readInEveryForm({
        url: server.url,
        topic: 'keyed',
        partition,
      });
      const found = read.map(({ key }) => key);
      // Each key once from kcat, and once over HTTP.
      expect(found.length).toBeGreaterThan(0);
      for (const key of found) expect(found.filter((other) => other === key)).toHaveLength(2);
    }
  },
);

clientTest('kcat', 'shares a group with a member over HTTP', async () => {
  await callJson(`${server.url}/topics/shared`, 'PUT', { partitions: 4 });
  const settings = ['session.timeout.ms=6000', 'heartbeat.interval.ms=500'].flatMap((each) => [
    ...['-X', each],
  ]);
  // With -o it would begin anew at each rebalance.
  const reset = ['-X', 'auto.offset.reset=earliest'];
  const format = ['-f', '%p %s\n'];
  const kcat = startKcat(server.kafka, [
    '-G',
    'shared',
    ...settings,
    ...reset,
    '-u',
    ...format,
    'shared',
  ]);
  const member = new HttpMember(server.url, 'shared', ['shared']);
  while (member.assigned.length !== 2) await member.turn();
  const records = Array.from({ length: 40 }, (_, value) => ({ value, partition: value % 4 }));
  await callJson(`${server.url}/topics/shared`, 'POST', { records });
  while (member.records.length < 20) await member.turn();
  await expect.poll(() => kcat.lines.length, POLL).toBe(20);
  const mine = new Set(member.records.map(({ partition }) => partition));
  for (const line of kcat.lines) expect(mine).not.toContain(Number(line.split(' ')[0]));
  await member.leave();
  await callJson(`${server.url}/topics/shared`, 'POST', { records });
  await expect.poll(() => kcat.lines.length, POLL).toBe(60);
  await kcat.end();
  const lag = await callJson(`${server.url}/groups/shared/lag`, 'GET');
  expect(lag).toMatchObject({ total_lag: 0 });
});
