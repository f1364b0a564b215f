/**
 * `millrace dump`: a segment file batch by batch and record by record, each with its checks.
 * Offline: it only reads the file, which a running server may go on writing.
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  BATCH_HEADER_BYTES,
  batchBytesAt,
  batchFault,
  readBatchHeader,
} from '../codec/batch-header.ts';
import type { BatchHeader } from '../codec/batch-header.ts';
import { recordsOf } from '../codec/batch-reader.ts';
import { MESSAGE_BYTES_MAX } from '../model/limits.ts';
import type { StoredRecord } from '../model/record.ts';
import { CommandFailure, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';

interface DumpOptions {
  readonly batches?: boolean;
  readonly json?: boolean;
  readonly values?: boolean;
}

export function addDump(program: Command, io: CliIo): void {
  program
    .command('dump <file>')
    .description('print a segment (.log) file with every check; needs no server')
    .option('-b, --batches', 'only the batches, not their records')
    .option('--values', 'whole keys and values instead of their beginnings')
    .option('--json', 'a JSON object a line')
    .action(async (file: string, options: DumpOptions) => {
      const source = await open(file, 'r');
      try {
        await dump(source, file, io, options);
      } finally {
        await source.close();
      }
    });
}

async function dump(
  source: FileHandle,
  path: string,
  io: CliIo,
  options: DumpOptions,
): Promise<void> {
  const { size } = await source.stat();
  const counts = { batches: 0, records: 0 };
  let position = 0;
  let expectedOffset: number | undefined;
  while (position < size && !io.interrupted.aborted) {
    const bytes = await readBatch(source, position, size);
    const fault = batchFault(bytes, 0, bytes.length) ?? orderFault(bytes, expectedOffset);
    if (fault !== undefined) {
      const what = `${fault.field} should be ${fault.expected}, found ${fault.found}`;
      const message = `${path}: position ${position}: ${what}; ${size - position} bytes not read`;
      throw new CommandFailure(EXIT.failed, message);
    }
    const batch = readBatchHeader(bytes, 0);
    const records = await recordsOf(bytes);
    await write(io.stdout, batchLine(batch, position, options));
    if (options.batches !== true) {
      for (const record of records) await write(io.stdout, recordLine(record, options));
    }
    counts.batches += 1;
    counts.records += records.length;
    expectedOffset = batch.lastOffset + 1;
    position += batch.bytes;
  }
  io.stderr.write(
    `${counts.batches} batches, ${counts.records} records, ${position} bytes: every check passed\n`,
  );
}

/** As many bytes as the batch says it has, and no more than a batch can have. */
async function readBatch(source: FileHandle, position: number, size: number): Promise<Buffer> {
  const header = Buffer.alloc(Math.min(BATCH_HEADER_BYTES, size - position));
  await source.read(header, 0, header.length, position);
  if (header.length < BATCH_HEADER_BYTES) return header;
  const said = batchBytesAt(header, 0);
  const possible = Math.min(size - position, MESSAGE_BYTES_MAX + BATCH_HEADER_BYTES);
  if (said < BATCH_HEADER_BYTES || said > possible) return header;
  const bytes = Buffer.alloc(said);
  await source.read(bytes, 0, said, position);
  return bytes;
}

function orderFault(bytes: Buffer, expectedOffset: number | undefined) {
  const { baseOffset } = readBatchHeader(bytes, 0);
  if (expectedOffset === undefined || baseOffset === expectedOffset) return undefined;
  return { field: 'baseOffset', expected: String(expectedOffset), found: String(baseOffset) };
}

function batchLine(batch: BatchHeader, position: number, options: DumpOptions): string {
  const flushStart = batch.baseOffset - batch.leaderEpoch;
  const { compression, recordCount, baseOffset, lastOffset, bytes } = batch;
  if (options.json === true)
    return `${JSON.stringify({ batch: { position, flushStart, ...batch } })}\n`;
  const producer =
    batch.producerId === -1
      ? ''
      : `  producer ${batch.producerId} epoch ${batch.producerEpoch} sequence ${batch.baseSequence}`;
  return (
    `batch at ${position}  offsets ${baseOffset}-${lastOffset}  ${recordCount} records  ${bytes} bytes` +
    `  ${time(batch.maxTimestamp)}  ${compression}  flush from ${flushStart}${producer}  crc ok\n`
  );
}

function recordLine(record: StoredRecord, options: DumpOptions): string {
  const { offset, timestamp } = record;
  const headers = record.headers.map((each) => ({
    key: each.key,
    value: shown(each.value, options),
  }));
  const key = shown(record.key, options);
  const value = shown(record.value, options);
  if (options.json === true)
    return `${JSON.stringify({ record: { offset, timestamp, key, value, headers } })}\n`;
  const headerText = headers.length === 0 ? '' : `  headers ${JSON.stringify(headers)}`;
  return `  ${offset}  ${time(timestamp)}  ${JSON.stringify(key)}  ${JSON.stringify(value)}${headerText}\n`;
}

/** Characters of a key or value that are shown without --values. */
const BEGINNING = 60;

function shown(bytes: Uint8Array | null, options: DumpOptions): string | null {
  if (bytes === null) return null;
  const text = Buffer.from(bytes).toString();
  if (options.values === true || text.length <= BEGINNING) return text;
  return `${text.slice(0, BEGINNING)}... (${bytes.length} bytes)`;
}

function time(timestampMs: number): string {
  return timestampMs < 0 ? 'no timestamp' : new Date(timestampMs).toISOString();
}
