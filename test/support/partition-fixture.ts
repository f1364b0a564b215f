/** A partition's log on any `Files`, and the few words in which tests talk to it. */
import { lastOffsetAt } from '../../src/codec/batch-header.ts';
import { checkClientBatches } from '../../src/codec/client-batches.ts';
import { InflateLine } from '../../src/codec/inflate-line.ts';
import { MESSAGE_BYTES_MAX } from '../../src/model/limits.ts';
import type { Log, LogFacts } from '../../src/model/log.ts';
import type { Record } from '../../src/model/record.ts';
import { parseTopicConfig } from '../../src/model/topic-config.ts';
import type { Files } from '../../src/storage/files.ts';
import type { AppendInput } from '../../src/storage/log-appender.ts';
import { createLogShared } from '../../src/storage/log-shared.ts';
import { OpenFiles } from '../../src/storage/open-files.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import type { PartitionLogOptions } from '../../src/storage/partition-log.ts';
import { withSpareDescriptors } from '../../src/storage/spare-descriptors.ts';
import type { AppendResult } from '../../src/storage/pending-flush.ts';
import { recordsInput } from '../../src/storage/log-appender.ts';
import { batchesIn, recordsIn, textRecord, textsOf } from './batches.ts';
import { ManualClock } from './manual-clock.ts';

export const DIRECTORY = '/p';

export interface FixtureOptions {
  readonly config?: { readonly [name: string]: string };
  readonly previousRun?: PartitionLogOptions['previousRun'];
  readonly clock?: ManualClock;
  readonly log?: Log;
  readonly directory?: string;
}

export interface LogLine {
  readonly level: keyof Log;
  readonly facts: LogFacts;
  readonly message: string;
}

/** Remembers what was told. */
export function recordingLog(): Log & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Log) =>
    (facts: LogFacts, message: string): void => {
      lines.push({ level, facts, message });
    };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export function topicConfig(texts: { readonly [name: string]: string } = {}) {
  return parseTopicConfig(new Map(Object.entries(texts)));
}

export function partitionOptions(files: Files, options: FixtureOptions = {}): PartitionLogOptions {
  const openFiles = new OpenFiles(files, 8);
  return {
    directory: options.directory ?? DIRECTORY,
    files: withSpareDescriptors(files, openFiles),
    openFiles,
    clock: options.clock ?? new ManualClock(),
    log: options.log ?? recordingLog(),
    shared: createLogShared(),
    config: topicConfig(options.config),
    previousRun: options.previousRun ?? 'clean',
  };
}

/** A new, empty partition whose directory is durable. */
export async function createLog(files: Files, options?: FixtureOptions): Promise<PartitionLog> {
  const directory = options?.directory ?? DIRECTORY;
  await files.makeDir(directory);
  await files.syncDir('/');
  return PartitionLog.create(partitionOptions(files, options));
}

export function openLog(files: Files, options?: FixtureOptions): Promise<PartitionLog> {
  return PartitionLog.open(partitionOptions(files, options));
}

/** Resolves when it is acknowledged; rejects with the refusal or the failure. */
export function append(log: PartitionLog, input: AppendInput): Promise<AppendResult> {
  return new Promise((resolve, reject) => {
    log.check(input);
    log.append(input, { acknowledged: resolve, failed: reject });
  });
}

/** One request with a record each. */
export function appendTexts(log: PartitionLog, ...texts: string[]): Promise<AppendResult> {
  return append(log, recordsInput(texts.map((text) => textRecord(text))));
}

export function appendRecords(log: PartitionLog, ...records: Record[]): Promise<AppendResult> {
  return append(log, recordsInput(records));
}

const LIMITS = { maxMessageBytes: MESSAGE_BYTES_MAX, line: new InflateLine() };

/** Encoded batches, back to back, as a client sends them. */
export async function appendBatches(
  log: PartitionLog,
  ...batches: Buffer[]
): Promise<AppendResult> {
  const bytes = Buffer.concat(batches);
  return append(log, { kind: 'batches', bytes, batches: await checkClientBatches(bytes, LIMITS) });
}

/** Everything that can be read, from the log start on, in reads of at most `bytesMax`. */
export async function readAll(log: PartitionLog, bytesMax = 1_048_576): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let offset = log.logStartOffset; offset < log.highWatermark;) {
    const bytes = await log.read(offset, bytesMax);
    parts.push(bytes);
    offset = lastOffsetAt(batchesIn(bytes).at(-1) as Buffer, 0) + 1;
  }
  return Buffer.concat(parts);
}

/** The text of every record at or above the log start. */
export async function readTexts(log: PartitionLog, bytesMax?: number): Promise<(string | null)[]> {
  const records = await recordsIn(await readAll(log, bytesMax));
  return textsOf(records.filter(({ offset }) => offset >= log.logStartOffset));
}

/** The bytes of a whole file. */
export async function contentOf(files: Files, path: string): Promise<Buffer> {
  const file = await files.open(path, 'read');
  try {
    const content = Buffer.alloc(await file.size());
    await file.read(content, 0);
    return content;
  } finally {
    await file.close();
  }
}

/** Makes a file hold this and nothing else; durable, but for a new name. */
export async function overwrite(files: Files, path: string, content: Uint8Array): Promise<void> {
  const exists = await files.open(path, 'read-write').catch(() => undefined);
  const file = exists ?? (await files.open(path, 'create'));
  await file.truncate(0);
  await file.write([content], 0);
  await file.sync();
  await file.close();
}

export async function namesIn(files: Files, directory = DIRECTORY): Promise<string[]> {
  return (await files.list(directory)).map(({ name }) => name);
}
