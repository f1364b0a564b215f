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
import { inTemporaryDirectory, startDurableFastify, startMillrace } from './support/processes.ts';
import type { Contestant } from './support/processes.ts';
import type { Measured } from './support/results.ts';
import { takeTurns } from './support/turns.ts';
import { writeAndSyncRate } from './support/yardsticks.ts';

const DURABLE = 'bare Fastify with group commit';
const DURABLE_STRINGS = `${DURABLE}, JSON strings`;
const CONNECTIONS = 16;
const TURNS = 6;
const SECONDS = 3;
const BATCH = 1_000;

export async function benchBatches(): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
    const durable = await startDurableFastify(join(directory, 'durable-fastify'));
    const millrace = await startMillrace({ dataDirectory: join(directory, 'data') });
    try {
      const servers = { durable, millrace };
      return [...(await records(servers)), ...(await raw(servers, directory))];
    } finally {
      await millrace.stop();
      await durable.stop();
    }
  });
}

type Servers = Readonly<Record<'durable' | 'millrace', Contestant>>;

function records({ durable, millrace }: Servers): Promise<Measured[]> {
  const rateOf =
    ({ url }: Contestant) =>
    async (body: Buffer | string, headers: Readonly<Record<string, string>>) => {
      const load = { urls: [`${url}/topics/batches`], method: 'POST', body, headers } as const;
      return BATCH * (await requestRate({ ...load, connections: CONNECTIONS, seconds: SECONDS }));
    };
  const rate = rateOf(millrace);
  const [strings, objects] = [stringRecords(BATCH), objectRecords(BATCH)];
  const packed = msgpackRecords(BATCH);
  return takeTurns({
    bench: 'batches',
    work: '1,000 records of 100 bytes a request, 16 connections',
    unit: 'records/s',
    turns: TURNS,
    pids: {
      [DURABLE_STRINGS]: durable.pid,
      'Millrace, JSON strings': millrace.pid,
      'Millrace, small JSON objects': millrace.pid,
      'Millrace, MessagePack': millrace.pid,
    },
    contestants: {
      [DURABLE_STRINGS]: () => rateOf(durable)(strings, JSON_HEADERS),
      'Millrace, JSON strings': () => rate(strings, JSON_HEADERS),
      'Millrace, small JSON objects': () => rate(objects, JSON_HEADERS),
      'Millrace, MessagePack': () => rate(packed, MSGPACK_HEADERS),
    },
    against: { 'Millrace, JSON strings': DURABLE_STRINGS },
    asked: {
      'Millrace, JSON strings': 1_500_000,
      'Millrace, small JSON objects': 1_000_000,
      'Millrace, MessagePack': 2_000_000,
    },
  });
}

async function raw({ durable, millrace }: Servers, directory: string): Promise<Measured[]> {
  const body = recordBatch(9_000);
  // The route of one partition does not create its topic.
  await fetch(`${millrace.url}/topics/raw`, { method: 'PUT' });
  const rate = async ({ url }: Contestant) => {
    const urls = [`${url}/topics/raw/partitions/0`];
    const load = { urls, method: 'POST', body, headers: BATCH_HEADERS } as const;
    const requests = await requestRate({ ...load, connections: CONNECTIONS, seconds: SECONDS });
    return (requests * body.length) / 1e6;
  };
  return takeTurns({
    bench: 'batches',
    work: 'record batches of 1 MB, 16 connections',
    unit: 'MB/s',
    turns: TURNS,
    pids: { [DURABLE]: durable.pid, Millrace: millrace.pid },
    contestants: {
      // What one flush takes when 16 connections wait: FLUSH_BYTES_MAX.
      'this disk, eight bodies a sync': () => writeAndSyncRate(directory, 8 * body.length),
      'this disk, one body a sync': () => writeAndSyncRate(directory, body.length),
      [DURABLE]: () => rate(durable),
      Millrace: () => rate(millrace),
    },
    against: {
      [DURABLE]: 'this disk, eight bodies a sync',
      Millrace: 'this disk, eight bodies a sync',
    },
    asked: { Millrace: 0.9 },
  });
}
