/**
 * What real clients send: kafkajs speaks the older forms, @platformatic/kafka the flexible ones. They
 * go about their business with a server behind a proxy that keeps each request, size included.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import {
  Admin,
  Consumer,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { SIZE_BYTES } from '../../src/kafka-protocol/frame-assembler.ts';
import { kafkaFace } from './kafka-face.ts';

/** At most two of an API in a version. */
export async function recordedFrames(): Promise<Buffer[]> {
  const received: Buffer[][] = [];
  let target = 0;
  const proxy = createServer((socket) => {
    const pieces: Buffer[] = [];
    received.push(pieces);
    const server = connect(target, '127.0.0.1');
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.pipe(server).pipe(socket);
    for (const each of [socket, server]) each.on('error', () => {});
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as AddressInfo;
  await using face = await kafkaFace({ settings: { advertised: { host: '127.0.0.1', port } } });
  target = face.port;
  await useKafkaJs(`127.0.0.1:${port}`);
  await usePlatformatic(`127.0.0.1:${port}`);
  proxy.close();
  const kept = new Map<number, Buffer[]>();
  for (const frame of received.flatMap((pieces) => framesIn(Buffer.concat(pieces)))) {
    // Key and version of the API.
    const kind = frame.readInt32BE(SIZE_BYTES);
    kept.set(kind, [...(kept.get(kind) ?? []), frame].slice(0, 2));
  }
  return [...kept.values()].flat();
}

function framesIn(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += SIZE_BYTES + bytes.readInt32BE(at)) {
    frames.push(bytes.subarray(at, at + SIZE_BYTES + bytes.readInt32BE(at)));
  }
  return frames;
}

async function useKafkaJs(address: string): Promise<void> {
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'js', numPartitions: 2 }] });
  await admin.createPartitions({ topicPartitions: [{ topic: 'js', count: 3 }] });
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  const messages = [{ key: 'k', value: 'v', headers: { h: '1' } }];
  await producer.send({ topic: 'js', messages, compression: CompressionTypes.GZIP });
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: 'js', maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic: 'js', fromBeginning: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  await consumer.run({ eachMessage: async () => resolve() });
  await promise;
  await consumer.disconnect();
  await admin.fetchTopicOffsets('js');
  await admin.listGroups();
  await admin.describeGroups(['js']);
  await admin.fetchOffsets({ groupId: 'js' });
  const resources = [
    { type: 2, name: 'js', configEntries: [{ name: 'retention.ms', value: '9' }] },
  ];
  await admin.describeConfigs({ resources, includeSynonyms: false });
  await admin.alterConfigs({ resources, validateOnly: true });
  await admin.deleteTopicRecords({ topic: 'js', partitions: [{ partition: 0, offset: '0' }] });
  await admin.deleteGroups(['js']);
  await admin.deleteTopics({ topics: ['js'] });
  await admin.disconnect();
}

async function usePlatformatic(address: string): Promise<void> {
  const options = { clientId: 'test', bootstrapBrokers: [address] };
  const admin = new Admin(options);
  await admin.createTopics({ topics: ['p'], partitions: 2, replicas: 1 });
  const producer = new Producer({ ...options, serializers: stringSerializers, idempotent: true });
  const message = { topic: 'p', key: 'k', value: 'v', headers: { h: '1' } };
  await producer.send({ messages: [message], compression: 'snappy' });
  await producer.close();
  const deserializers = stringDeserializers;
  const consumer = new Consumer({ ...options, groupId: 'p', deserializers, maxWaitTime: 50 });
  const stream = await consumer.consume({ topics: ['p'], mode: 'earliest' });
  for await (const each of stream) {
    await each.commit();
    break;
  }
  await consumer.close(true);
  await admin.listGroups();
  await admin.describeGroups({ groups: ['p'] });
  await admin.deleteGroups({ groups: ['p'] });
  await admin.deleteTopics({ topics: ['p'] });
  await admin.close();
}
