/** Many records a request, durable, in each form that is taken; raw ones next to the disk. */
import { join } from 'node:path';
import {
  BATCH_HEADERS,
  JSON_HEADERS,
  MSGPACK_HEADERS,
  msgpackRecords,
  objectRecords,
  recordBatch,
  stringRecords,
} from './support/bodies.ts';
import { requestRate } from './support/load.ts';
import { inTemporaryDirectory, startMillrace } from './support/processes.ts';
import type { Measured } from './support/results.ts';
import { takeTurns } from './support/turns.ts';
import { writeAndSyncRate } from './support/yardsticks.ts';

const TURNS = 6;
const SECONDS = 3;
const BATCH = 1_000;

export async function benchBatches(): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
    const millrace = await startMillrace({ dataDirectory: join(directory, 'data') });
    try {
      return [...(await records(millrace.url)), ...(await raw(millrace.url, directory))];
    } finally {
      await millrace.stop();
    }
  });
}

function records(url: string): Promise<Measured[]> {
  const rate = async (body: Buffer | string, headers: Readonly<Record<string, string>>) => {
    const load = { urls: [`${url}/topics/batches`], method: 'POST', body, headers } as const;
    return BATCH * (await requestRate({ ...load, connections: 8, seconds: SECONDS }));
  };
  const [strings, objects] = [stringRecords(BATCH), objectRecords(BATCH)];
  const packed = msgpackRecords(BATCH);
  return takeTurns({
    bench: 'batches',
    work: '1,000 records of 100 bytes a request, 8 connections',
    unit: 'records/s',
    bound: 'server: its main thread',
    turns: TURNS,
    contestants: {
      'Millrace, JSON strings': () => rate(strings, JSON_HEADERS),
      'Millrace, small JSON objects': () => rate(objects, JSON_HEADERS),
      'Millrace, MessagePack': () => rate(packed, MSGPACK_HEADERS),
    },
    asked: {
      'Millrace, JSON strings': 1_500_000,
      'Millrace, small JSON objects': 1_000_000,
      'Millrace, MessagePack': 2_000_000,
    },
  });
}

async function raw(url: string, directory: string): Promise<Measured[]> {
  const body = recordBatch(9_000);
  // The route of one partition does not create its topic.
  await fetch(`${url}/topics/raw`, { method: 'PUT' });
  const urls = [`${url}/topics/raw/partitions/0`];
  const load = { urls, method: 'POST', body, headers: BATCH_HEADERS } as const;
  return takeTurns({
    bench: 'batches',
    work: 'record batches of 1 MB, 16 connections',
    unit: 'MB/s',
    bound: 'disk',
    turns: TURNS,
    contestants: {
      // What one flush takes when 16 connections wait: FLUSH_BYTES_MAX.
      'this disk, eight bodies a sync': () => writeAndSyncRate(directory, 8 * body.length),
      'this disk, one body a sync': () => writeAndSyncRate(directory, body.length),
      Millrace: async () => {
        const rate = await requestRate({ ...load, connections: 16, seconds: SECONDS });
        return (rate * body.length) / 1e6;
      },
    },
    against: { Millrace: 'this disk, eight bodies a sync' },
    asked: { Millrace: 0.9 },
  });
}
