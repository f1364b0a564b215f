/** Who this process is on this machine: what the owner's file of a data directory says. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasErrorCode } from './files.ts';

export interface HostFacts {
  readonly host: string;
  /** Another one after each boot of the kernel; undefined where the kernel does not tell. */
  readonly bootId: string | undefined;
  readonly pid: number;
  /** Whether a process of that number runs here. */
  isRunning(pid: number): boolean;
}

export function readHostFacts(): HostFacts {
  return { host: hostname(), bootId: readBootId(), pid: process.pid, isRunning };
}

function readBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT') || hasErrorCode(error, 'EACCES')) return undefined;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    if (hasErrorCode(error, 'ESRCH')) return false;
    if (hasErrorCode(error, 'EPERM')) return true;
    throw error;
  }
}
