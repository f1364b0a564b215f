/** The options of `millrace consume`: what each means, and which of them go together. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { UsageError } from './exit.ts';
import { delimiterOption, integerOption, startOption } from './options.ts';
import type { OutputForm } from './record-printer.ts';

/** Read at once, each over a connection of its own; far below any limit on either side. */
export const PARTITIONS_AT_ONCE_MAX = 32;

export interface ConsumeOptions {
  readonly partition?: number;
  readonly from?: string;
  readonly tail?: number;
  readonly follow?: boolean;
  readonly maxRecords?: number;
  readonly output: OutputForm;
  readonly keyDelimiter?: string;
  readonly showNull?: boolean;
  readonly group?: string;
  readonly pattern?: string;
  /** False with `--no-commit`. */
  readonly commit: boolean;
  readonly sessionTimeout?: number;
  readonly quiet?: boolean;
}

const HELP = `
Records of several partitions are printed in the order of their timestamps,
with --follow as they come. A topic of more than ${PARTITIONS_AT_ONCE_MAX} partitions is printed one
partition after another, and followed by looking for news twice a second.

With --group the members of the group share the partitions out, and each goes on
where the group has committed; --from earliest or latest says where one begins
that has not. What is printed is committed once it is written: after a crash some
may be printed again, none is left out. What went into a pipe counts as written:
with | head, say how many you want with --max-records. Without --follow it ends
when its partitions are read up to where they ended when it got them.
millrace groups shows the lag of a group, and moves it back or forth.

Output as text is the exact bytes of each value and a line feed; keys and values
that are null print as nothing, or as NULL with -Z. ndjson is a JSON object a
line and json one array of them: they tell everything apart, and keep every digit
of a number. On a terminal control characters are shown as \\x1b and the like; in
a pipe or a file nothing is changed.

A time without a zone is UTC. Ctrl-C ends --follow with exit code 130; a member
of a group commits what it has printed and leaves: the others take over at once.

Examples:
  millrace consume orders --tail 10 --follow
  millrace consume orders --from 2026-11-21T06:00:00Z -O ndjson | head -3
  millrace consume orders --partition 0 --from 42 --max-records 1
  millrace consume orders clicks --group billing --follow
  millrace consume --pattern 'orders-.*' --group audit -O ndjson`;

export function addConsumeOptions(command: Command): Command {
  return command
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
    .option('-g, --group <name>', 'read as a member of this consumer group')
    .option('--pattern <pattern>', 'with --group: all topics whose whole name matches')
    .option('--no-commit', 'with --group: leave the committed offsets as they are')
    .option(
      '--session-timeout <ms>',
      'with --group: silence after which the others take over (default: 30000)',
      integerOption(1),
    )
    .option('-q, --quiet', 'with --group: do not say on stderr what is assigned')
    .addHelpText('after', HELP);
}

/** Throws UsageError. */
export function checkTogether(topics: readonly string[], options: ConsumeOptions): void {
  if (options.group === undefined) checkAlone(topics, options);
  else checkGrouped(topics, options);
  const { follow, output, keyDelimiter, showNull } = options;
  if (follow === true && output === 'json') {
    throw new UsageError('--output json is one array that ends; follow with --output ndjson');
  }
  if (output !== 'text' && (keyDelimiter !== undefined || showNull === true)) {
    const option = keyDelimiter === undefined ? '--show-null' : '--key-delimiter';
    throw new UsageError(`${option} is for --output text; ${output} always shows both`);
  }
}

function checkAlone(topics: readonly string[], options: ConsumeOptions): void {
  const { pattern, commit, sessionTimeout, quiet } = options;
  const forGroups = [
    ['--pattern', pattern !== undefined],
    ['--no-commit', !commit],
    ['--session-timeout', sessionTimeout !== undefined],
    ['--quiet', quiet === true],
  ] as const;
  const wrong = forGroups.find(([, isGiven]) => isGiven);
  if (wrong !== undefined) throw new UsageError(`${wrong[0]} is for --group; give a group as well`);
  if (topics.length === 0) throw new UsageError("missing required argument 'topic'");
  if (topics.length > 1) {
    throw new UsageError('too many arguments: several topics are read with --group');
  }
  if (options.tail !== undefined && options.from !== undefined) {
    throw new UsageError('--tail and --from both say where to begin: give one of them');
  }
}

function checkGrouped(topics: readonly string[], options: ConsumeOptions): void {
  const { pattern, partition, tail, from } = options;
  if (topics.length === 0 && pattern === undefined) {
    throw new UsageError("missing argument 'topic': name topics, or give --pattern");
  }
  if (topics.length > 0 && pattern !== undefined) {
    throw new UsageError('--pattern and topics both say what to read: give one of them');
  }
  if (partition !== undefined) {
    throw new UsageError('--partition is not for --group: its members share the partitions out');
  }
  if (tail !== undefined || !(from === undefined || from === 'earliest' || from === 'latest')) {
    throw new UsageError(
      'a group goes on where it has committed; millrace groups reset moves it. With --group ' +
        'only --from earliest and --from latest say where one begins that has not',
    );
  }
}
