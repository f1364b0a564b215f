/** `millrace consume`: prints records from an offset or a time on, and follows if asked to. */
import type { Command } from 'commander';
import type { Client, StreamQuery, ReceivedRecord } from '../client/client.ts';
import { UsageError } from './exit.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { inOrderOfArrival, inOrderOfTime } from './merge.ts';
import { choiceOption, delimiterOption, integerOption, serverOf, startOption } from './options.ts';
import { recordPrinter } from './record-printer.ts';

interface ConsumeOptions {
  readonly partition?: number;
  readonly from?: string;
  readonly tail?: number;
  readonly follow?: boolean;
  readonly maxRecords?: number;
  readonly output: 'text' | 'json' | 'ndjson';
  readonly keyDelimiter?: string;
}

export function addConsume(program: Command, io: CliIo): void {
  program
    .command('consume <topic>')
    .description('print the records of a topic')
    .option('-p, --partition <n>', 'only this partition (else all of them)', integerOption(0))
    .option(
      '-o, --from <where>',
      'offset, earliest, latest, or a time such as 2026-11-21T06:00:00Z (default: earliest)',
      startOption,
    )
    .option('-t, --tail <n>', 'begin with the last <n> records of each partition', integerOption(0))
    .option('-f, --follow', 'stay, and print what comes')
    .option('-n, --max-records <n>', 'end after <n> records', integerOption(1))
    .option(
      '-O, --output <form>',
      'text (values, a line each), json (one array), ndjson (a record a line)',
      choiceOption('text', 'json', 'ndjson'),
      'text',
    )
    .option(
      '-K, --key-delimiter <text>',
      'with text: print the key and <text> before each value',
      delimiterOption,
    )
    .addHelpText(
      'after',
      `
Records of several partitions are printed in the order of their timestamps, with --follow as
they come. A null value prints as an empty line in text.
`,
    )
    .action(async (topic: string, options: ConsumeOptions) => {
      await consume(serverOf(program), io, topic, options);
    });
}

async function consume(
  client: Client,
  io: CliIo,
  topic: string,
  options: ConsumeOptions,
): Promise<void> {
  if (options.tail !== undefined && options.from !== undefined) {
    throw new UsageError('--tail and --from both say where to begin: give one of them');
  }
  const follow = options.follow === true;
  if (follow && options.output === 'json') {
    throw new UsageError('--output json is one array that ends; follow with ndjson');
  }
  const ending = new AbortController();
  const signal = AbortSignal.any([io.interrupted, ending.signal]);
  const query: StreamQuery = {
    offset: startOf(options),
    follow,
    format: options.output === 'text' ? 'base64' : 'json',
    signal,
  };
  const partitions =
    options.partition === undefined
      ? (await client.describeTopic(topic)).partitions.map((each) => each.partition)
      : [options.partition];
  const sources = partitions.map((partition) => client.records(topic, partition, query));
  const records = follow ? inOrderOfArrival(sources) : inOrderOfTime(sources);
  try {
    await print(io, limited(records, options.maxRecords), options);
  } finally {
    ending.abort();
  }
}

function startOf(options: ConsumeOptions): string {
  if (options.tail !== undefined) return options.tail === 0 ? 'latest' : `-${options.tail}`;
  return options.from ?? 'earliest';
}

async function print(
  io: CliIo,
  records: AsyncIterable<ReceivedRecord>,
  options: ConsumeOptions,
): Promise<void> {
  const printer = recordPrinter(options.output, options.keyDelimiter);
  await write(io.stdout, printer.begin);
  let isFirst = true;
  for await (const record of records) {
    await write(io.stdout, printer.record(record, isFirst));
    isFirst = false;
  }
  await write(io.stdout, printer.end(isFirst));
}

async function* limited(
  records: AsyncIterable<ReceivedRecord>,
  max = Infinity,
): AsyncGenerator<ReceivedRecord> {
  let seen = 0;
  for await (const record of records) {
    yield record;
    seen += 1;
    if (seen === max) return;
  }
}
