/**
 * `millrace produce`: each line of stdin or of a file becomes a record. What it reports as
 * produced is on stable storage, also when it is interrupted.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Client, OutgoingRecord } from '../client/client.ts';
import { ServerError } from '../client/server-error.ts';
import { MESSAGE_BYTES_MAX } from '../model/limits.ts';
import { CommandFailure, EXIT, UsageError } from './exit.ts';
import type { CliIo } from './io.ts';
import { lineGroups } from './lines.ts';
import { delimiterOption, integerOption, serverOf } from './options.ts';
import { count, Progress } from './progress.ts';

/** Of one request: enough to make the request itself cheap, small enough to stay far below its limit. */
const BATCH_RECORDS = 1_000;
const BATCH_BYTES = 1_048_576;

interface ProduceOptions {
  readonly keyDelimiter?: string;
  readonly partition?: number;
  readonly header: readonly { key: string; value: string }[];
  readonly emptyAsNull?: boolean;
  readonly quiet?: boolean;
}

export function addProduce(program: Command, io: CliIo): void {
  program
    .command('produce <topic> [file]')
    .description('send each line of stdin, or of a file, as a record')
    .option(
      '-K, --key-delimiter <text>',
      'split each line at its first <text> into key and value',
      delimiterOption,
    )
    .option('-p, --partition <n>', 'send everything to this partition', integerOption(0))
    .option('-H, --header <name=value>', 'add a header to every record; may repeat', addHeader, [])
    .option(
      '-Z, --empty-as-null',
      'an empty key or value is null (an empty value deletes: a tombstone)',
    )
    .option('-q, --quiet', 'say nothing when all went well')
    .action(async (topic: string, file: string | undefined, options: ProduceOptions) => {
      await produce(serverOf(program), io, { topic, file, options });
    });
}

function addHeader(text: string, earlier: readonly { key: string; value: string }[]) {
  const at = text.indexOf('=');
  if (at < 1)
    throw new UsageError(`--header ${JSON.stringify(text)} should look like source=import`);
  return [...earlier, { key: text.slice(0, at), value: text.slice(at + 1) }];
}

async function produce(
  client: Client,
  io: CliIo,
  task: { topic: string; file: string | undefined; options: ProduceOptions },
): Promise<void> {
  const { topic, file, options } = task;
  const input = file === undefined || file === '-' ? io.stdin : createReadStream(file);
  const totalBytes = file === undefined || file === '-' ? undefined : (await stat(file)).size;
  const progress = new Progress(io, totalBytes);
  const stop = (): void => void input.destroy();
  io.interrupted.addEventListener('abort', stop, { once: true });
  let produced = 0;
  let bytes = 0;
  try {
    for await (const batch of batches(lineGroups(input, MESSAGE_BYTES_MAX))) {
      if (io.interrupted.aborted) break;
      await send(
        client,
        topic,
        batch.map((line, index) => toRecord(line, produced + index + 1, options)),
      );
      produced += batch.length;
      bytes += batch.reduce((sum, line) => sum + line.length + 1, 0);
      progress.update(produced, bytes);
    }
  } catch (error) {
    progress.clear();
    if (!io.interrupted.aborted) throw notAll(error, produced);
  }
  progress.clear();
  if (options.quiet !== true) io.stderr.write(`${count(produced)} records produced to ${topic}\n`);
}

/** Cuts groups of lines into requests; never waits for more input while it holds lines. */
async function* batches(groups: AsyncIterable<Buffer[]>): AsyncGenerator<Buffer[]> {
  for await (const lines of groups) {
    let batch: Buffer[] = [];
    let bytes = 0;
    for (const line of lines) {
      if (
        batch.length === BATCH_RECORDS ||
        (bytes + line.length > BATCH_BYTES && batch.length > 0)
      ) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push(line);
      bytes += line.length;
    }
    yield batch;
  }
}

function toRecord(line: Buffer, lineNumber: number, options: ProduceOptions): OutgoingRecord {
  const { keyDelimiter, partition, header } = options;
  const encode = (part: Buffer): string | null =>
    options.emptyAsNull === true && part.length === 0 ? null : part.toString('base64');
  const common = {
    ...(partition === undefined ? {} : { partition }),
    ...(header.length === 0 ? {} : { headers: header }),
  };
  if (keyDelimiter === undefined) return { value_base64: encode(line), ...common };
  const at = line.indexOf(keyDelimiter);
  if (at === -1) {
    throw new CommandFailure(
      EXIT.failed,
      `line ${lineNumber} has no key delimiter ${JSON.stringify(keyDelimiter)}`,
    );
  }
  const value = line.subarray(at + Buffer.byteLength(keyDelimiter));
  return { key_base64: encode(line.subarray(0, at)), value_base64: encode(value), ...common };
}

const ATTEMPTS = 5;

/** Tries again only what the server says was not written: nothing is ever sent twice. */
async function send(
  client: Client,
  topic: string,
  records: readonly OutgoingRecord[],
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.produce(topic, records);
      return;
    } catch (error) {
      const isSafe = error instanceof ServerError && error.retriable && error.written === 'no';
      if (!isSafe || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
    }
  }
}

/** Says how far it came, so that a script can go on from there. */
function notAll(error: unknown, produced: number): unknown {
  if (!(error instanceof Error) || produced === 0) return error;
  error.message += `; the first ${count(produced)} lines are stored`;
  return error;
}
