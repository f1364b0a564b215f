/**
 * Segments that a real Kafka broker writes for each client are taken from its disk and sent in over
 * HTTP, and come back as the same records: the format is Kafka's, not our reading of it.
 *
 * With RECORD_SEGMENT=1 the recorded segment is written anew (test/support/recorded-segment.ts).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { readBatchHeader } from '../../src/codec/batch-header.ts';
import { decodeAssignment, decodeSubscription } from '../../src/codec/consumer-protocol.ts';
import { decodeGroupRecord } from '../../src/codec/group-records.ts';
import { batchesIn, recordsIn } from '../support/batches.ts';
import type { ClientName, ReadyClient } from '../support/clients/client.ts';
import { clientTest, readyClient } from '../support/clients/client.ts';
import type { Driver, ProduceCall } from '../support/clients/driver.ts';
import { withoutNullHeaders } from '../support/clients/driver-scene.ts';
import { startGoDriver } from '../support/clients/go-clients.ts';
import { startJavaDriver } from '../support/clients/java-client.ts';
import type { KafkaBroker } from '../support/clients/kafka-broker.ts';
import { startKafkaBroker } from '../support/clients/kafka-broker.ts';
import { runKcat } from '../support/clients/kcat-client.ts';
import { startPythonDriver } from '../support/clients/python-client.ts';
import { postBatches, readInEveryForm } from '../support/http-readings.ts';
import {
  plainBatches,
  RECORDED_SEGMENT,
  recordedSegment,
  recordsOfCalls,
  segmentCalls,
  transactionalBatches,
} from '../support/recorded-segment.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectoryForFile } from '../support/temporary-directory.ts';

const directory = await temporaryDirectoryForFile();
let kafka: KafkaBroker | undefined;
let millrace: ServerProcess;

beforeAll(async () => {
  millrace = await startServerProcess(join(directory, 'millrace'));
  const java = readyClient('java');
  if (java !== undefined) kafka = await startKafkaBroker(java, join(directory, 'kafka'));
  return async () => {
    await kafka?.stop();
    await millrace.stop();
  };
});

/** As it lies on Kafka's disk now. */
function segmentOf(topic: string): Promise<Buffer> {
  const name = '00000000000000000000.log';
  return readFile(join(kafka?.logDirectory ?? '', `${topic}-0`, name));
}

/** Kafka's batches of the topic, in one request; then all forms have to show these calls. */
async function expectSameRecords(topic: string, calls: readonly ProduceCall[]): Promise<void> {
  const batches = plainBatches(await segmentOf(topic));
  const at = { url: millrace.url, topic };
  expect((await postBatches(at, batches)).status).toBe(200);
  const expected = recordsOfCalls(calls);
  for (const [form, records] of Object.entries(await readInEveryForm(at))) {
    expect(records, form).toEqual(expected);
  }
}

type StartDriver = (client: ReadyClient, address: string) => Driver;

const DRIVERS: readonly [ClientName, StartDriver][] = [
  ['java', startJavaDriver],
  ['franz-go', startGoDriver],
  ['sarama', startGoDriver],
  ['kafka-python', startPythonDriver],
];

/** Behind the name of the client. */
const WRITTEN =
  'writes segments in every codec and idempotent, through a real broker, that are taken over HTTP';

for (const [name, startDriver] of DRIVERS) {
  clientTest(name, WRITTEN, async (client, { skip }) => {
    if (kafka === undefined) return skip('no Kafka broker, which needs Java');
    const calls = segmentCalls(name)
      .filter(({ transaction }) => transaction === undefined)
      .map((call) => (name === 'kafka-python' ? withoutNullHeaders(call) : call));
    const driver = startDriver(client, kafka.address);
    for (const call of calls) await driver.produce(call);
    await expectSameRecords(name, calls);
  });
}

clientTest('kcat', WRITTEN, async (_, { skip }) => {
  if (kafka === undefined) return skip('no Kafka broker, which needs Java');
  const values: string[] = [];
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    for (const idempotent of ['false', 'true']) {
      const value = `${codec} ${idempotent} ${'tea '.repeat(50)}`;
      const settings = ['-X', `enable.idempotence=${idempotent}`, '-z', codec];
      const args = ['-P', '-t', 'kcat', '-p', '0', '-K', ':', ...settings];
      const result = await runKcat(kafka.address, args, `ada:${value}\nbob:${value}\n`);
      expect(result).toMatchObject({ code: 0 });
      values.push(value, value);
    }
  }
  const at = { url: millrace.url, topic: 'kcat' };
  const answer = await postBatches(at, plainBatches(await segmentOf('kcat')));
  expect(answer.status).toBe(200);
  for (const records of Object.values(await readInEveryForm(at))) {
    expect(records.map(({ value }) => value)).toEqual(values);
  }
});

clientTest(
  'java',
  'writes through a real broker what the recorded segment of the tests has',
  async (java, { skip }) => {
    if (kafka === undefined) return skip('no Kafka broker, which needs Java');
    const driver = startJavaDriver(java, kafka.address);
    for (const call of segmentCalls('recorded')) await driver.produce(call);
    // What ends the transaction is written by the broker, in its own time.
    const end = async () => transactionalBatches(await segmentOf('recorded'));
    await expect.poll(end, { timeout: 20_000 }).toHaveLength(2);
    const written = await segmentOf('recorded');
    if (process.env['RECORD_SEGMENT'] === '1') await writeFile(RECORDED_SEGMENT, written);
    expect(await structureOf(written)).toEqual(await structureOf(await recordedSegment()));
  },
);

clientTest(
  'java',
  'commits through a real broker what our own decoder of commits and members understands',
  async (java, { skip }) => {
    if (kafka === undefined) return skip('no Kafka broker, which needs Java');
    const driver = startJavaDriver(java, kafka.address);
    await driver.produce({ topic: 'read', records: [{ key: null, value: 'a' }] });
    await driver.subscribe({ group: 'readers', topics: ['read'] });
    await expect.poll(() => driver.records, { timeout: 20_000 }).toHaveLength(1);
    await driver.commit();
    const stored = await recordsIn(await segmentOf('__consumer_offsets'));
    const understood = stored.map(({ key, value }) => decodeGroupRecord(key ?? NO_BYTES, value));
    const group = understood.findLast((record) => record?.kind === 'group-metadata');
    expect(group).toMatchObject({ group: 'readers', value: { protocol: 'range', generation: 1 } });
    const [member] = group?.value?.members ?? [];
    expect(decodeSubscription(member?.subscription ?? NO_BYTES).topics).toEqual(['read']);
    expect(decodeAssignment(member?.assignment ?? NO_BYTES).assignedPartitions).toEqual([
      { topic: 'read', partitions: [0] },
    ]);
    expect(understood).toContainEqual({
      ...{ kind: 'offset-commit', group: 'readers', topic: 'read', partition: 0 },
      value: expect.objectContaining({ offset: 1, metadata: '' }),
    });
  },
);

const NO_BYTES = Buffer.alloc(0);

/** All of it that is the same every time: not ids and checksums, nor how well a codec squeezed. */
async function structureOf(segment: Buffer): Promise<unknown[]> {
  const batches = batchesIn(segment);
  // What ends a transaction says when it was, and its value is of no client.
  const records = await Promise.all(batches.slice(0, -1).map((batch) => recordsIn(batch)));
  return batches.map((batch, index) => {
    const header = readBatchHeader(batch, 0);
    const { baseOffset, lastOffset, leaderEpoch, attributes, recordCount } = header;
    const { producerEpoch, baseSequence } = header;
    const hasProducer = header.producerId >= 0;
    return {
      ...{ baseOffset, lastOffset, leaderEpoch, attributes, recordCount },
      ...{ hasProducer, producerEpoch, baseSequence, records: records[index] },
    };
  });
}
