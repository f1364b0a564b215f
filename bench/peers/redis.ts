/**
 * Redis Streams, from the Redis that is installed. As it comes it keeps snapshots, and what came
 * after the last one is lost with the process; the other writes each command to a file and syncs it.
 */
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { mustRun } from '../../test/support/clients/assemble-step.ts';
import { freePort, startProcess } from '../support/processes.ts';
import type { Following, Peer, Running, Way } from './peer.ts';
import { BATCH, BATCH_CONNECTIONS, keepReading, PAGE, pageStart, RECORD_BYTES } from './peer.ts';
import { dialogue, rawRate } from './raw-load.ts';
import { answers, command } from './resp.ts';

export async function findRedis(): Promise<Peer[]> {
  const { out } = await mustRun('redis-server', ['--version']);
  const name = `Redis ${/v=(\S+)/.exec(out)?.[1]}`;
  return [
    { name: `${name}, synced`, isSynced: true },
    { name: `${name}, as it comes`, isSynced: false },
  ].map((each) => ({ name: each.name, start: (directory) => start({ ...each, directory }) }));
}

interface Given {
  readonly name: string;
  readonly isSynced: boolean;
  readonly directory: string;
}

async function start(given: Given): Promise<Running> {
  const { directory, isSynced } = given;
  await mkdir(directory);
  const port = await freePort();
  const place = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory];
  const synced = isSynced ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
  const started = await startProcess({
    command: 'redis-server',
    args: [...place, '--logfile', join(directory, 'log'), ...synced],
    firstRequest: () => once(port, add('first')),
  });
  return { ...started, fill: (records) => fill(port, records), ways: [wayTo(port, given)] };
}

/** Reading back is the same for both, and shown once. */
function wayTo(port: number, { name, isSynced }: Given): Way {
  return {
    name,
    batches: (seconds) =>
      produce(port, { requests: BATCH, connections: BATCH_CONNECTIONS, seconds }),
    ...(!isSynced && { readBack: (records, seconds) => readRate(port, { records, seconds }) }),
    single: (connections, seconds) => produce(port, { requests: 1, connections, seconds }),
    follow: (onRecords) => follow(port, onRecords),
  };
}

const VALUE = 'x'.repeat(RECORD_BYTES);

function add(stream: string, id = '*'): Buffer {
  return command('XADD', stream, id, 'v', VALUE);
}

/** So many commands are sent at once and waited for together: its pipelining. */
async function produce(
  port: number,
  load: { readonly requests: number; readonly connections: number; readonly seconds: number },
): Promise<number> {
  const { requests, connections, seconds } = load;
  const pipeline = Buffer.concat(Array.from({ length: requests }, () => add('produced')));
  const counted = () => {
    const read = answers();
    let left = requests;
    return (chunk: Buffer): number => {
      left -= read(chunk);
      if (left > 0) return 0;
      left = requests;
      return 1;
    };
  };
  const rate = await rawRate({
    ...{ port, connections, seconds, inFlight: 1 },
    request: () => pipeline,
    reader: counted,
  });
  // It keeps all in memory: the next turn is to find it empty.
  await once(port, command('UNLINK', 'produced'));
  return requests * rate;
}

/** Ids that are offsets, so that a page can begin anywhere. 0 is none. */
async function fill(port: number, records: number): Promise<void> {
  const line = await dialogue(port, () => answers());
  for (let offset = 0; offset < records; offset += BATCH) {
    const ids = Array.from({ length: BATCH }, (_, index) => `${offset + index + 1}-0`);
    await line.ask(Buffer.concat(ids.map((id) => add('read', id))), BATCH);
  }
  line.end();
}

async function readRate(
  port: number,
  { records, seconds }: { readonly records: number; readonly seconds: number },
): Promise<number> {
  let page = 0;
  const rate = await rawRate({
    ...{ port, connections: BATCH_CONNECTIONS, seconds, inFlight: 1 },
    request: () => {
      page += 1;
      return command('XRANGE', 'read', pageStart(page, records) + 1, '+', 'COUNT', PAGE);
    },
    reader: () => answers(),
  });
  return PAGE * rate;
}

async function follow(port: number, onRecords: (count: number) => void): Promise<Following> {
  await once(port, command('DEL', 'followed'));
  let [last, count] = ['0', 0];
  const onText = (text: string): void => {
    if (!/^\d+-\d+$/.test(text)) return;
    last = text;
    count += 1;
  };
  const writer = await dialogue(port, () => answers());
  const reader = await dialogue(port, () => answers(onText));
  const stopReading = keepReading(async () => {
    await reader.ask(command('XREAD', 'BLOCK', 100, 'STREAMS', 'followed', last));
    onRecords(count);
    count = 0;
  });
  return {
    send: () => writer.ask(add('followed')),
    async stop() {
      await stopReading();
      writer.end();
      reader.end();
    },
  };
}

async function once(port: number, request: Buffer): Promise<void> {
  const line = await dialogue(port, () => answers());
  try {
    await line.ask(request);
  } finally {
    line.end();
  }
}
