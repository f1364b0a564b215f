/** Topics as two npm clients manage them on a real server: what they make outlives a SIGKILL. */
import {
  Admin,
  ConfigResourceTypes,
  IncrementalAlterConfigOperationTypes,
} from '@platformatic/kafka';
import { ConfigResourceTypes as KafkaJsResources } from 'kafkajs';
import type { Admin as KafkaJsAdmin } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { callJson } from '../support/http-call.ts';
import { kafkaJs } from '../support/kafkajs-client.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

interface TopicSeen {
  readonly configs: Readonly<Record<string, string>>;
  readonly partitions: readonly { readonly beginning_offset: number }[];
}

/** Over HTTP. */
async function seen({ url }: ServerProcess, topic: string): Promise<TopicSeen> {
  return (await callJson(`${url}/topics/${topic}`, 'GET')) as TopicSeen;
}

async function putRecords({ url }: ServerProcess, topic: string, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, value) => ({ value, partition: 0 }));
  await callJson(`${url}/topics/${topic}`, 'POST', { records });
}

function addressOf({ log }: ServerProcess): string {
  return String(log.find(({ kafka }) => typeof kafka === 'string')?.['kafka']);
}

async function kafkaJsAdmin(server: ServerProcess): Promise<KafkaJsAdmin> {
  const admin = kafkaJs(addressOf(server)).admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  return admin;
}

function platformaticAdmin(server: ServerProcess): Admin {
  const admin = new Admin({ clientId: 'e2e', bootstrapBrokers: [addressOf(server)], retries: 0 });
  onTestFinished(() => admin.close());
  return admin;
}

test('kafkajs makes, configures, grows, trims and deletes a topic', async () => {
  const directory = await temporaryDirectory();
  const server = await startServerProcess(directory);
  const admin = await kafkaJsAdmin(server);
  const topic = 'orders';
  const configEntries = [
    { name: 'retention.ms', value: '86400000' },
    { name: 'min.insync.replicas', value: '2' },
  ];
  const wish = { topic, numPartitions: 3, replicationFactor: 3, configEntries };
  const trial = { topics: [wish], validateOnly: true, waitForLeaders: false };
  expect(await admin.createTopics(trial)).toBe(true);
  expect(await admin.listTopics()).toEqual([]);
  expect(await admin.createTopics({ topics: [wish] })).toBe(true);
  expect(await admin.createTopics({ topics: [wish] })).toBe(false);
  const compacted = [{ name: 'cleanup.policy', value: 'compact' }];
  await expect(
    admin.createTopics({ topics: [{ topic: 'compacted', configEntries: compacted }] }),
  ).rejects.toMatchObject({ errors: [{ type: 'INVALID_CONFIG', topic: 'compacted' }] });
  expect(await admin.listTopics()).toEqual([topic]);

  const ofTopic = { type: KafkaJsResources.TOPIC, name: topic };
  const described = await admin.describeConfigs({
    includeSynonyms: true,
    resources: [{ ...ofTopic, configNames: ['retention.ms', 'segment.bytes'] }],
  });
  expect(described.resources[0]?.configEntries).toMatchObject([
    { configName: 'retention.ms', configValue: '86400000', isDefault: false, configSource: 1 },
    { configName: 'segment.bytes', configValue: '1073741824', isDefault: true, configSource: 5 },
  ]);
  const replacement = [{ name: 'segment.bytes', value: '1000000' }];
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ ...ofTopic, configEntries: replacement }],
  });
  await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
  const changed = await seen(server, topic);
  expect(changed.configs).toMatchObject({
    'segment.bytes': '1000000',
    'retention.ms': '604800000',
    'min.insync.replicas': '1',
  });
  expect(changed.partitions).toHaveLength(5);

  await putRecords(server, topic, 3);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
  const bounds = { partition: 0, offset: '3', high: '3', low: '2' };
  expect(await admin.fetchTopicOffsets(topic)).toContainEqual(bounds);
  await expect(
    admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] }),
  ).rejects.toHaveProperty('cause.partitions.0.error.type', 'OFFSET_OUT_OF_RANGE');

  const [host, port] = addressOf(server).split(':');
  expect(await admin.describeCluster()).toMatchObject({
    brokers: [{ nodeId: 1, host, port: Number(port) }],
    controller: 1,
  });
  await admin.deleteTopics({ topics: [topic] });
  expect(await admin.listTopics()).toEqual([]);
});

test('@platformatic/kafka makes, configures, grows, trims and deletes a topic', async () => {
  const directory = await temporaryDirectory();
  const server = await startServerProcess(directory);
  const admin = platformaticAdmin(server);
  const topic = 'orders';
  const configs = [{ name: 'min.cleanable.dirty.ratio', value: '0.1' }];
  const [made] = await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1, configs });
  expect(made).toMatchObject({ name: topic, partitions: 2, replicas: 1 });
  expect(made?.configuration).toMatchObject({
    'min.cleanable.dirty.ratio': '0.1',
    'cleanup.policy': 'delete',
  });
  const byHand = [1, 0].map((partition) => ({ partition, brokers: [1] }));
  const placed = { topics: ['placed'], partitions: -1, replicas: -1, assignments: byHand };
  expect(await admin.createTopics(placed)).toMatchObject([{ name: 'placed', partitions: 2 }]);

  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic };
  const change = async (name: string, configOperation: 0 | 2, value: string): Promise<void> => {
    const resources = [{ ...resource, configs: [{ name, configOperation, value }] }];
    await admin.incrementalAlterConfigs({ resources, validateOnly: false });
  };
  const { SET, APPEND } = IncrementalAlterConfigOperationTypes;
  await change('retention.ms', SET, '5000');
  await expect(change('retention.ms', APPEND, '1')).rejects.toThrow(/configs failed/);
  const [described] = await admin.describeConfigs({
    resources: [resource],
    includeSynonyms: true,
    includeDocumentation: true,
  });
  expect(described?.configs).toContainEqual({
    name: 'retention.ms',
    value: '5000',
    readOnly: false,
    configSource: 1,
    isSensitive: false,
    synonyms: [
      { name: 'retention.ms', value: '5000', source: 1 },
      { name: 'log.retention.ms', value: '604800000', source: 5 },
    ],
    configType: 5,
    documentation: expect.stringContaining('by append time'),
  });

  await admin.createPartitions({ topics: [{ name: topic, count: 4 }], validateOnly: true });
  expect((await seen(server, topic)).partitions).toHaveLength(2);
  await admin.createPartitions({ topics: [{ name: topic, count: 4 }], validateOnly: false });
  await putRecords(server, topic, 3);
  const [ofBroker] = await admin.describeLogDirs({ topics: [{ name: topic, partitions: [0, 9] }] });
  expect(ofBroker).toMatchObject({ broker: 1, results: [{ logDir: directory }] });
  const [partition] = ofBroker?.results[0]?.topics[0]?.partitions ?? [];
  expect(partition?.partitionIndex).toBe(0);
  expect(Number(partition?.partitionSize)).toBeGreaterThan(61);
  const all = { partition: 0, offset: -1n };
  await admin.deleteRecords({ topics: [{ name: topic, partitions: [all] }] });

  // What was said to be done is there after a SIGKILL.
  await server.stop('SIGKILL');
  const again = await startServerProcess(directory);
  const kept = await seen(again, topic);
  expect(kept.configs).toMatchObject({
    'retention.ms': '5000',
    'min.cleanable.dirty.ratio': '0.1',
  });
  expect(kept.partitions.map((each) => each.beginning_offset)).toEqual([3, 0, 0, 0]);
  const later = platformaticAdmin(again);
  await later.deleteTopics({ topics: [topic, 'placed'] });
  expect(await later.listTopics()).toEqual([]);
});
