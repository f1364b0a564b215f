/** The Kafka clients of the npm registry, unchanged, on a real server; and HTTP beside them. */
import {
  compatibilityPartitioner,
  Consumer,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import type { Message } from '@platformatic/kafka';
import { CompressionTypes } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consumed, kafkaJs } from '../support/kafkajs-client.ts';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { temporaryDirectoryForFile } from '../support/temporary-directory.ts';

const PARTITIONS = 5;
const directory = await temporaryDirectoryForFile();
let server: ServerProcess;
let address: string;

beforeAll(async () => {
  server = await startServerProcess(directory, {
    flags: ['--default-partitions', `${PARTITIONS}`],
  });
  address = String(server.log.find(({ kafka }) => kafka !== undefined)?.['kafka']);
});

afterAll(async () => {
  expect(await server.stop()).toBe(0);
  // Not a word of complaint about any of them.
  expect(server.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
});

const KEYS = Array.from({ length: 60 }, (_, index) => `key ${index} ü`);
const MESSAGES = KEYS.map((key, index) => ({
  key,
  value: `value ${index} ${'x'.repeat(50)}`,
  headers: { number: String(index) },
}));

/** What lies where, as HTTP shows it. */
async function overHttp(topic: string): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const url = `${server.url}/topics/${topic}/partitions/${partition}/records?format=text`;
    const { records } = (await (await fetch(url)).json()) as {
      records: { key: string; value: string; headers: { key: string; value: string }[] }[];
    };
    for (const { key, value, headers } of records) {
      const number = headers[0]?.value ?? '';
      expect(headers).toEqual([{ key: 'number', value: number }]);
      expect(MESSAGES[Number(number)]).toEqual({ key, value, headers: { number } });
      expect(places.has(key)).toBe(false);
      places.set(key, partition);
    }
  }
  return places;
}

async function produceOverHttp(topic: string): Promise<Map<string, number>> {
  const records = MESSAGES.map(({ headers, ...record }) => ({
    ...record,
    headers: [{ key: 'number', value: headers.number }],
  }));
  const answer = await fetch(`${server.url}/topics/${topic}?format=text`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ records }),
  });
  expect(answer.status).toBe(200);
  return overHttp(topic);
}

describe('kafkajs', () => {
  const codecs = Object.entries({
    none: CompressionTypes.None,
    gzip: CompressionTypes.GZIP,
    snappy: CompressionTypes.Snappy,
    lz4: CompressionTypes.LZ4,
    zstd: CompressionTypes.ZSTD,
  });

  test.each(codecs)('produces and consumes with %s', async (name, compression) => {
    const kafka = kafkaJs(address);
    const topic = `kafkajs-${name}`;
    const producer = kafka.producer({ allowAutoTopicCreation: true });
    await producer.connect();
    const sent = await producer.send({ topic, messages: MESSAGES, compression });
    expect(sent.every(({ errorCode }) => errorCode === 0)).toBe(true);
    await producer.disconnect();
    const messages = await consumed(kafka, topic, MESSAGES.length);
    const places = await overHttp(topic);
    expect(places.size).toBe(KEYS.length);
    for (const { key, value, partition, headers } of messages) {
      const index = Number(headers?.['number']);
      expect([String(key), String(value)]).toEqual([MESSAGES[index]?.key, MESSAGES[index]?.value]);
      expect(places.get(String(key))).toBe(partition);
    }
  });

  test('puts a key where HTTP puts it, and reads what came over HTTP', async () => {
    const kafka = kafkaJs(address);
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 'keyed-by-kafkajs', messages: MESSAGES });
    await producer.disconnect();
    const places = await produceOverHttp('keyed-by-http');
    expect(places).toEqual(await overHttp('keyed-by-kafkajs'));
    const messages = await consumed(kafka, 'keyed-by-http', MESSAGES.length);
    expect(new Map(messages.map(({ key, partition }) => [String(key), partition]))).toEqual(places);
  });

  test.each([-1, 0, 1])('is acknowledged as it asks with acks %i', async (acks) => {
    const kafka = kafkaJs(address);
    const topic = `acks-${acks}`;
    const producer = kafka.producer();
    await producer.connect();
    for (const message of MESSAGES.slice(0, 10)) {
      await producer.send({ topic, acks, messages: [message] });
    }
    expect(await consumed(kafka, topic, 10)).toHaveLength(10);
    await producer.disconnect();
  });

  test('produces idempotently', async () => {
    const kafka = kafkaJs(address);
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (let from = 0; from < MESSAGES.length; from += 10) {
      await producer.send({ topic: 'idempotent', messages: MESSAGES.slice(from, from + 10) });
    }
    await producer.disconnect();
    expect((await overHttp('idempotent')).size).toBe(KEYS.length);
  });

  test('looks offsets up by time', async () => {
    const kafka = kafkaJs(address);
    const producer = kafka.producer();
    await producer.connect();
    const at = (timestamp: number) => ({ value: 'x', partition: 0, timestamp: `${timestamp}` });
    await producer.send({ topic: 'timed', messages: [at(1_000), at(2_000), at(3_000)] });
    await producer.disconnect();
    const admin = kafka.admin();
    await admin.connect();
    const [ends] = (await admin.fetchTopicOffsets('timed')).filter((each) => each.partition === 0);
    expect(ends).toMatchObject({ low: '0', high: '3' });
    const found = await admin.fetchTopicOffsetsByTimestamp('timed', 1_500);
    expect(found.find(({ partition }) => partition === 0)).toMatchObject({ offset: '1' });
    await admin.disconnect();
  });
});

describe('@platformatic/kafka', () => {
  const options = () => ({ clientId: 'test', bootstrapBrokers: [address], strict: true });
  const autocreateTopics = true;

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'produces and consumes with %s, with keys where HTTP puts them',
    async (compression) => {
      const topic = `platformatic-${compression}`;
      // By itself it places keys otherwise than Kafka's own clients and everybody else.
      const partitioner = compatibilityPartitioner;
      const producer = new Producer({ ...options(), serializers: stringSerializers, partitioner });
      const messages = MESSAGES.map((message) => ({ topic, ...message }));
      await producer.send({ messages, compression, acks: -1, autocreateTopics });
      await producer.close();
      const places = await overHttp(topic);
      expect(places).toEqual(await produceOverHttp(`http-beside-${topic}`));

      const consumer = new Consumer({
        ...options(),
        groupId: `readers-of-${topic}`,
        deserializers: stringDeserializers,
      });
      const stream = await consumer.consume({
        topics: [topic],
        mode: 'earliest',
        maxWaitTime: 200,
      });
      const seen = new Map<string, number>();
      for await (const message of stream as AsyncIterable<
        Message<string, string, string, string>
      >) {
        const index = Number(message.headers.get('number'));
        expect([message.key, message.value]).toEqual([
          MESSAGES[index]?.key,
          MESSAGES[index]?.value,
        ]);
        seen.set(message.key, message.partition);
        if (seen.size === KEYS.length) break;
      }
      await consumer.close(true);
      expect(seen).toEqual(places);
    },
  );

  test('produces idempotently', async () => {
    const producer = new Producer({
      ...options(),
      serializers: stringSerializers,
      idempotent: true,
    });
    for (let from = 0; from < MESSAGES.length; from += 20) {
      const some = MESSAGES.slice(from, from + 20);
      const messages = some.map((message) => ({ topic: 'platformatic-idempotent', ...message }));
      await producer.send({ messages, autocreateTopics });
    }
    await producer.close();
    expect((await overHttp('platformatic-idempotent')).size).toBe(KEYS.length);
  });
});
