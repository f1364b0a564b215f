/** `millrace topics`: list, create, describe, delete, purge. */
import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import { UsageError } from './exit.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { plural } from './numbers.ts';
import type { NameAndValue } from './options.ts';
import { integerOption, pairOption } from './options.ts';
import { topicText } from './topic-text.ts';

const HELP = `
Examples:
  millrace topics create orders --partitions 3 --config retention.ms=3600000
  millrace topics describe orders
  millrace topics purge orders --partition 0 --before 42
  millrace topics delete orders`;

export function addTopics(program: Command, io: CliIo, client: () => Client): void {
  const topics = program
    .command('topics')
    .description('list, create, describe, delete, purge topics')
    .addHelpText('after', HELP);
  addList(topics, io, client);
  addCreate(topics, io, client);
  addDescribe(topics, io, client);
  addDelete(topics, io, client);
  addPurge(topics, io, client);
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

interface CreateOptions {
  readonly partitions?: number;
  readonly config?: readonly NameAndValue[];
}

function addCreate(topics: Command, io: CliIo, client: () => Client): void {
  topics
    .command('create <topic>')
    .description('create a topic; fine as well when it exists and is just so')
    .option('-n, --partitions <n>', 'number of partitions', integerOption(1))
    .option(
      '-c, --config <name=value>',
      'a topic config; may be repeated',
      pairOption('retention.ms=3600000'),
    )
    .action(async (name: string, { partitions, config = [] }: CreateOptions) => {
      const { isNew, topic } = await client().createTopic(name, {
        ...(partitions === undefined ? {} : { partitions }),
        ...(config.length === 0 ? {} : { configs: configsOf(config) }),
      });
      const what = isNew ? 'created' : 'exists already:';
      const size = plural(topic.partitions.length, 'partition');
      await write(io.stdout, `${what} ${topic.name}, ${size}\n`);
    });
}

function configsOf(config: readonly NameAndValue[]): { [name: string]: string } {
  const configs = new Map(config.map(({ name, value }) => [name, value]));
  if (configs.size === config.length) return Object.fromEntries(configs);
  throw new UsageError('--config names a config twice; give it once');
}

function addDescribe(topics: Command, io: CliIo, client: () => Client): void {
  topics
    .command('describe <topic>')
    .description('its partitions with their offsets, and its configs')
    .option('--json', 'as the server answers it')
    .action(async (name: string, options: { json?: boolean }) => {
      const topic = await client().describeTopic(name);
      const text = options.json === true ? `${JSON.stringify(topic, null, 2)}\n` : topicText(topic);
      await write(io.stdout, text);
    });
}

function addDelete(topics: Command, io: CliIo, client: () => Client): void {
  topics
    .command('delete <topic>')
    .description('delete a topic with all its records')
    .action(async (name: string) => {
      await client().deleteTopic(name);
      await write(io.stdout, `deleted ${name}\n`);
    });
}

function addPurge(topics: Command, io: CliIo, client: () => Client): void {
  topics
    .command('purge <topic>')
    .description('delete the records of a topic and keep the topic')
    .option('-p, --partition <n>', 'only this partition', integerOption(0))
    .option(
      '--before <offset>',
      'only records below this offset (with --partition)',
      integerOption(0),
    )
    .action(
      async (name: string, { partition, before }: { partition?: number; before?: number }) => {
        if (before !== undefined && partition === undefined) {
          throw new UsageError('--before needs --partition: offsets are counted per partition');
        }
        const part =
          partition === undefined
            ? undefined
            : { partition, ...(before === undefined ? {} : { before }) };
        await client().purge(name, part);
        await write(io.stdout, `purged ${name}\n`);
      },
    );
}
