/**
 * Who this process is on this machine, for the file that names a data directory's owner.
 *
 * A process number alone says little: numbers are used again, and in containers every server is
 * number 1. The time at which the kernel began the process tells it from its namesakes.
 */
import { hostname } from 'node:os';
import type { Files } from './files.ts';
import { hasErrorCode } from './files.ts';

export interface HostFacts {
  readonly hostName: string;
  /** Another one after each boot of the kernel; undefined where the kernel does not tell. */
  readonly bootId: string | undefined;
  readonly pid: number;
  /** In the kernel's own unit, since its boot; undefined where it does not tell. */
  readonly processStart: string | undefined;
  /** Whether the process of that number runs here that began at that time. */
  isAlive(pid: number, processStart: string): Promise<boolean>;
}

/** Fields of /proc/PID/stat, counted behind the name in brackets (proc(5): starttime is 22). */
const START_FIELD = 22 - 3;
const PROC_FILE_BYTES = 4_096;

export async function readHostFacts(files: Files): Promise<HostFacts> {
  const { pid } = process;
  const startOf = async (process: number): Promise<string | undefined> =>
    startIn(await readProcFile(files, `/proc/${process}/stat`));
  return {
    hostName: hostname(),
    bootId: (await readProcFile(files, '/proc/sys/kernel/random/boot_id'))?.trim() || undefined,
    pid,
    processStart: await startOf(pid),
    isAlive: async (other, processStart) => (await startOf(other)) === processStart,
  };
}

/** The name of a process is its own choice and may hold spaces and brackets. */
function startIn(stat: string | undefined): string | undefined {
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[START_FIELD];
}

/** Undefined where there is no such file: another system, or a process that is gone. */
export async function readProcFile(files: Files, path: string): Promise<string | undefined> {
  let file;
  try {
    file = await files.open(path, 'read');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT') || hasErrorCode(error, 'EACCES')) return undefined;
    throw error;
  }
  try {
    const into = Buffer.alloc(PROC_FILE_BYTES);
    return into.toString('utf8', 0, await file.read(into, 0));
  } catch (error) {
    if (hasErrorCode(error, 'ESRCH')) return undefined; // Gone since it was opened.
    throw error;
  } finally {
    await file.close();
  }
}
