/** `millrace consume`: prints records from an offset or a time on, and follows if asked to. */
import type { Command } from 'commander';
import type { Client, TopicAnswer } from '../client/client.ts';
import type { RecordGroup, StreamQuery } from '../client/record-stream.ts';
import { ServerError } from '../client/server-error.ts';
import { consumeGroup } from './consume-group.ts';
import type { ConsumeOptions } from './consume-options.ts';
import { addConsumeOptions, checkTogether, PARTITIONS_AT_ONCE_MAX } from './consume-options.ts';
import { CommandFailure, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { inOrderOfArrival, inOrderOfTime } from './merge.ts';
import { oneAfterAnother } from './one-after-another.ts';
import type { RecordPrinter } from './record-printer.ts';
import { recordPrinter } from './record-printer.ts';

export function addConsume(program: Command, io: CliIo, client: () => Client): void {
  const command = program
    .command('consume [topic...]')
    .description('print the records of a topic, or what falls to a member of a group');
  addConsumeOptions(command).action(async (topics: readonly string[], options: ConsumeOptions) => {
    checkTogether(topics, options);
    const { group } = options;
    if (group !== undefined) await consumeGroup(client(), io, topics, { ...options, group });
    else await consume(client(), io, topics[0] as string, options);
  });
}

async function consume(
  client: Client,
  io: CliIo,
  topic: string,
  options: ConsumeOptions,
): Promise<void> {
  const ending = new AbortController();
  const signal = AbortSignal.any([io.interrupted, ending.signal]);
  const printer = recordPrinter({ ...options, toTerminal: io.stdout.isTTY === true });
  try {
    const groups = await groupsOf({ client, io, topic, options, signal });
    await print(io, limited(groups, options.maxRecords), printer);
  } finally {
    // Streams that are still open would keep the process.
    ending.abort();
  }
}

interface Reading {
  readonly client: Client;
  readonly io: CliIo;
  readonly topic: string;
  readonly options: ConsumeOptions;
  readonly signal: AbortSignal;
}

async function groupsOf(reading: Reading): Promise<AsyncIterable<RecordGroup>> {
  const { client, io, topic, options, signal } = reading;
  const follow = options.follow === true;
  const start = startOf(options);
  const format = options.output === 'text' ? 'base64' : 'json';
  const read = (partition: number, query: Pick<StreamQuery, 'offset' | 'follow'>) =>
    named(partition, client.records(topic, partition, { ...query, format, signal }));
  if (options.partition !== undefined) return read(options.partition, { offset: start, follow });
  const { topic_id: topicId, partitions } = await client.describeTopic(topic);
  if (partitions.length <= PARTITIONS_AT_ONCE_MAX) {
    const streams = partitions.map(({ partition }) => read(partition, { offset: start, follow }));
    return follow ? inOrderOfArrival(streams) : inOrderOfTime(streams);
  }
  const source = {
    list: async () => samePartitions(await client.describeTopic(topic), topicId),
    read: (partition: number, offset: string) => read(partition, { offset, follow: false }),
    pause: (delayMs: number) => io.pause(delayMs),
  };
  return oneAfterAnother(source, { start, follow });
}

/** The server speaks of the partition that it was asked for; here several are. */
async function* named(
  partition: number,
  groups: AsyncIterable<RecordGroup>,
): AsyncGenerator<RecordGroup> {
  try {
    yield* groups;
  } catch (error) {
    if (!(error instanceof ServerError) || error.code !== 'OFFSET_OUT_OF_RANGE') throw error;
    const { code, message } = error;
    throw new ServerError({ code, message: `partition ${partition}: ${message}` });
  }
}

/** A topic of the same name has offsets of its own, to which those reached so far mean nothing. */
function samePartitions(now: TopicAnswer, topicId: string): TopicAnswer['partitions'] {
  if (now.topic_id === topicId) return now.partitions;
  throw new CommandFailure(EXIT.notFound, `topic ${now.name} was deleted and made anew`);
}

function startOf({ tail, from }: ConsumeOptions): string {
  if (tail !== undefined) return tail === 0 ? 'latest' : `-${tail}`;
  return from ?? 'earliest';
}

async function print(
  { stdout }: CliIo,
  groups: AsyncIterable<RecordGroup>,
  printer: RecordPrinter,
): Promise<void> {
  await write(stdout, printer.begin());
  for await (const group of groups) await write(stdout, printer.group(group));
  await write(stdout, printer.end());
}

async function* limited(
  groups: AsyncIterable<RecordGroup>,
  max = Infinity,
): AsyncGenerator<RecordGroup> {
  let left = max;
  for await (const group of groups) {
    yield group.length <= left ? group : group.slice(0, left);
    left -= group.length;
    if (left <= 0) return;
  }
}
