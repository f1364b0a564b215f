/**
 * `millrace consume --group`: prints what falls to one member of a group. A batch is committed
 * once it is written and not before: each record is printed at least once, whatever ends it.
 */
import type { Client } from '../client/client.ts';
import type { JoinWish, MemberBatch, MembershipAnswer } from '../client/group-answers.ts';
import type { ConsumeOptions } from './consume-options.ts';
import type { EndsAhead } from './ends-ahead.ts';
import { endsAhead } from './ends-ahead.ts';
import { CommandFailure, EXIT } from './exit.ts';
import { GroupSeat } from './group-seat.ts';
import { assignmentText } from './group-text.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { plural } from './numbers.ts';
import { recordPrinter } from './record-printer.ts';
import { terminalText } from './terminal-text.ts';

/** A commit waits for the disk: enough to make that cheap, few enough to print again. */
const BATCH_RECORDS = 1_000;
/** How long a read waits for records; topics that are missing are looked for between two. */
const WAIT_MS = 5_000;

export type GroupOptions = ConsumeOptions & { readonly group: string };

export async function consumeGroup(
  client: Client,
  io: CliIo,
  topics: readonly string[],
  options: GroupOptions,
): Promise<void> {
  const { group } = options;
  const wish = joinWishOf(topics, options);
  const seat = new GroupSeat({ client: client.groups, group, wish, pause: (ms) => io.pause(ms) });
  try {
    await print({ client, io, seat, wish, options });
  } finally {
    await seat.leave();
  }
}

function joinWishOf(topics: readonly string[], options: GroupOptions): JoinWish {
  const { pattern, from, sessionTimeout } = options;
  return {
    ...(pattern === undefined ? { topics } : { topic_pattern: pattern }),
    auto_offset_reset: from === 'latest' ? 'latest' : 'earliest',
    ...(sessionTimeout === undefined ? {} : { session_timeout_ms: sessionTimeout }),
  };
}

interface Consuming {
  readonly client: Client;
  readonly io: CliIo;
  readonly seat: GroupSeat;
  readonly wish: JoinWish;
  readonly options: GroupOptions;
}

async function print(consuming: Consuming): Promise<void> {
  const { io, seat, options } = consuming;
  const { follow, output, maxRecords = Infinity } = options;
  const printer = recordPrinter({ ...options, toTerminal: io.stdout.isTTY === true });
  const format = output === 'text' ? 'base64' : 'json';
  let ahead: EndsAhead | undefined;
  let left = maxRecords;
  await write(io.stdout, printer.begin());
  while (left > 0) {
    const membership = await seat.join();
    if (membership !== undefined) {
      ahead = await begin(consuming, membership);
      // What comes between two runs is not to be left out, so the place of `latest` is kept.
      const isFixed = options.commit && options.from === 'latest';
      if (isFixed && membership.assignment.length > 0 && !(await seat.commit())) continue;
    }
    if (ahead?.areReached === true) break;
    const max = Math.min(left, BATCH_RECORDS);
    const timeout = follow === true ? WAIT_MS : 0;
    const batch = await seat.read({ format, max_records: max, timeout_ms: timeout });
    if (batch === undefined) continue;
    tellJumps(io, batch);
    const { records } = batch;
    if (records.length === 0) {
      if (follow === true) continue;
      break;
    }
    await write(io.stdout, printer.group(records));
    if (options.commit && !(await seat.commit())) tellLate(io, records.length);
    left -= records.length;
    advance(ahead, batch);
  }
  await write(io.stdout, printer.end());
}

/** Says what is assigned, and without `--follow` finds out how far that is to be read. */
async function begin(
  { client, io, wish, options }: Consuming,
  { generation, assignment, missing_topics: missing = [] }: MembershipAnswer,
): Promise<EndsAhead | undefined> {
  const { group, follow, quiet } = options;
  if (missing.length > 0 && missing.length === wish.topics?.length) {
    throw new CommandFailure(EXIT.notFound, `no such topic: ${missing.join(', ')}`);
  }
  if (missing.length > 0) say(io, `no such topic yet: ${missing.join(', ')}`);
  if (quiet !== true) {
    const assigned = assignment.length === 0 ? 'nothing' : assignmentText(assignment);
    say(io, `group ${group}, generation ${generation}: assigned ${assigned}`);
  }
  const begins = wish.auto_offset_reset;
  return follow === true ? undefined : endsAhead(client, { group, assignment, begins });
}

function advance(ahead: EndsAhead | undefined, { records, reset }: MemberBatch): void {
  for (const jump of reset) ahead?.moved(jump, jump.to);
  for (const { fields } of records) ahead?.moved(fields, fields.offset + 1);
}

function tellJumps(io: CliIo, { reset }: MemberBatch): void {
  for (const { topic, partition, from, to } of reset) {
    say(io, `${topic} [${partition}]: offset ${from} is not there any more, goes on at ${to}`);
  }
}

function tellLate(io: CliIo, records: number): void {
  const what = plural(records, 'record');
  say(io, `the partitions were taken away before a commit; may be printed again: ${what}`);
}

function say({ stderr }: CliIo, line: string): void {
  stderr.write(`${terminalText(line)}\n`);
}
