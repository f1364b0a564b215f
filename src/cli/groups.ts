/** `millrace groups`: list, describe, lag, reset, delete. */
import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import type { ResetTarget } from '../client/group-answers.ts';
import type { GroupClient } from '../client/group-client.ts';
import { groupsText, groupText, lagText, resetText } from './group-text.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { partitionsOption, resetOption } from './options.ts';

const HELP = `
Examples:
  millrace groups list
  millrace groups lag billing
  millrace groups reset billing --topic orders --to earliest --dry-run
  millrace groups delete billing

millrace consume --group reads as a member of a group.`;

export function addGroups(program: Command, io: CliIo, client: () => Client): void {
  const groups = program
    .command('groups')
    .description('list, describe, reset, delete consumer groups; show their lag')
    .addHelpText('after', HELP);
  const means = { groups, io, client: () => client().groups };
  addList(means);
  addDescribe(means);
  addLag(means);
  addReset(means);
  addDelete(means);
}

interface Means {
  readonly groups: Command;
  readonly io: CliIo;
  readonly client: () => GroupClient;
}

interface Form {
  readonly json?: boolean;
}

function addList({ groups, io, client }: Means): void {
  groups
    .command('list')
    .description('all groups that have members or committed offsets')
    .option('--json', 'as a JSON array')
    .action(async ({ json }: Form) => {
      const found = await client().list();
      const text = json === true ? `${JSON.stringify(found)}\n` : groupsText(found);
      await write(io.stdout, text);
    });
}

function addDescribe({ groups, io, client }: Means): void {
  groups
    .command('describe <group>')
    .description('its state, its members, and which partitions each of them reads')
    .option('--json', 'as the server answers it')
    .action(async (group: string, { json }: Form) => {
      const answer = await client().describe(group);
      await write(io.stdout, json === true ? jsonText(answer) : groupText(answer));
    });
}

const LAG_HELP = `
"seconds" is the age of the oldest record that the group has not committed. A
dash stands where nothing is committed, the age is not known, or nobody reads.
The lag is known also while nobody of the group is online.`;

function addLag({ groups, io, client }: Means): void {
  groups
    .command('lag <group>')
    .description('how far it is behind in each partition, in records and in seconds')
    .option('--json', 'as the server answers it')
    .addHelpText('after', LAG_HELP)
    .action(async (group: string, { json }: Form) => {
      const answer = await client().lag(group);
      await write(io.stdout, json === true ? jsonText(answer) : lagText(answer));
    });
}

interface ResetOptions extends Form {
  readonly topic: string;
  readonly to: ResetTarget;
  readonly partitions?: readonly number[];
  readonly dryRun?: boolean;
}

const RESET_HELP = `
<where> is earliest, latest, an offset, +N to skip N records, -N to repeat the
last N, or a time such as 2026-11-21T06:00:00Z, 2026-11-21 or @1795240800000
(milliseconds): then the first record of that time or later is the next to read.
A time without a zone is UTC.

The group must have no members: stop its consumers first. A dry run may be made
at any time. Beyond the first or last record of a partition nothing is moved.

Examples:
  millrace groups reset billing --topic orders --to -100 --dry-run
  millrace groups reset billing --topic orders --to 2026-11-21 --partitions 0,2`;

function addReset({ groups, io, client }: Means): void {
  groups
    .command('reset <group>')
    .description('move where it reads next in a topic; shows before and after')
    .requiredOption('-t, --topic <topic>', 'in which topic')
    .requiredOption('--to <where>', 'where it is to read next, see below', resetOption)
    .option('-p, --partitions <list>', 'only these, such as 0,2; else all', partitionsOption)
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--json', 'as the server answers it')
    .addHelpText('after', RESET_HELP)
    .action(async (group: string, { topic, to, partitions, dryRun, json }: ResetOptions) => {
      const answer = await client().reset(group, {
        topic,
        ...(partitions === undefined ? {} : { partitions }),
        to,
        dry_run: dryRun === true,
      });
      await write(io.stdout, json === true ? jsonText(answer) : resetText(answer));
    });
}

function addDelete({ groups, io, client }: Means): void {
  groups
    .command('delete <group>')
    .description('forget a group and what it has committed; it must have no members')
    .action(async (group: string) => {
      await client().delete(group);
      await write(io.stdout, `deleted ${group}\n`);
    });
}

function jsonText(answer: unknown): string {
  return `${JSON.stringify(answer, null, 2)}\n`;
}
