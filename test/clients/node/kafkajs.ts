/** The kafkajs client, driven by a test. The codecs that it does not bring are plugged in. */
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import type { Admin, Consumer, EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import * as snappy from 'snappy';
import type {
  ClientRecord,
  ProduceCall,
  ReadCall,
  ReadRecord,
  SubscribeCall,
} from '../../support/clients/driver.ts';
import type { AdminRequest, Headers, LineClient } from './line-driver.ts';
import { sayAssigned, sayRecord, serveLines, textOf } from './line-driver.ts';

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = kafkajs;

interface Encoded {
  readonly buffer: Buffer;
}

const CODECS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};
CompressionCodecs[CompressionTypes.Snappy] = () => ({
  compress: ({ buffer }: Encoded) => snappy.compress(buffer),
  decompress: (bytes: Buffer) => (isXerial(bytes) ? unframed(bytes) : snappy.uncompress(bytes)),
});
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: ({ buffer }: Encoded) => compressFrame(buffer),
  decompress: (bytes: Buffer) => decompressFrame(bytes),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: ({ buffer }: Encoded) => promisify(zstdCompress)(buffer),
  decompress: (bytes: Buffer) => promisify(zstdDecompress)(bytes),
});

/** The framing of Java's snappy-java: a header, then blocks with their lengths. */
const XERIAL_HEADER_BYTES = 16;

function isXerial(bytes: Buffer): boolean {
  return bytes.subarray(1, 7).toString() === 'SNAPPY';
}

function unframed(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length;) {
    const end = at + 4 + bytes.readInt32BE(at);
    blocks.push(snappy.uncompressSync(bytes.subarray(at + 4, end)) as Buffer);
    at = end;
  }
  return Buffer.concat(blocks);
}

const kafka = new Kafka({
  clientId: 'kafkajs',
  brokers: [process.argv[2] ?? ''],
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 100, retries: 20 },
});

class KafkaJs implements LineClient {
  #consumer: Consumer | undefined;
  /** Behind what was read, by topic and partition. */
  readonly #positions = new Map<string, { topic: string; partition: number; offset: string }>();

  async produce({ topic, records, codec = 'none', idempotent = false }: ProduceCall) {
    const producer = kafka.producer({ idempotent, ...(idempotent && { maxInFlightRequests: 1 }) });
    await producer.connect();
    const messages = records.map(toMessage);
    const results = await producer.send({ topic, messages, compression: CODECS[codec] });
    await producer.disconnect();
    // It tells where the batch of each partition begins, not which record is in which.
    const [{ partition, baseOffset } = { partition: -1 }, ...others] = results;
    if (others.length > 0) return [];
    return records.map((_, index) => ({ partition, offset: Number(baseOffset) + index }));
  }

  async read({ topic, partition, from, count }: ReadCall): Promise<ReadRecord[]> {
    // It has no reading without a group.
    const consumer = kafka.consumer({ groupId: `read-${topic}-${from}` });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    const records: ReadRecord[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => {
        records.push(...recordsOf(payload).filter((record) => record.offset >= from));
        if (records.length >= count) resolve();
      },
    });
    consumer.seek({ topic, partition, offset: String(from) });
    await promise;
    await consumer.disconnect();
    return records;
  }

  async subscribe({ group, topics }: SubscribeCall): Promise<void> {
    const consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: 6_000,
      heartbeatInterval: 500,
      // It has no heartbeat while a fetch is under way, and so hears of rebalances late.
      maxWaitTimeInMs: 500,
    });
    this.#consumer = consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      const owned = Object.entries(payload.memberAssignment);
      sayAssigned(
        owned.flatMap(([topic, partitions]) =>
          partitions.map((partition) => ({ topic, partition })),
        ),
      );
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: async (payload) => this.#take(payload) });
  }

  #take(payload: EachBatchPayload): void {
    const { topic, partition } = payload.batch;
    for (const record of recordsOf(payload)) {
      sayRecord(record);
      const position = { topic, partition, offset: String(record.offset + 1) };
      this.#positions.set(`${topic} ${partition}`, position);
    }
  }

  async commit(): Promise<void> {
    await this.#consumer?.commitOffsets([...this.#positions.values()]);
  }

  async leave(): Promise<void> {
    await this.#consumer?.disconnect();
  }

  async admin(request: AdminRequest): Promise<object> {
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await administrate(admin, request);
    } finally {
      await admin.disconnect();
    }
  }
}

async function administrate(admin: Admin, request: AdminRequest): Promise<object> {
  const { topic, partition, group } = request;
  const configEntries = Object.entries(request.configs ?? {}).map(([name, value]) => ({
    ...{ name, value },
  }));
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
  switch (request.call) {
    case 'create': {
      const numPartitions = request.partitions;
      const topics = [{ topic, numPartitions, configEntries }];
      if (!(await admin.createTopics({ topics }))) throw new Error(`${topic} exists`);
      return {};
    }
    case 'describe': {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const { resources } = await admin.describeConfigs({
        ...{ resources: [resource], includeSynonyms: false },
      });
      const entries = resources[0]?.configEntries ?? [];
      const configs = Object.fromEntries(
        entries.map((each) => [each.configName, each.configValue]),
      );
      return { partitions: topics[0]?.partitions.length, configs };
    }
    case 'configure':
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ ...resource, configEntries }],
      });
      return {};
    case 'grow':
      await admin.createPartitions({ topicPartitions: [{ topic, count: request.partitions }] });
      return {};
    case 'offset-at': {
      const found = await admin.fetchTopicOffsetsByTimestamp(topic, request.timestamp);
      return { offset: Number(found.find((each) => each.partition === partition)?.offset) };
    }
    case 'delete-records':
      // It looks for the leader in what it has learnt before.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({
        ...{ topic, partitions: [{ partition, offset: String(request.before) }] },
      });
      return {};
    case 'groups':
      return { groups: (await admin.listGroups()).groups.map(({ groupId }) => groupId) };
    case 'committed': {
      const [of] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      return {
        offset: Number(of?.partitions.find((each) => each.partition === partition)?.offset),
      };
    }
    case 'delete-group':
      await admin.deleteGroups([group]);
      return {};
    case 'delete':
      await admin.deleteTopics({ topics: [topic] });
      return {};
    default:
      throw new Error(`no such call: ${request.call}`);
  }
}

function toMessage({ key, value, headers = [], timestamp, partition }: ClientRecord) {
  return {
    ...{ key, value, headers: toHeaders(headers) },
    ...(timestamp !== undefined && { timestamp: String(timestamp) }),
    ...(partition !== undefined && { partition }),
  };
}

function toHeaders(headers: Headers): IHeaders {
  return Object.fromEntries(headers.map(({ key, value }) => [key, value ?? undefined]));
}

function recordsOf({ batch }: EachBatchPayload): ReadRecord[] {
  return batch.messages.map((message) => ({
    ...{ topic: batch.topic, partition: batch.partition },
    ...{ offset: Number(message.offset), timestamp: Number(message.timestamp) },
    ...{ key: textOf(message.key), value: textOf(message.value) },
    headers: fromHeaders(message),
  }));
}

function fromHeaders({ headers = {} }: KafkaMessage): Headers {
  return Object.entries(headers).map(([key, value]) => ({
    ...{ key, value: textOf(value as Buffer | null | undefined) },
  }));
}

await serveLines(new KafkaJs());
