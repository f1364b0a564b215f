/** `millrace consume`: prints records from an offset or a time on, and follows if asked to. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Client, TopicAnswer } from '../client/client.ts';
import type { RecordGroup, StreamQuery } from '../client/record-stream.ts';
import { ServerError } from '../client/server-error.ts';
import { CommandFailure, EXIT, UsageError } from './exit.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { inOrderOfArrival, inOrderOfTime } from './merge.ts';
import { oneAfterAnother } from './one-after-another.ts';
import { delimiterOption, integerOption, startOption } from './options.ts';
import type { OutputForm, RecordPrinter } from './record-printer.ts';
import { recordPrinter } from './record-printer.ts';

/** Read at once, each over a connection of its own; far below any limit on either side. */
const PARTITIONS_AT_ONCE_MAX = 32;

interface ConsumeOptions {
  readonly partition?: number;
  readonly from?: string;
  readonly tail?: number;
  readonly follow?: boolean;
  readonly maxRecords?: number;
  readonly output: OutputForm;
  readonly keyDelimiter?: string;
  readonly showNull?: boolean;
}

const HELP = `
Records of several partitions are printed in the order of their timestamps,
with --follow as they come. A topic of more than ${PARTITIONS_AT_ONCE_MAX} partitions is printed one
partition after another, and followed by looking for news twice a second.

Output as text is the exact bytes of each value and a line feed; keys and values
that are null print as nothing, or as NULL with -Z. ndjson is a JSON object a
line and json one array of them: they tell everything apart, and keep every digit
of a number. On a terminal control characters are shown as \\x1b and the like; in
a pipe or a file nothing is changed.

A time without a zone is UTC. Ctrl-C ends --follow with exit code 130.

Examples:
  millrace consume orders --tail 10 --follow
  millrace consume orders --from 2026-11-21T06:00:00Z -O ndjson | head -3
  millrace consume orders --partition 0 --from 42 --max-records 1`;

export function addConsume(program: Command, io: CliIo, client: () => Client): void {
  program
    .command('consume <topic>')
    .description('print the records of a topic')
    .option('-p, --partition <n>', 'only this partition, else all of them', integerOption(0))
    .option(
      '-o, --from <where>',
      'offset, -N for the last N, earliest, latest, or a time such as 2026-11-21T06:00:00Z ' +
        '(default: earliest)',
      startOption,
    )
    .option('-t, --tail <n>', 'begin with the last <n> records of each partition', integerOption(0))
    .option('-f, --follow', 'stay, and print what comes')
    .option('-n, --max-records <n>', 'end after <n> records in all', integerOption(1))
    .addOption(
      new Option('-O, --output <form>', 'how to print them')
        .choices(['text', 'json', 'ndjson'])
        .default('text', 'text'),
    )
    .option(
      '-K, --key-delimiter <text>',
      'with text: print each key and <text> before its value',
      delimiterOption,
    )
    .option('-Z, --show-null', 'with text: print NULL for a key or value that is null')
    .addHelpText('after', HELP)
    .action(async (topic: string, options: ConsumeOptions) => {
      checkTogether(options);
      await consume(client(), io, topic, options);
    });
}

function checkTogether({ tail, from, follow, output, keyDelimiter, showNull }: ConsumeOptions) {
  if (tail !== undefined && from !== undefined) {
    throw new UsageError('--tail and --from both say where to begin: give one of them');
  }
  if (follow === true && output === 'json') {
    throw new UsageError('--output json is one array that ends; follow with --output ndjson');
  }
  if (output !== 'text' && (keyDelimiter !== undefined || showNull === true)) {
    const option = keyDelimiter === undefined ? '--show-null' : '--key-delimiter';
    throw new UsageError(`${option} is for --output text; ${output} always shows both`);
  }
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
