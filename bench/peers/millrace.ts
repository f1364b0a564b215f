/**
 * Millrace, as it is built: every record is on stable storage before it is acknowledged, by HTTP and
 * by the Kafka protocol.
 */
import { Agent } from 'node:http';
import type { Assembled } from '../../test/support/clients/client.ts';
import {
  BATCH_HEADERS,
  JSON_HEADERS,
  oneRecord,
  recordBatch,
  stringRecords,
} from '../support/bodies.ts';
import { begin, call, expectOk } from '../support/http.ts';
import { requestRate } from '../support/load.ts';
import { readingRate } from '../support/pages.ts';
import { freePort, startMillrace } from '../support/processes.ts';
import type { KafkaPlace } from './kafka-face.ts';
import { fillTopic, kafkaWay, READ } from './kafka-face.ts';
import { javaWay } from './kafka-java.ts';
import type { Following, Peer, Running, Way } from './peer.ts';
import { BATCH, BATCH_CONNECTIONS } from './peer.ts';

export const KAFKA_PROTOCOL = 'Millrace, Kafka protocol';

/** Kafka's own client takes part when it is there. */
export function millracePeer(java: Assembled | undefined): Peer {
  return {
    name: 'Millrace',
    async start(dataDirectory): Promise<Running> {
      const kafkaPort = await freePort();
      const started = await startMillrace({ dataDirectory, kafkaPort });
      const { url } = started;
      const place: KafkaPlace = {
        port: kafkaPort,
        createTopic: (topic) => ask(`${url}/topics/${topic}`, 'PUT'),
        deleteTopic: (topic) => ask(`${url}/topics/${topic}`, 'DELETE'),
      };
      const ways = [jsonWay(url, place), batchesWay(url, place), ...kafkaWays(place, java)];
      return { ...started, fill: (records) => fill(url, place, records), ways };
    },
  };
}

function kafkaWays(place: KafkaPlace, java: Assembled | undefined): Way[] {
  const raw = { name: KAFKA_PROTOCOL, ...kafkaWay(place) };
  return java ? [raw, { name: 'Millrace, Java client', ...javaWay(java, place) }] : [raw];
}

const JSON_READ = 'read-json';
const PRODUCED = 'produced';
const ONE: unknown = JSON.parse(oneRecord());

/** The same records twice: as a client's batches, and as they come by JSON. */
async function fill(url: string, place: KafkaPlace, records: number): Promise<void> {
  await fillTopic(place, records);
  await place.createTopic(JSON_READ);
  const body = stringRecords(BATCH);
  for (let sent = 0; sent < records; sent += BATCH)
    await ask(`${url}/topics/${JSON_READ}`, 'POST', body);
}

function jsonWay(url: string, place: KafkaPlace): Way {
  const rate = (body: string, connections: number, seconds: number): Promise<number> =>
    inNewTopic(place, () =>
      requestRate({
        urls: [`${url}/topics/${PRODUCED}`],
        method: 'POST',
        headers: JSON_HEADERS,
        ...{ body, connections, seconds },
      }),
    );
  const batch = stringRecords(BATCH);
  return {
    name: 'Millrace, JSON',
    batches: async (seconds) => BATCH * (await rate(batch, BATCH_CONNECTIONS, seconds)),
    readBack: (records, seconds) =>
      readingRate({ url, topic: JSON_READ, records, accept: 'application/json', seconds }),
    single: (connections, seconds) => rate(oneRecord(), connections, seconds),
    follow: (onRecords) => follow(url, place, onRecords),
  };
}

function batchesWay(url: string, place: KafkaPlace): Way {
  const urls = [`${url}/topics/${PRODUCED}/partitions/0`];
  const load = { urls, method: 'POST', body: recordBatch(BATCH), headers: BATCH_HEADERS } as const;
  const accept = BATCH_HEADERS['content-type'];
  return {
    name: 'Millrace, record batches by HTTP',
    batches: (seconds) =>
      inNewTopic(place, async () => {
        const connections = BATCH_CONNECTIONS;
        return BATCH * (await requestRate({ ...load, connections, seconds }));
      }),
    readBack: (records, seconds) => readingRate({ url, topic: READ, records, accept, seconds }),
  };
}

async function inNewTopic(place: KafkaPlace, task: () => Promise<number>): Promise<number> {
  await place.createTopic(PRODUCED);
  try {
    return await task();
  } finally {
    await place.deleteTopic(PRODUCED);
  }
}

/** By Server-Sent Events. */
async function follow(
  url: string,
  place: KafkaPlace,
  onRecords: (count: number) => void,
): Promise<Following> {
  const topic = 'followed';
  await place.createTopic(topic);
  const agent = new Agent({ keepAlive: true });
  const events = await begin({
    agent,
    url: `${url}/topics/${topic}/partitions/0/records?follow=true`,
    headers: { accept: 'text/event-stream' },
  });
  events.on('data', (chunk: Buffer) => {
    const count = chunk.toString('latin1').split('\ndata:').length - 1;
    if (count > 0) onRecords(count);
  });
  return {
    async send() {
      await expectOk(call({ agent, url: `${url}/topics/${topic}`, method: 'POST', body: ONE }));
    },
    async stop() {
      agent.destroy();
      await place.deleteTopic(topic);
    },
  };
}

async function ask(url: string, method: string, body?: string): Promise<void> {
  const answer = await fetch(url, { method, headers: JSON_HEADERS, body: body ?? null });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}
