/**
 * Kafka's DumpLogSegments over what Millrace keeps on disk: it has nothing to complain of in segments
 * and indexes, reads the records that HTTP reads, and does complain where an index entry is spoiled.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { encodedBatch, textRecord, withFlippedBit } from '../support/batches.ts';
import type { ReadyClient } from '../support/clients/client.ts';
import { clientTest } from '../support/clients/client.ts';
import { runJavaTool } from '../support/clients/java-client.ts';
import { filesOf } from '../support/clients/stored-logs.ts';
import { CODECS, compressedBatch } from '../support/compressed-frames.ts';
import { callJson } from '../support/http-call.ts';
import { postBatches, readInEveryForm } from '../support/http-readings.ts';
import type { Reading } from '../support/http-readings.ts';
import { plainBatches, recordedSegment } from '../support/recorded-segment.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory, temporaryDirectoryForFile } from '../support/temporary-directory.ts';

const directory = await temporaryDirectoryForFile();
const dataDirectory = join(directory, 'data');
/** What HTTP read of each topic's only partition, at the end. */
const readings = new Map<string, Reading[]>();

/** What Kafka's tool is called in the results. */
const DUMPS = 'DumpLogSegments over';

const WAYS: Readonly<Record<string, (url: string) => Promise<void>>> = {
  'one-by-one': async (url) => {
    await produce(url, [{ key: 'ada', value: 'tea', headers: [{ key: 'h', value: 'x' }] }]);
    await produce(url, [{ key: null, value: 'rye' }]);
    await produce(url, [{ key: 'bób', value: null }]);
  },
  merged: async (url) => {
    const values = Array.from({ length: 200 }, (_, index) => `value ${index}`);
    await Promise.all(values.map((value) => produce(url, [{ value }])));
  },
  compressed: async (url) => {
    const batch = encodedBatch([textRecord('tea '.repeat(100)), textRecord('rye')]);
    await send(
      url,
      CODECS.map((codec) => compressedBatch(batch, codec)),
    );
    await send(url, plainBatches(await recordedSegment()));
  },
  idempotent: async (url) => {
    const producer = { producerId: 4_711, producerEpoch: 3 };
    for (const baseSequence of [0, 2]) {
      const batch = encodedBatch([textRecord('a'), textRecord('b')], { ...producer, baseSequence });
      await send(url, [batch]);
    }
  },
  segments: async (url) => {
    // Several index entries a segment, and times that go back and forth.
    for (let round = 0; round < 60; round += 1) {
      const timestamp = 1_700_000_000_000 + (round % 7) * 1_000 + round;
      await produce(url, [{ key: `${round}`, value: 'x'.repeat(1_500), timestamp }]);
    }
  },
};
const SMALL_SEGMENTS = { 'segment.bytes': 20_000 };
const TOPICS = [...Object.keys(WAYS), 'recovered'];

beforeAll(async () => {
  const first = await startServerProcess(dataDirectory);
  for (const [topic, fill] of Object.entries(WAYS)) {
    const configs = topic === 'segments' ? SMALL_SEGMENTS : {};
    await callJson(`${first.url}/topics/${topic}`, 'PUT', { partitions: 1, configs });
    await fill(`${first.url}/topics/${topic}`);
  }
  // A start after a kill writes tails anew and rebuilds indexes: that is looked at too.
  const kept = { configs: SMALL_SEGMENTS };
  await callJson(`${first.url}/topics/recovered`, 'PUT', kept);
  await WAYS['segments']?.(`${first.url}/topics/recovered`);
  await first.stop('SIGKILL');
  const second = await startServerProcess(dataDirectory);
  await produce(`${second.url}/topics/recovered`, [{ value: 'after the kill' }]);
  for (const topic of TOPICS) {
    const { NDJSON: records = [] } = await readInEveryForm({ url: second.url, topic });
    readings.set(topic, records);
  }
  await second.stop();
});

async function produce(url: string, records: readonly object[]): Promise<void> {
  await callJson(`${url}/partitions/0?format=text`, 'POST', { records });
}

async function send(topicUrl: string, batches: readonly Buffer[]): Promise<void> {
  const [, url = '', topic = ''] = /^(.*)\/topics\/(.*)$/.exec(topicUrl) ?? [];
  expect((await postBatches({ url, topic }, batches)).status).toBe(200);
}

interface Dump {
  readonly code: number | null | undefined;
  readonly out: string;
  /** What it complains of. */
  readonly complaints: string;
}

async function dump(java: ReadyClient, files: readonly string[], ...more: string[]): Promise<Dump> {
  const args = ['--files', files.join(','), ...more];
  const { code, out, err } = await runJavaTool(java, [DUMP, ...args]);
  return { code, out, complaints: err.replaceAll(EVERY_LATER_SEGMENT, '') };
}

/** When it has nothing to say. */
const CONTENT = { code: 0, complaints: '' };
const DUMP = 'org.apache.kafka.tools.DumpLogSegments';
/** Kafka 4.3 says so of each segment that does not begin with offset 0, its own ones as well. */
const EVERY_LATER_SEGMENT = /^Non-consecutive offsets in .*\n +-1 is followed by \d+\n/gm;

for (const topic of TOPICS) {
  clientTest(
    'java',
    `${DUMPS} ${topic}: reads what HTTP reads, every batch valid`,
    async (java) => {
      const files = await filesOf(dataDirectory, topic);
      const logs = files.filter((path) => path.endsWith('.log'));
      const { out, complaints } = await dump(java, logs, '--deep-iteration', '--print-data-log');
      expect(complaints).toBe('');
      expect(out).not.toContain('isvalid: false');
      const records = [...out.matchAll(RECORD)].map(([, offset, time, headers, key, value]) => ({
        ...{ offset: Number(offset), timestamp: Number(time), key, value, headers },
      }));
      const expected = readings.get(topic)?.map(({ offset, timestamp, key, value, headers }) => ({
        ...{ offset, timestamp, key: key ?? undefined, value: value ?? undefined },
        headers: headers.map((header) => header.key).join(),
      }));
      expect(records.toSorted((a, b) => a.offset - b.offset)).toEqual(expected);
    },
  );
}

const RECORD =
  /^\| offset: (\d+) CreateTime: (-?\d+) keySize: .* headerKeys: \[(.*?)\](?: key: (.*?))?(?: payload: (.*))?$/gm;

clientTest(
  'java',
  `${DUMPS} indexes: finds each in order and true to its segment`,
  async (java) => {
    const files = (await Promise.all(TOPICS.map((topic) => filesOf(dataDirectory, topic)))).flat();
    const indexes = files.filter((path) => !path.endsWith('.log'));
    expect(indexes.length).toBeGreaterThanOrEqual(20);
    expect(await dump(java, indexes, '--verify-index-only')).toMatchObject(CONTENT);
    const checked = await dump(java, indexes, '--index-sanity-check');
    expect(checked).toMatchObject(CONTENT);
    expect([...checked.out.matchAll(/ passed sanity check\.$/gm)]).toHaveLength(indexes.length);
  },
);

clientTest(
  'java',
  `${DUMPS} damage: complains of each of these files when it is spoiled`,
  async (java) => {
    const [index = '', log = '', timeIndex = ''] = (await filesOf(dataDirectory, 'segments')).slice(
      3,
    );
    const dumpSpoiled = async (spoiled: string, at: number): Promise<Dump> => {
      const copies = await temporaryDirectory();
      for (const path of [index, log, timeIndex])
        await copyFile(path, join(copies, basename(path)));
      const path = join(copies, basename(spoiled));
      await writeFile(path, withFlippedBit(await readFile(path), at));
      return dump(java, [path]);
    };
    // Of the first entries an offset, a position and a timestamp; and a byte of the first record.
    expect((await dumpSpoiled(index, 3)).complaints).toContain('Mismatches in');
    expect((await dumpSpoiled(index, 7)).code).toBe(1);
    expect((await dumpSpoiled(timeIndex, 7)).complaints).toContain('timestamp mismatch');
    expect((await dumpSpoiled(log, 200)).out).toContain('isvalid: false');
  },
);
