/** One partition read over HTTP in each form there is, and brought into one shape to compare. */
import { Unpackr } from 'msgpackr';
import { recordsIn } from './batches.ts';
import type { ReadRecord } from './clients/driver.ts';

interface PartitionAt {
  /** Of the server. */
  readonly url: string;
  readonly topic: string;
  readonly partition?: number;
}

export type Reading = Omit<ReadRecord, 'topic' | 'partition'>;

/** The times in it are 64 bits wide. */
const unpackr = new Unpackr({ int64AsType: 'number', mapsAsObjects: true, useRecords: false });

/** By the name of the form. */
export async function readInEveryForm(at: PartitionAt): Promise<Record<string, Reading[]>> {
  const json = await get(at, 'application/json', '?max_records=10000&format=text');
  const lines = await get(at, 'application/x-ndjson', '?format=text');
  const packed = await get(at, 'application/msgpack', '?max_records=10000');
  const batches = await get(at, 'application/vnd.kafka.recordbatch', '');
  const unpacked = unpackr.unpack(packed) as { records: HttpRecord[] };
  return {
    JSON: (JSON.parse(json.toString()) as { records: HttpRecord[] }).records.map(asRead),
    NDJSON: linesOf(lines).map((line) => asRead(JSON.parse(line) as HttpRecord)),
    MessagePack: unpacked.records.map(asRead),
    'record batches': (await recordsIn(batches)).map(asRead),
  };
}

/** Sends batches as they are; the answer as it comes. */
export function postBatches(at: PartitionAt, batches: readonly Buffer[]): Promise<Response> {
  return fetch(`${at.url}/topics/${at.topic}/partitions/${at.partition ?? 0}`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.kafka.recordbatch' },
    body: Buffer.concat(batches),
  });
}

interface HttpRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers?: readonly {
    readonly key: string;
    readonly value: string | Uint8Array | null;
  }[];
}

async function get(at: PartitionAt, accept: string, query: string): Promise<Buffer> {
  const url = `${at.url}/topics/${at.topic}/partitions/${at.partition ?? 0}/records${query}`;
  const answer = await fetch(url, { headers: { accept } });
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
}

function linesOf(bytes: Buffer): string[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

function asRead({ offset, timestamp, key, value, headers = [] }: HttpRecord): Reading {
  const texts = headers.map((header) => ({ key: header.key, value: textOf(header.value) }));
  return { offset, timestamp, key: textOf(key), value: textOf(value), headers: texts };
}

function textOf(data: string | Uint8Array | null): string | null {
  return data === null || typeof data === 'string' ? data : Buffer.from(data).toString();
}
