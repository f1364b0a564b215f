/**
 * `millrace produce`: each line of stdin or of a file becomes a record. What it reports as
 * produced is on stable storage, also when it is interrupted.
 */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import { MESSAGE_BYTES_MAX } from '../model/limits.ts';
import { CommandFailure, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { lineRecord } from './line-records.ts';
import { LineSender } from './line-sender.ts';
import { lineGroups } from './lines.ts';
import { plural } from './numbers.ts';
import type { NameAndValue } from './options.ts';
import { delimiterOption, integerOption, pairOption } from './options.ts';
import { Progress } from './progress.ts';

/**
 * Of a file at a time: about what a request holds. Measured with lines of 1,000 bytes: a third
 * faster than Node's 64 KiB, and no slower than 1 MiB.
 */
const READ_BYTES = 262_144;

interface ProduceOptions {
  readonly keyDelimiter?: string;
  readonly partition?: number;
  readonly header?: readonly NameAndValue[];
  readonly emptyAsNull?: boolean;
  readonly quiet?: boolean;
}

const HELP = `
Lines are bytes and need not be text; LF or CR LF ends them. Each is sent as soon
as it is read. A line that cannot be stored ends the command: all lines before
it are stored then, and none after it.

Ctrl-C waits for the answer about the lines being sent, so that the count it
prints is exact; a second Ctrl-C does not wait.

Examples:
  seq 1000 | millrace produce numbers
  printf 'ada:1\\nbob:2\\n' | millrace produce points -K :
  millrace produce access nginx.log --header source=nginx`;

export function addProduce(program: Command, io: CliIo, client: () => Client): void {
  program
    .command('produce <topic> [file]')
    .description('send each line of stdin, or of a file, as a record')
    .option(
      '-K, --key-delimiter <text>',
      'split each line at its first <text> into key and value',
      delimiterOption,
    )
    .option('-p, --partition <n>', 'send everything to this partition', integerOption(0))
    .option(
      '-H, --header <name=value>',
      'add a header to every record; may be repeated',
      pairOption('source=import'),
    )
    .option('-Z, --empty-as-null', 'an empty key or value is null (a null value is a tombstone)')
    .option('-q, --quiet', 'say nothing when all went well')
    .addHelpText('after', HELP)
    .action(async (topic: string, path: string | undefined, options: ProduceOptions) => {
      const { partition, header = [], ...rule } = options;
      const headers = header.map(({ name, value }) => ({ key: name, value }));
      const sender = new LineSender(io, {
        client: client(),
        topic,
        partition,
        toRecord: (line, lineNumber) => lineRecord(line, lineNumber, { ...rule, headers }),
      });
      if (path === undefined || path === '-') await produceStdin(io, sender);
      else await produceFile(io, sender, path);
      if (options.quiet === true && !io.interrupted.aborted) return;
      io.stderr.write(`${plural(sender.stored, 'record')} produced to ${topic}\n`);
    });
}

async function produceStdin(io: CliIo, sender: LineSender): Promise<void> {
  if (io.stdin.isTTY === true) io.stderr.write('a record a line; Ctrl-D ends\n');
  await produce(io, sender, io.stdin, new Progress(io, undefined));
}

async function produceFile(io: CliIo, sender: LineSender, path: string): Promise<void> {
  const file = await open(path);
  try {
    const facts = await file.stat();
    if (facts.isDirectory()) {
      throw new CommandFailure(EXIT.failed, `${path} is a directory; name a file`);
    }
    const input = file.createReadStream({ autoClose: false, highWaterMark: READ_BYTES });
    await produce(io, sender, input, new Progress(io, facts.size));
  } finally {
    await file.close();
  }
}

/** Reads no further than it has sent, but for a chunk. */
async function produce(
  io: CliIo,
  sender: LineSender,
  input: Readable & { readonly bytesRead?: number },
  progress: Progress,
): Promise<void> {
  if (io.interrupted.aborted) return;
  const stop = (): void => void input.destroy(io.interrupted.reason as Error);
  io.interrupted.addEventListener('abort', stop, { once: true });
  try {
    for await (const lines of lineGroups(input, MESSAGE_BYTES_MAX)) {
      await sender.send(lines);
      progress.update(sender.stored, input.bytesRead ?? 0);
    }
  } catch (error) {
    // The input was cut short; what had been sent by then is answered and counted.
    if (error !== io.interrupted.reason) throw sender.withStory(error);
  } finally {
    progress.clear();
    io.interrupted.removeEventListener('abort', stop);
  }
}
