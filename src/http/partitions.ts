/** Partitions of a topic: their state and offsets, and purging (Kafka's DeleteRecords). */
import type { FastifyInstance } from 'fastify';
import type { Broker } from '../broker/broker.ts';
import { PURGE_CONCURRENCY } from '../model/limits.ts';
import type { HttpContext } from './context.ts';
import { PARTITION, TOPIC, readPath, readQuery } from './parameters.ts';
import {
  DESCRIBE_PARTITION,
  LIST_PARTITIONS,
  PARTITION_OFFSETS,
  PURGE_PARTITION,
  PURGE_TOPIC,
} from './partition-descriptions.ts';
import { BEFORE, BEFORE_HIGH_WATERMARK, TIMESTAMP } from './partition-parameters.ts';
import { partitionShape, pickPartition } from './topic-shapes.ts';

export function registerPartitions(app: FastifyInstance, { broker }: HttpContext): void {
  app.get('/topics/:topic/partitions', { schema: LIST_PARTITIONS }, async (request) => {
    readQuery(request, []);
    const partitions = await broker.describePartitions(TOPIC.read(readPath(request)));
    return partitions.map(partitionShape);
  });

  app.get(
    '/topics/:topic/partitions/:partition',
    { schema: DESCRIBE_PARTITION },
    async (request) => {
      readQuery(request, []);
      const path = readPath(request);
      const topic = TOPIC.read(path);
      const partition = PARTITION.read(path);
      return partitionShape(
        pickPartition(topic, await broker.describePartitions(topic), partition),
      );
    },
  );

  app.get(
    '/topics/:topic/partitions/:partition/offsets',
    { schema: PARTITION_OFFSETS },
    async (request) => {
      const timestamp = TIMESTAMP.read(readQuery(request, [TIMESTAMP]));
      const path = readPath(request);
      return offsets(broker, TOPIC.read(path), PARTITION.read(path), timestamp);
    },
  );

  app.delete('/topics/:topic/records', { schema: PURGE_TOPIC }, async (request) => {
    readQuery(request, []);
    const topic = TOPIC.read(readPath(request));
    const { partitionCount } = await broker.topic(topic);
    return { partitions: await purgeAll(broker, topic, partitionCount) };
  });

  app.delete(
    '/topics/:topic/partitions/:partition/records',
    { schema: PURGE_PARTITION },
    async (request) => {
      const before = BEFORE.read(readQuery(request, [BEFORE]));
      const path = readPath(request);
      const partition = PARTITION.read(path);
      return { partitions: [await purge(broker, TOPIC.read(path), partition, before)] };
    },
  );
}

interface Offsets {
  readonly beginning_offset: number;
  readonly end_offset: number;
  readonly offset?: number;
  readonly timestamp?: number | null;
}

async function offsets(
  broker: Broker,
  topic: string,
  partition: number,
  timestamp: number | undefined,
): Promise<Offsets> {
  const [earliest, latest] = await Promise.all([
    broker.listOffset(topic, partition, 'earliest'),
    broker.listOffset(topic, partition, 'latest'),
  ]);
  const bounds = { beginning_offset: earliest.offset, end_offset: latest.offset };
  if (timestamp === undefined) return bounds;
  const found = await broker.listOffset(topic, partition, { timestamp });
  return {
    ...bounds,
    offset: found.offset,
    timestamp: found.timestamp === -1 ? null : found.timestamp,
  };
}

interface Purged {
  readonly partition: number;
  readonly log_start_offset: number;
}

async function purge(
  broker: Broker,
  topic: string,
  partition: number,
  before: number,
): Promise<Purged> {
  const logStartOffset = await broker.deleteRecords(topic, partition, before);
  return { partition, log_start_offset: logStartOffset };
}

/** A few at a time: each moves its log start durably. The first failure ends it. */
async function purgeAll(broker: Broker, topic: string, partitionCount: number): Promise<Purged[]> {
  const purged: Purged[] = [];
  for (let next = 0; next < partitionCount; next += PURGE_CONCURRENCY) {
    const count = Math.min(PURGE_CONCURRENCY, partitionCount - next);
    const group = Array.from({ length: count }, (_, index) =>
      purge(broker, topic, next + index, BEFORE_HIGH_WATERMARK),
    );
    purged.push(...(await Promise.all(group)));
  }
  return purged;
}
