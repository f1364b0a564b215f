/**
 * Examines a data directory that no server has open, says what it found, and repairs it if told to.
 * Without that it changes nothing: no byte, no name, no time of a file.
 */
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MillraceError } from '../model/errors.ts';
import { examineDataDirectory } from '../storage/doctor/examine-data-directory.ts';
import type { DataExamination } from '../storage/doctor/examine-data-directory.ts';
import { holdForExamination } from '../storage/doctor/examine-owner.ts';
import type { HeldDirectory } from '../storage/doctor/examine-owner.ts';
import { hasErrorCode } from '../storage/files.ts';
import { readHostFacts } from '../storage/host.ts';
import { realFiles } from '../storage/real-files.ts';
import { repairLog } from '../storage/doctor/repair-log.ts';
import type { RepairOutcome } from '../storage/doctor/repair-log.ts';
import { diagnosisJson, diagnosisText, isDamage } from './doctor-text.ts';
import { CommandFailure, EXIT, UsageError } from './exit.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { Progress } from './progress.ts';

export interface DoctorOptions {
  readonly repair?: boolean;
  readonly json?: boolean;
}

const EXIT_IN_USE = 3;

/** Throws CommandFailure when something is damaged, and when a server owns the directory. */
export async function runDoctor(path: string, io: CliIo, options: DoctorOptions): Promise<void> {
  const directory = resolve(path);
  const held = await hold(directory);
  try {
    const examination = await examine(directory, io, held);
    const repairs =
      options.repair === true
        ? await repairAll(examination, io, held)
        : new Map<string, RepairOutcome>();
    const diagnosis = { ...examination, directory, lastRun: lastRunOf(held), repairs };
    const text = options.json === true ? diagnosisJson(diagnosis) : diagnosisText(diagnosis);
    await write(io.stdout, text);
    const findings = [...examination.findings, ...examination.logs.flatMap((log) => log.findings)];
    const count = findings.filter(isDamage).length;
    if (count === 0) return;
    const what = count === 1 ? '1 finding' : `${count} findings`;
    throw new CommandFailure(EXIT.failed, `${directory}: ${what} of damage`);
  } finally {
    held.free();
  }
}

async function hold(directory: string): Promise<HeldDirectory> {
  try {
    const host = await readHostFacts(realFiles);
    return await holdForExamination({ directory, files: realFiles, host });
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'DATA_DIRECTORY_IN_USE') {
      throw new CommandFailure(EXIT_IN_USE, `${error.message}; only a stopped one can be examined`);
    }
    const isNone = hasErrorCode(error, 'ENOENT') || hasErrorCode(error, 'ENOTDIR');
    if (isNone) throw new UsageError(`${directory} is no directory; name a data directory`);
    throw error;
  }
}

async function examine(
  directory: string,
  io: CliIo,
  { lastOwner, previousRun }: HeldDirectory,
): Promise<DataExamination> {
  let progress: Progress | undefined;
  let records = 0;
  const scratch = join(tmpdir(), `millrace-${Buffer.from(io.randomBytes(8)).toString('hex')}`);
  try {
    return await examineDataDirectory({
      directory,
      files: realFiles,
      lastOwner,
      previousRun,
      nowMs: io.wallMs(),
      scratch,
      progress(batch, bytes, totalBytes) {
        io.interrupted.throwIfAborted();
        progress ??= new Progress(io, totalBytes);
        records += batch.recordCount;
        progress.update(records, bytes);
      },
    });
  } finally {
    progress?.clear();
  }
}

async function repairAll(
  { logs }: DataExamination,
  io: CliIo,
  { previousRun }: HeldDirectory,
): Promise<Map<string, RepairOutcome>> {
  const repairs = new Map<string, RepairOutcome>();
  for (const { name, directory, found, findings } of logs) {
    if (!findings.some(isDamage)) continue;
    if (found === undefined) {
      repairs.set(name, { kind: 'impossible', reason: 'it cannot be read' });
      continue;
    }
    const visit = (): void => io.interrupted.throwIfAborted();
    const place = { directory, files: realFiles, previousRun, nowMs: io.wallMs(), visit };
    visit();
    repairs.set(name, await repairLog(place, found));
  }
  return repairs;
}

function lastRunOf({ lastOwner, previousRun }: HeldDirectory): string {
  if (lastOwner === 'none') return 'no server has owned it yet';
  if (lastOwner === 'unknown') return 'who owned it last is not known';
  const { pid, host, since, released } = lastOwner;
  const who = `last owned by process ${pid} on ${host} since ${since}`;
  if (released !== undefined) return `${who}, stopped in order ${released}`;
  const boot = previousRun === 'rebooted' ? ', and the machine was booted since' : '';
  return `${who}, which did not stop in order${boot}`;
}
