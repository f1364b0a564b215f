/**
 * A segment file batch by batch and record by record, with every check that the server makes.
 * Offline: it only reads the file, which a running server may go on writing.
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  BATCH_HEADER_BYTES,
  batchBytesAt,
  batchFault,
  readBatchHeader,
} from '../codec/batch-header.ts';
import type { BatchFault, BatchHeader } from '../codec/batch-header.ts';
import { recordsOf } from '../codec/batch-reader.ts';
import { corrupt } from '../codec/corrupt.ts';
import { MillraceError } from '../model/errors.ts';
import type { StoredRecord } from '../model/record.ts';
import { BATCH_BYTES_MAX, flushStartOf } from '../storage/batch-scan.ts';
import { baseOffsetOfLogName } from '../storage/segment-files.ts';
import { batchText, recordText } from './dump-text.ts';
import type { DumpOptions } from './dump-text.ts';
import { CommandFailure, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { count, plural } from './numbers.ts';

/** Prints the file; throws CommandFailure at its first fault. */
export async function dumpFile(path: string, io: CliIo, options: DumpOptions): Promise<void> {
  const file = await open(path);
  try {
    await dump({ file, path }, io, options);
  } finally {
    await file.close();
  }
}

interface Segment {
  readonly file: FileHandle;
  readonly path: string;
}

/** Where the next batch must stand and what it must say. */
interface Place {
  readonly position: number;
  /** undefined at the beginning of a file whose name says none. */
  readonly offset: number | undefined;
  readonly flushStart: number | undefined;
}

async function dump(segment: Segment, io: CliIo, options: DumpOptions): Promise<void> {
  const size = await sizeOf(segment);
  const counts = { batches: 0, records: 0 };
  const offset = baseOffsetOfLogName(basename(segment.path));
  let place: Place = { position: 0, offset, flushStart: undefined };
  while (place.position < size) {
    io.interrupted.throwIfAborted();
    const { batch, records } = await readBatch(segment, place);
    const lines = options.batches === true ? [] : records.map((each) => recordText(each, options));
    await write(io.stdout, [batchText(batch, place.position, options), ...lines].join(''));
    counts.batches += 1;
    counts.records += batch.recordCount;
    place = {
      position: place.position + batch.bytes,
      offset: batch.lastOffset + 1,
      flushStart: flushStartOf(batch),
    };
  }
  const what = `${count(counts.batches)} ${counts.batches === 1 ? 'batch' : 'batches'}, ${plural(counts.records, 'record')}`;
  io.stderr.write(`${what}, ${plural(place.position, 'byte')}: every check passed\n`);
}

async function sizeOf({ file, path }: Segment): Promise<number> {
  const facts = await file.stat();
  if (facts.isFile()) return facts.size;
  throw new CommandFailure(EXIT.failed, `${path} is not a file; name a segment (.log) file`);
}

/** The batch at a place and its records. Throws CommandFailure naming position and fault. */
async function readBatch(
  segment: Segment,
  place: Place,
): Promise<{ batch: BatchHeader; records: StoredRecord[] }> {
  try {
    const bytes = await readBytes(segment, place.position);
    throwIf(batchFault(bytes, 0, bytes.length));
    const batch = readBatchHeader(bytes, 0);
    throwIf(numberFault(batch) ?? placeFault(batch, place));
    return { batch, records: await recordsOf(bytes) };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const hint = segment.path.endsWith('.log') ? '' : '; is it a segment (.log) file?';
    const message = `${segment.path}: at position ${place.position}: ${error.message}${hint}`;
    throw new CommandFailure(EXIT.failed, message);
  }
}

/** As many bytes as the batch says it has; never more than one can have. */
async function readBytes({ file }: Segment, position: number): Promise<Buffer> {
  const header = await readAt(file, position, BATCH_HEADER_BYTES);
  const said = header.length < BATCH_HEADER_BYTES ? 0 : batchBytesAt(header, 0);
  // Not long enough to be a batch: what is there is checked, and found to be none.
  if (said < BATCH_HEADER_BYTES) return header;
  const found = `${said} bytes`;
  throwIf(
    said > BATCH_BYTES_MAX
      ? { field: 'batch length', expected: `at most ${BATCH_BYTES_MAX} bytes`, found }
      : undefined,
  );
  const bytes = await readAt(file, position, said);
  const expected = `at most the ${bytes.length} bytes to the end of the file`;
  throwIf(bytes.length < said ? { field: 'batch length', expected, found } : undefined);
  return bytes;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** Numbers beyond 2^53 are read as NaN, and no server of ours takes or writes them. */
function numberFault(batch: BatchHeader): BatchFault | undefined {
  const bad = Object.entries(batch).find(([, value]) => Number.isNaN(value));
  if (bad === undefined) return undefined;
  return { field: bad[0], expected: 'within +-(2^53 - 1)', found: 'outside' };
}

/** The CRC covers neither offset nor leader epoch, which holds the distance to the flush's start. */
function placeFault(batch: BatchHeader, place: Place): BatchFault | undefined {
  const { baseOffset } = batch;
  if (place.offset !== undefined && baseOffset !== place.offset) {
    return { field: 'baseOffset', expected: String(place.offset), found: String(baseOffset) };
  }
  const start = flushStartOf(batch);
  if (start === baseOffset || start === place.flushStart) return undefined;
  const starts = new Set([baseOffset, place.flushStart ?? baseOffset]);
  return { field: 'flush start', expected: [...starts].join(' or '), found: String(start) };
}

function throwIf(fault: BatchFault | undefined): void {
  if (fault !== undefined) throw corrupt(fault);
}
