/**
 * NATS JetStream, its server built from the Go module proxy. As it comes it syncs its files every
 * two minutes; the other syncs before each acknowledgement.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from '../../test/support/clients/assemble-step.ts';
import { cached } from '../../test/support/clients/cache.ts';
import { freePort, startProcess } from '../support/processes.ts';
import { ask, greeting, messages, publish } from './nats-wire.ts';
import type { Following, Peer, Running, Way } from './peer.ts';
import { BATCH, BATCH_CONNECTIONS, RECORD_BYTES } from './peer.ts';
import type { RawLoad } from './raw-load.ts';
import { connected, dialogue, rawRate } from './raw-load.ts';

const VERSION = '2.15.2';
const CACHE = fileURLToPath(new URL('../../.cache/peers/', import.meta.url));

export async function findNats(): Promise<Peer[]> {
  const module = `github.com/nats-io/nats-server/v2@v${VERSION}`;
  const { out: toolchain } = await mustRun('go', ['version']);
  const assemble = async (into: string): Promise<void> => {
    await mustRun('go', ['install', module], { environment: { GOBIN: into } });
  };
  const directory = await cached({ name: 'nats', parts: [toolchain, module], assemble }, CACHE);
  const program = join(directory, 'nats-server');
  return [
    { name: `NATS ${VERSION}, synced`, isSynced: true },
    { name: `NATS ${VERSION}, as it comes`, isSynced: false },
  ].map((each) => ({ name: each.name, start: (place) => start({ ...each, program, place }) }));
}

interface Given {
  readonly name: string;
  readonly isSynced: boolean;
  readonly program: string;
  readonly place: string;
}

async function start(given: Given): Promise<Running> {
  const { place, program } = given;
  await mkdir(place);
  const port = await freePort();
  const settings = join(place, 'nats.conf');
  const sync = given.isSynced ? 'sync_interval: always' : '';
  const lines = [
    `port: ${port}`,
    'host: 127.0.0.1',
    `log_file: "${join(place, 'log')}"`,
    `jetstream { store_dir: "${place}"`,
    sync,
    '}',
  ];
  await writeFile(settings, `${lines.join('\n')}\n`);
  const firstRequest = async (): Promise<void> => {
    await createStream(port, 'first');
    await ask(port, 'first');
  };
  const started = await startProcess({ command: program, args: ['-c', settings], firstRequest });
  return { ...started, fill: (records) => fill(port, records), ways: [wayTo(port, given)] };
}

/** Reading back is the same for both, and shown once. */
function wayTo(port: number, { name, isSynced }: Given): Way {
  return {
    name,
    // A batch is synced as one; without syncs, messages on their own are the faster way.
    batches: (seconds) => (isSynced ? atomic(port, seconds) : inFlight(port, seconds)),
    ...(!isSynced && { readBack: (_, seconds) => readRate(port, seconds) }),
    single: (connections, seconds) => produce(port, { connections, inFlight: 1, seconds }),
    follow: (onRecords) => follow(port, onRecords),
  };
}

function createStream(port: number, name: string): Promise<unknown> {
  const settings = { subjects: [name], storage: 'file', num_replicas: 1, allow_atomic: true };
  return ask(port, `$JS.API.STREAM.CREATE.${name}`, { name, ...settings });
}

const VALUE = Buffer.alloc(RECORD_BYTES, 'x');

/** Each connection has an inbox of its own, to which its answers go. */
const inbox = (lane: number): string => `_INBOX.lane${lane}`;
const greet = (lane: number): Buffer => greeting(inbox(lane));

const inFlight = (port: number, seconds: number): Promise<number> => {
  const perConnection = BATCH / BATCH_CONNECTIONS;
  return produce(port, { connections: BATCH_CONNECTIONS, inFlight: perConnection, seconds });
};

async function produce(
  port: number,
  load: Pick<RawLoad, 'connections' | 'inFlight' | 'seconds'>,
): Promise<number> {
  const requests = Array.from({ length: load.connections }, (_, lane) =>
    publish({ subject: 'produced', reply: inbox(lane), payload: VALUE }),
  );
  return inNewStream(port, 'produced', () =>
    rawRate({
      ...{ ...load, port, greeting: greet, reader: acknowledgements },
      request: (lane) => requests[lane] as Buffer,
    }),
  );
}

/** Atomic batches (2.12): the last message commits all, and is acknowledged for all. */
async function atomic(port: number, seconds: number): Promise<number> {
  const batches = Array.from({ length: BATCH_CONNECTIONS }, (_, lane) => batchOf(lane));
  const rate = await inNewStream(port, 'produced', () =>
    rawRate({
      ...{ port, seconds, connections: BATCH_CONNECTIONS, inFlight: 1 },
      ...{ greeting: greet, reader: acknowledgements },
      request: (lane) => batches[lane] as Buffer,
    }),
  );
  return BATCH * rate;
}

/** A batch's id may be used again once it is committed. */
function batchOf(lane: number): Buffer {
  const last = BATCH - 1;
  const batch = Array.from({ length: BATCH }, (_, index) =>
    publish({
      subject: 'produced',
      ...(index === last && { reply: inbox(lane) }),
      headers: [
        `Nats-Batch-Id: lane${lane}`,
        `Nats-Batch-Sequence: ${index + 1}`,
        ...(index === last ? ['Nats-Batch-Commit: 1'] : []),
      ],
      payload: VALUE,
    }),
  );
  return Buffer.concat(batch);
}

async function inNewStream(
  port: number,
  name: string,
  task: () => Promise<number>,
): Promise<number> {
  await createStream(port, name);
  try {
    return await task();
  } finally {
    await ask(port, `$JS.API.STREAM.DELETE.${name}`);
  }
}

const ACKNOWLEDGED = '{"stream"';

const acknowledgements: RawLoad['reader'] = (socket) => {
  let count = 0;
  const read = messages(socket, (bytes, at, end) => {
    count += 1;
    if (bytes.toString('latin1', at, at + ACKNOWLEDGED.length) === ACKNOWLEDGED) return;
    throw new Error(bytes.toString('utf8', at, end));
  });
  return (chunk) => {
    count = 0;
    read(chunk);
    return count;
  };
};

async function fill(port: number, records: number): Promise<void> {
  await createStream(port, 'read');
  const line = await dialogue(port, acknowledgements, greet(0));
  const one = publish({ subject: 'read', reply: inbox(0), payload: VALUE });
  const many = Buffer.concat(Array.from({ length: BATCH }, () => one));
  for (let sent = 0; sent < records; sent += BATCH) await line.ask(many, BATCH);
  line.end();
}

/** Pull consumers that acknowledge nothing, one a connection. */
async function readRate(port: number, seconds: number): Promise<number> {
  const consumers = Array.from({ length: BATCH_CONNECTIONS }, (_, lane) => `reader${lane}`);
  const config = { ack_policy: 'none', mem_storage: true, deliver_policy: 'all' };
  for (const name of consumers) {
    const body = { stream_name: 'read', config: { ...config, name } };
    await ask(port, `$JS.API.CONSUMER.CREATE.read.${name}`, body);
  }
  const requests = consumers.map((name, lane) =>
    publish({
      subject: `$JS.API.CONSUMER.MSG.NEXT.read.${name}`,
      reply: inbox(lane),
      payload: JSON.stringify({ batch: BATCH }),
    }),
  );
  const rate = await rawRate({
    // The next batch is asked for while one arrives.
    ...{ port, seconds, connections: BATCH_CONNECTIONS, inFlight: 2, greeting: greet },
    request: (lane) => requests[lane] as Buffer,
    reader: batchesOfRecords,
  });
  for (const name of consumers) await ask(port, `$JS.API.CONSUMER.DELETE.read.${name}`);
  return BATCH * rate;
}

const batchesOfRecords: RawLoad['reader'] = (socket) => {
  let count = 0;
  const take = messages(socket, (bytes, at, end) => {
    if (bytes[at] !== VALUE[0]) throw new Error(bytes.toString('latin1', at, end));
    count += 1;
  });
  return (chunk) => {
    take(chunk);
    const whole = Math.floor(count / BATCH);
    count -= whole * BATCH;
    return whole;
  };
};

/** What is stored is pushed to the inbox of who follows. */
async function follow(port: number, onRecords: (count: number) => void): Promise<Following> {
  await createStream(port, 'followed');
  const followed = await connected(port);
  followed.on(
    'data',
    messages(followed, () => onRecords(1)),
  );
  followed.write(greet(1));
  const config = { name: 'follower', deliver_subject: inbox(1), ack_policy: 'none' };
  const body = { stream_name: 'followed', config: { ...config, deliver_policy: 'all' } };
  await ask(port, '$JS.API.CONSUMER.CREATE.followed.follower', body);
  const line = await dialogue(port, acknowledgements, greet(0));
  const one = publish({ subject: 'followed', reply: inbox(0), payload: VALUE });
  return {
    send: () => line.ask(one),
    async stop() {
      line.end();
      followed.destroy();
      await ask(port, '$JS.API.STREAM.DELETE.followed');
    },
  };
}
