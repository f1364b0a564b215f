/** The @platformatic/kafka client, driven by a test. */
import {
  Admin,
  compatibilityPartitioner,
  ConfigResourceTypes,
  Consumer,
  IncrementalAlterConfigOperationTypes,
  Producer,
  stringSerializers,
} from '@platformatic/kafka';
import type { Message } from '@platformatic/kafka';
import type {
  ClientRecord,
  Place,
  ProduceCall,
  ReadCall,
  ReadRecord,
  SubscribeCall,
} from '../../support/clients/driver.ts';
import type { AdminRequest, LineClient } from './line-driver.ts';
import { sayAssigned, sayRecord, serveLines, textOf } from './line-driver.ts';

const connection = { clientId: 'platformatic', bootstrapBrokers: [process.argv[2] ?? ''] };

class Platformatic implements LineClient {
  #member: Consumer | undefined;
  readonly #read = new Map<string, ReadRecord>();

  async produce({ topic, records, codec = 'none', idempotent = false }: ProduceCall) {
    const producer = new Producer({
      ...connection,
      serializers: stringSerializers,
      autocreateTopics: true,
      // The one of its two that chooses as Java does.
      partitioner: compatibilityPartitioner,
      ...{ compression: codec, idempotent, acks: -1 },
    });
    const messages = records.map((record) => toMessage(topic, record));
    const { offsets = [] } = await producer.send({ messages });
    await producer.close();
    // It tells where the batch of each partition begins, not which record is in which.
    const [{ partition, offset } = { partition: -1, offset: -1n }, ...others] = offsets;
    if (others.length > 0) return [];
    return records.map((_, index): Place => ({ partition, offset: Number(offset) + index }));
  }

  async read({ topic, partition, from, count }: ReadCall): Promise<ReadRecord[]> {
    // It has no reading without a group.
    const consumer = new Consumer({ ...connection, groupId: `read-${topic}-${from}` });
    const offsets = [{ topic, partition, offset: BigInt(from) }];
    const stream = await consumer.consume({
      ...{ topics: [topic], mode: 'manual', offsets, autocommit: false, maxWaitTime: 500 },
    });
    const records: ReadRecord[] = [];
    for await (const message of stream) {
      records.push(fromMessage(message));
      if (records.length >= count) break;
    }
    await consumer.close(true);
    return records;
  }

  async subscribe({ group, topics }: SubscribeCall): Promise<void> {
    const consumer = new Consumer({
      ...connection,
      groupId: group,
      sessionTimeout: 6_000,
      rebalanceTimeout: 10_000,
      heartbeatInterval: 500,
      maxWaitTime: 500,
    });
    this.#member = consumer;
    consumer.on('consumer:group:join', ({ assignments = [] }) => {
      sayAssigned(
        assignments.flatMap(({ topic, partitions }) =>
          partitions.map((partition) => ({ topic, partition })),
        ),
      );
    });
    const stream = await consumer.consume({
      ...{ topics: [...topics], mode: 'committed', fallbackMode: 'earliest', autocommit: false },
    });
    stream.on('data', (message) => {
      const record = fromMessage(message);
      this.#read.set(`${record.topic} ${record.partition}`, record);
      sayRecord(record);
    });
  }

  async commit(): Promise<void> {
    const offsets = [...this.#read.values()].map(({ topic, partition, offset }) => ({
      ...{ topic, partition, offset: BigInt(offset + 1), leaderEpoch: 0 },
    }));
    await this.#member?.commit({ offsets });
  }

  async leave(): Promise<void> {
    await this.#member?.close(true);
  }

  async admin(request: AdminRequest): Promise<object> {
    const admin = new Admin(connection);
    try {
      return await administrate(admin, request);
    } finally {
      await admin.close();
    }
  }
}

async function administrate(admin: Admin, request: AdminRequest): Promise<object> {
  const { topic, partition, partitions, group } = request;
  const configs = Object.entries(request.configs ?? {}).map(([name, value]) => ({ name, value }));
  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic };
  switch (request.call) {
    case 'create':
      await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs });
      return {};
    case 'describe': {
      const { topics } = await admin.metadata({ topics: [topic] });
      const [described] = await admin.describeConfigs({ resources: [resource] });
      const entries = (described?.configs ?? []).map(({ name, value }) => [name, value]);
      const count = topics.get(topic)?.partitionsCount;
      return { partitions: count, configs: Object.fromEntries(entries) };
    }
    case 'configure': {
      const configOperation = IncrementalAlterConfigOperationTypes.SET;
      const changes = configs.map((each) => ({ ...each, configOperation }));
      await admin.incrementalAlterConfigs({ resources: [{ ...resource, configs: changes }] });
      return {};
    }
    case 'grow': {
      // It wants to be told the brokers of the new ones.
      const { topics } = await admin.metadata({ topics: [topic] });
      const more = partitions - (topics.get(topic)?.partitionsCount ?? 0);
      const assignments = Array.from({ length: more }, () => ({ brokerIds: [1] }));
      await admin.createPartitions({ topics: [{ name: topic, count: partitions, assignments }] });
      return {};
    }
    case 'offset-at': {
      const at = { partitionIndex: partition, timestamp: BigInt(request.timestamp) };
      const [of] = await admin.listOffsets({ topics: [{ name: topic, partitions: [at] }] });
      return { offset: Number(of?.partitions[0]?.offset) };
    }
    case 'delete-records': {
      const before = { partition, offset: BigInt(request.before) };
      await admin.deleteRecords({ topics: [{ name: topic, partitions: [before] }] });
      return {};
    }
    case 'groups':
      return { groups: [...(await admin.listGroups()).keys()] };
    case 'committed': {
      const topics = [{ name: topic, partitionIndexes: [partition] }];
      const [of] = await admin.listConsumerGroupOffsets({ groups: [{ groupId: group, topics }] });
      return { offset: Number(of?.topics[0]?.partitions[0]?.committedOffset) };
    }
    case 'delete-group':
      await admin.deleteGroups({ groups: [group] });
      return {};
    case 'delete':
      await admin.deleteTopics({ topics: [topic] });
      return {};
    default:
      throw new Error(`no such call: ${request.call}`);
  }
}

function toMessage(topic: string, record: ClientRecord) {
  const { key, value, headers = [], timestamp, partition } = record;
  return {
    topic,
    headers: new Map(headers.map((header) => [header.key, header.value ?? ''])),
    ...(key !== null && { key }),
    ...(value !== null && { value }),
    ...(timestamp !== undefined && { timestamp: BigInt(timestamp) }),
    ...(partition !== undefined && { partition }),
  };
}

function fromMessage(message: Message): ReadRecord {
  return {
    ...{ topic: message.topic, partition: message.partition },
    ...{ offset: Number(message.offset), timestamp: Number(message.timestamp) },
    ...{ key: textOf(message.key), value: textOf(message.value) },
    headers: message.headerEntries.map(([key, value]) => ({
      ...{ key: key.toString(), value: textOf(value) },
    })),
  };
}

await serveLines(new Platformatic());
