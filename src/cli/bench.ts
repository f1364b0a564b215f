/** `millrace bench`: load against a running server, measured, read back and checked. */
import { performance } from 'node:perf_hooks';
import type { Command } from 'commander';
import type { Client, TopicAnswer } from '../client/client.ts';
import { BenchCheck } from './bench-check.ts';
import { writeLoad } from './bench-load.ts';
import type { LoadShape } from './bench-load.ts';
import { endsOf, readLoad, sizeBetween } from './bench-read.ts';
import type { ReadMeans } from './bench-read.ts';
import { RECORD_BYTES_MIN } from './bench-records.ts';
import { benchJson, benchText } from './bench-report.ts';
import type { BenchResults } from './bench-report.ts';
import { followLoad } from './bench-tail.ts';
import { CommandFailure, EXIT, UsageError } from './exit.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { Latencies } from './latencies.ts';
import { integerOption } from './options.ts';

interface BenchOptions {
  readonly topic?: string;
  readonly connections: number;
  readonly batch: number;
  readonly recordSize: number;
  readonly keys: number;
  readonly partitions?: number;
  readonly records?: number;
  readonly duration?: number;
  readonly tail?: boolean;
  readonly produceOnly?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
}

const DURATION_SECONDS = 10;

const HELP = `
Without --topic it makes a topic of its own and deletes it at the end. Every record
is read back and checked: acknowledged ones must be there, once and in the order
in which their connection sent them; what was refused must not. Exit code 1 says
that the check failed. Requests that fail are counted, and the load goes on, so
that the server may be killed and started again meanwhile.

Records travel as JSON. A client in JavaScript can be slower than the server; the
report says when this one was the bound.

Examples:
  millrace bench
  millrace bench --batch 1000 --connections 8
  millrace bench --connections 1 --records 5000 --tail
  millrace bench --partitions 16 --keys 10000 --duration 30 --json`;

export function addBench(program: Command, io: CliIo, client: () => Client): void {
  program
    .command('bench')
    .description('put load on a server, measure it, read it back and check it')
    .option(
      '-c, --connections <n>',
      'connections that produce at the same time',
      integerOption(1),
      64,
    )
    .option('-b, --batch <n>', 'records a request', integerOption(1), 1)
    .option(
      '-z, --record-size <bytes>',
      `size of a record's value, from ${RECORD_BYTES_MIN}`,
      integerOption(RECORD_BYTES_MIN),
      100,
    )
    .option(
      '-k, --keys <n>',
      'spread the records over so many keys; 0 = no keys',
      integerOption(0),
      0,
    )
    .option('-n, --records <n>', 'end after so many records', integerOption(1))
    .option(
      '-d, --duration <seconds>',
      `end after so many seconds (default: ${DURATION_SECONDS} without --records)`,
      integerOption(1),
    )
    .option(
      '-p, --partitions <n>',
      'of the topic that is made for it (default: 1)',
      integerOption(1),
    )
    .option('-t, --topic <name>', 'produce to this topic, which must exist, and keep it')
    .option('--tail', 'read while producing, and measure from request to receipt')
    .option('--produce-only', 'do not read back, and so do not check')
    .option('--keep', 'keep the topic that was made for it')
    .option('--json', 'print the results as JSON')
    .addHelpText('after', HELP)
    .action(async (options: BenchOptions) => {
      checkTogether(options);
      await bench(client(), io, options);
    });
}

function checkTogether({ topic, partitions, tail, produceOnly }: BenchOptions): void {
  if (topic !== undefined && partitions !== undefined) {
    throw new UsageError('--partitions is for a new topic; leave it or --topic out');
  }
  if (tail === true && produceOnly === true) {
    throw new UsageError('--tail reads and --produce-only does not; leave one of them out');
  }
}

async function bench(client: Client, io: CliIo, options: BenchOptions): Promise<void> {
  const run = Buffer.from(io.randomBytes(4)).toString('hex');
  const topic = await topicFor(client, options, `bench-${run}`);
  const isOwn = options.topic === undefined;
  try {
    const results = await measured({ client, io, options, run, topic });
    await write(io.stdout, options.json === true ? benchJson(results) : benchText(results));
    if ((results.read?.findings.length ?? 0) > 0) {
      throw new CommandFailure(EXIT.failed, `what ${topic.name} holds is not what was produced`);
    }
    if (isOwn && options.keep !== true) await client.deleteTopic(topic.name);
  } catch (error) {
    if (isOwn) io.stderr.write(`millrace: topic ${topic.name} is left as it is\n`);
    throw error;
  }
}

async function topicFor(
  client: Client,
  { topic, partitions = 1 }: BenchOptions,
  name: string,
): Promise<TopicAnswer> {
  if (topic !== undefined) return client.describeTopic(topic);
  return (await client.createTopic(name, { partitions })).topic;
}

interface Measuring {
  readonly client: Client;
  readonly io: CliIo;
  readonly options: BenchOptions;
  readonly run: string;
  readonly topic: TopicAnswer;
}

async function measured({ client, io, options, run, topic }: Measuring): Promise<BenchResults> {
  const { name, partitions } = topic;
  const shape = shapeOf(options);
  const check = new BenchCheck();
  const means: ReadMeans = { client, io, topic: name, run, check };
  const from = endsOf(partitions);
  const [requests, receipts] = [new Latencies(), new Latencies()];
  const tail = options.tail === true ? followLoad(means, from, receipts) : undefined;
  const producer = client.producer(name, shape.connections);
  const idle = performance.eventLoopUtilization();
  try {
    const load = await writeLoad(shape, { io, producer, run, check }, requests);
    const clientLoad = performance.eventLoopUtilization(idle).utilization;
    const written = { ...load, acknowledged: check.acknowledged, latencies: requests };
    const results = { topic: name, partitions: partitions.length, shape, written, clientLoad };
    // Whoever has had enough still gets to see what was measured by then.
    if (options.produceOnly === true || io.interrupted.aborted) return results;
    const to = endsOf((await client.describeTopic(name)).partitions);
    const elapsedMs = tail === undefined ? await readLoad(means, { from, to }) : undefined;
    await tail?.done(to);
    const read = {
      records: sizeBetween(from, to),
      elapsedMs,
      latencies: tail && receipts,
      findings: check.findings(),
      withoutAnswer: check.withoutAnswer,
    };
    return { ...results, read };
  } finally {
    tail?.stop();
    producer.close();
  }
}

function shapeOf(options: BenchOptions): LoadShape {
  const { connections, batch, recordSize, keys, records = Infinity, duration } = options;
  const seconds = duration ?? (records === Infinity ? DURATION_SECONDS : Infinity);
  return { connections, batch, keys, records, recordBytes: recordSize, durationMs: seconds * 1000 };
}
