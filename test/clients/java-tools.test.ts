/** Kafka's own command line tools, run by their classes as its shell scripts run them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ReadyClient } from '../support/clients/client.ts';
import { clientTest } from '../support/clients/client.ts';
import { millraceScene } from '../support/clients/driver-scene.ts';
import { runJavaTool } from '../support/clients/java-client.ts';
import { callJson } from '../support/http-call.ts';
import { readInEveryForm } from '../support/http-readings.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const server = await millraceScene();

const TOPICS = 'org.apache.kafka.tools.TopicCommand';
const CONFIGS = 'kafka.admin.ConfigCommand';
const CONSOLE_PRODUCER = 'org.apache.kafka.tools.ConsoleProducer';
const CONSOLE_CONSUMER = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
const GROUPS = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';

/** What it printed, once it has succeeded. */
async function run(java: ReadyClient, tool: string, ...args: string[]): Promise<string> {
  return runWithInput(java, '', tool, ...args);
}

async function runWithInput(java: ReadyClient, input: string, tool: string, ...args: string[]) {
  const connected = [tool, ...args, '--bootstrap-server', server.kafka];
  const { code, out, err } = await runJavaTool(java, connected, input);
  expect({ code, out, err }).toMatchObject({ code: 0 });
  return out;
}

clientTest(
  'java',
  'kafka-topics creates, lists, describes, grows and deletes a topic',
  async (java) => {
    const url = `${server.url}/topics/managed`;
    const topic = ['--topic', 'managed'];
    const create = ['--create', ...topic, '--partitions', '3', '--config', 'retention.ms=1234567'];
    expect(await run(java, TOPICS, ...create)).toContain('Created topic managed.');
    expect(await run(java, TOPICS, '--list')).toMatch(/^managed$/m);
    const described = await run(java, TOPICS, '--describe', ...topic);
    expect(described).toMatch(/PartitionCount: 3\tReplicationFactor: 1\t.*retention\.ms=1234567/);
    expect(described).toMatch(/Partition: 2\tLeader: 1\tReplicas: 1\tIsr: 1/);
    await run(java, TOPICS, '--alter', ...topic, '--partitions', '4');
    const { partitions } = (await callJson(url, 'GET')) as { partitions: unknown[] };
    expect(partitions).toHaveLength(4);
    await run(java, TOPICS, '--delete', ...topic);
    expect((await fetch(url)).status).toBe(404);
  },
);

clientTest('java', 'kafka-configs sets, shows and unsets configs of a topic', async (java) => {
  const url = `${server.url}/topics/configured`;
  await callJson(url, 'PUT', { partitions: 1 });
  const topic = ['--topic', 'configured'];
  const configs = 'retention.ms=7654321,min.insync.replicas=1';
  await run(java, CONFIGS, '--alter', ...topic, '--add-config', configs);
  expect(await callJson(url, 'GET')).toMatchObject({ configs: { 'retention.ms': '7654321' } });
  expect(await run(java, CONFIGS, '--describe', ...topic)).toMatch(
    /^ +retention\.ms=7654321 .*DYNAMIC_TOPIC_CONFIG:retention\.ms=7654321/m,
  );
  await run(java, CONFIGS, '--alter', ...topic, '--delete-config', 'retention.ms');
  expect(await callJson(url, 'GET')).toMatchObject({ configs: { 'retention.ms': '604800000' } });
  const ofBroker = await run(java, CONFIGS, '--describe', '--broker', '1', '--all');
  expect(ofBroker).toMatch(/^All configs for broker 1 are:\n +\S+=/m);
});

clientTest(
  'java',
  'kafka-console-producer and kafka-console-consumer pass records on, and a group goes on where it was',
  async (java) => {
    await callJson(`${server.url}/topics/console`, 'PUT', { partitions: 3 });
    const keyed = ['parse.key=true', 'key.separator=:'].flatMap((each) => [
      ...['--reader-property', each],
    ]);
    const how = ['--topic', 'console', ...keyed, '--compression-codec', 'zstd'];
    await runWithInput(java, 'ada:tea\nbob:rye\n', CONSOLE_PRODUCER, ...how);
    const shown = ['print.key=true', 'print.partition=true'].flatMap((each) => [
      ...['--formatter-property', each],
    ]);
    const group = ['--topic', 'console', '--group', 'console', '--from-beginning'];
    const consumeTwo = [...group, '--max-messages', '2', '--timeout-ms', '20000', ...shown];
    const first = await run(java, CONSOLE_CONSUMER, ...consumeTwo);
    expect(first).toMatch(/^Partition:\d\tada\ttea$/m);
    expect(first).toMatch(/^Partition:\d\tbob\trye$/m);
    const lag = await callJson(`${server.url}/groups/console/lag`, 'GET');
    expect(lag).toMatchObject({ total_lag: 0 });
    await callJson(`${server.url}/topics/console?format=text`, 'POST', {
      records: [{ value: 'one' }, { value: 'two' }],
    });
    const later = (await run(java, CONSOLE_CONSUMER, ...consumeTwo)).split('\n');
    expect(later.filter((line) => line.startsWith('Partition'))).toHaveLength(2);
    expect(later.join()).toMatch(/null\tone.*null\ttwo/);
  },
);

clientTest(
  'java',
  'kafka-consumer-groups lists, describes, rewinds and deletes groups; kafka-groups lists them',
  async (java) => {
    await callJson(`${server.url}/topics/audited`, 'PUT', { partitions: 1 });
    const records = ['a', 'b', 'c'].map((value) => ({ value }));
    await callJson(`${server.url}/topics/audited`, 'POST', { records });
    const group = `${server.url}/groups/audit`;
    const offsets = [{ topic: 'audited', partition: 0, offset: 2 }];
    await callJson(`${group}/offsets`, 'POST', { offsets });
    const ofAudit = ['--group', 'audit'];
    expect(await run(java, GROUPS, '--list', '--state')).toMatch(/^audit +Empty/m);
    expect(await run(java, 'org.apache.kafka.tools.GroupsCommand', '--list')).toMatch(/^audit +/m);
    expect(await run(java, GROUPS, '--describe', ...ofAudit)).toMatch(
      /^audit +audited +0 +2 +3 +1 +- +- +-/m,
    );
    const reset = ['--reset-offsets', '--to-earliest', '--topic', 'audited', '--execute'];
    expect(await run(java, GROUPS, ...ofAudit, ...reset)).toMatch(/^audit +audited +0 +0/m);
    expect(await callJson(`${group}/offsets`, 'GET')).toMatchObject({ offsets: [{ offset: 0 }] });
    await callJson(`${group}/members`, 'POST', { topics: ['audited'] });
    expect(await run(java, GROUPS, '--describe', ...ofAudit, '--members')).toMatch(
      /^audit +http-\S+ +\/127\.0\.0\.1 +http +1/m,
    );
    const busy = await runJavaTool(java, [
      ...[GROUPS, '--bootstrap-server', server.kafka, '--delete', ...ofAudit],
    ]);
    expect(busy.out + busy.err).toMatch(/GroupNotEmptyException|not empty/);
    const { members } = (await callJson(group, 'GET')) as { members: { member_id: string }[] };
    await callJson(`${group}/members/${members[0]?.member_id}`, 'DELETE');
    expect(await run(java, GROUPS, '--delete', ...ofAudit)).toContain('was successful');
    expect((await fetch(group)).status).toBe(404);
  },
);

clientTest(
  'java',
  'kafka-get-offsets, kafka-delete-records and kafka-log-dirs tell and change where a log begins',
  async (java) => {
    await callJson(`${server.url}/topics/trimmed`, 'PUT', { partitions: 2 });
    const records = [3, 1, 2].map((time) => ({
      ...{ value: time, timestamp: 1_700_000_000_000 + time, partition: 0 },
    }));
    await callJson(`${server.url}/topics/trimmed`, 'POST', { records });
    const offsets = (...more: string[]) =>
      run(java, 'org.apache.kafka.tools.GetOffsetShell', '--topic', 'trimmed', ...more);
    expect(await offsets()).toBe('trimmed:0:3\ntrimmed:1:0\n');
    expect(await offsets('--time', 'earliest', '--partitions', '0')).toBe('trimmed:0:0\n');
    expect(await offsets('--time', 'max-timestamp', '--partitions', '0')).toBe('trimmed:0:0\n');

    const file = join(await temporaryDirectory(), 'before.json');
    const partitions = [{ topic: 'trimmed', partition: 0, offset: 2 }];
    await writeFile(file, JSON.stringify({ partitions, version: 1 }));
    const trim = 'org.apache.kafka.tools.DeleteRecordsCommand';
    expect(await run(java, trim, '--offset-json-file', file)).toMatch(
      /trimmed-0\tlow_watermark: 2/,
    );
    const { JSON: left } = await readInEveryForm({ url: server.url, topic: 'trimmed' });
    expect(left?.map(({ offset }) => offset)).toEqual([2]);
    const directories = ['--describe', '--topic-list', 'trimmed'];
    const told = await run(java, 'org.apache.kafka.tools.LogDirsCommand', ...directories);
    expect(told).toMatch(/"partition":"trimmed-0","size":[1-9]\d*,"offsetLag":0/);
  },
);

clientTest('java', 'kafka-broker-api-versions and kafka-cluster know the server', async (java) => {
  const versions = await run(java, 'org.apache.kafka.tools.BrokerApiVersionsCommand');
  expect(versions).toMatch(/\(id: 1 rack: null.*\) -> \(/);
  expect(versions).toMatch(/Produce\(0\): 0 to \d+ \[usable: \d+\]/);
  expect(await run(java, 'org.apache.kafka.tools.ClusterTool', 'cluster-id')).toMatch(
    /^Cluster ID: \S{22}$/m,
  );
});

clientTest(
  'java',
  'kafka-producer-perf-test and kafka-consumer-perf-test run through',
  async (java) => {
    await callJson(`${server.url}/topics/perf`, 'PUT', { partitions: 2 });
    const load = ['--num-records', '2000', '--record-size', '200', '--throughput', '-1'];
    const sent = await run(
      java,
      'org.apache.kafka.tools.ProducerPerformance',
      '--topic',
      'perf',
      ...load,
    );
    expect(sent).toMatch(/^2000 records sent/m);
    const wanted = ['--topic', 'perf', '--num-records', '2000', '--timeout', '20000'];
    const read = await run(java, 'org.apache.kafka.tools.ConsumerPerformance', ...wanted);
    expect(read.trim().split('\n').at(-1)?.split(', ')[4]).toBe('2000');
  },
);

clientTest('java', 'EndToEndLatency receives every record that it sends', async (java) => {
  const [topic, records, acks, bytes] = ['latency', '50', 'all', '100'];
  const tool = [
    'org.apache.kafka.tools.EndToEndLatency',
    server.kafka,
    topic,
    records,
    acks,
    bytes,
  ];
  const { code, out, err } = await runJavaTool(java, tool, '');
  expect({ code, out, err }).toMatchObject({ code: 0 });
  expect(out).toMatch(/Avg latency: [\d.]+ ms/);
  const { partitions } = (await callJson(`${server.url}/topics/${topic}`, 'GET')) as {
    partitions: { end_offset: number }[];
  };
  const sent = partitions.reduce((sum, each) => sum + each.end_offset, 0);
  expect(sent).toBeGreaterThanOrEqual(50);
});
