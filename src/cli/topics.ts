/** `millrace topics`: list, create, describe, delete, purge. */
import type { Command } from 'commander';
import { Client } from '../client/client.ts';
import type { TopicAnswer } from '../client/client.ts';
import { UsageError } from './exit.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { integerOption, serverOf } from './options.ts';

export function addTopics(program: Command, io: CliIo): void {
  const topics = program
    .command('topics')
    .description('list, create, describe, delete, purge topics');
  const client = (): Client => serverOf(program);
  addList(topics, io, client);
  addCreate(topics, io, client);
  addDescribe(topics, io, client);

  topics
    .command('delete <topic>')
    .description('delete a topic with all its records')
    .action(async (topic: string) => {
      await client().deleteTopic(topic);
      await write(io.stdout, `deleted ${topic}\n`);
    });

  topics
    .command('purge <topic>')
    .description('delete the records of a topic and keep the topic')
    .option('-p, --partition <n>', 'only this partition', integerOption(0))
    .option(
      '--before <offset>',
      'only records below this offset (with --partition)',
      integerOption(0),
    )
    .action(async (topic: string, options: { partition?: number; before?: number }) => {
      const { partition, before } = options;
      if (before !== undefined && partition === undefined) {
        throw new UsageError('--before needs --partition: offsets are counted per partition');
      }
      const part =
        partition === undefined
          ? undefined
          : { partition, ...(before === undefined ? {} : { before }) };
      await client().purge(topic, part);
      await write(io.stdout, `purged ${topic}\n`);
    });
}

function addList(topics: Command, io: CliIo, client: () => Client): void {
  topics
    .command('list')
    .description('names of all topics, one a line')
    .option('--json', 'as a JSON array')
    .action(async (options: { json?: boolean }) => {
      const names = await client().listTopics();
      const lines = names.map((name) => `${name}\n`).join('');
      await write(io.stdout, options.json === true ? `${JSON.stringify(names)}\n` : lines);
    });
}

function addCreate(topics: Command, io: CliIo, client: () => Client): void {
  topics
    .command('create <topic>')
    .description('create a topic; done as well when it exists with the same settings')
    .option('-n, --partitions <n>', 'number of partitions', integerOption(1))
    .option(
      '-c, --config <name=value>',
      'a topic config such as retention.ms=3600000; may repeat',
      addConfig,
      {},
    )
    .action(
      async (
        topic: string,
        options: { partitions?: number; config: { [name: string]: string } },
      ) => {
        const isNew = await client().createTopic(topic, {
          ...(options.partitions === undefined ? {} : { partitions: options.partitions }),
          ...(Object.keys(options.config).length === 0 ? {} : { configs: options.config }),
        });
        await write(io.stdout, isNew ? `created ${topic}\n` : `${topic} exists already\n`);
      },
    );
}

function addConfig(text: string, earlier: { [name: string]: string }): { [name: string]: string } {
  const at = text.indexOf('=');
  if (at < 1)
    throw new UsageError(`--config ${JSON.stringify(text)} should look like retention.ms=3600000`);
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

function addDescribe(topics: Command, io: CliIo, client: () => Client): void {
  topics
    .command('describe <topic>')
    .description('partitions with their offsets, and configs')
    .option('--json', "the server's answer as it is")
    .action(async (topic: string, options: { json?: boolean }) => {
      const answer = await client().describeTopic(topic);
      const text = options.json === true ? JSON.stringify(answer, null, 2) : describe(answer);
      await write(io.stdout, `${text}\n`);
    });
}

function describe(topic: TopicAnswer): string {
  const rows = topic.partitions.map((each) => [
    String(each.partition),
    String(each.beginning_offset),
    String(each.end_offset),
    String(each.end_offset - each.beginning_offset),
  ]);
  const configs = Object.entries(topic.configs).map(([name, value]) => `  ${name} = ${value}`);
  return [
    `${topic.name}  (id ${topic.topic_id})`,
    '',
    ...table(['partition', 'first offset', 'next offset', 'records'], rows),
    '',
    'configs',
    ...configs,
  ].join('\n');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    row.map((cell, column) => cell.padStart(widths[column] as number)).join('  '),
  );
}
