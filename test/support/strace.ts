/** Faults in the kernel's own calls of a running process, by strace, where the machine allows it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export interface Tampering {
  /** The process goes on untouched. */
  stop(): Promise<void>;
}

/**
 * Tampers with every `fdatasync` of the process, such as `error=EIO` or `delay_exit=200000` (in
 * microseconds). Resolves when it has begun; or with a reason why it cannot.
 */
export async function tamperWithSyncs(pid: number, how: string): Promise<Tampering | string> {
  const inject = ['-e', 'trace=fdatasync', '-e', `inject=fdatasync:${how}`];
  const strace = spawn('strace', ['-f', '-o', '/dev/null', ...inject, '-p', String(pid)]);
  const ended = new Promise<void>((resolve) => {
    strace.on('error', () => resolve());
    strace.on('close', () => resolve());
  });
  onTestFinished(() => void strace.kill('SIGKILL'));
  let said = '';
  strace.stderr.setEncoding('utf8');
  while (!/attached/.test(said)) {
    const heard = await Promise.race([once(strace.stderr, 'data'), ended]);
    if (heard === undefined) return `strace cannot be used here: ${said.trim() || 'not found'}`;
    said += String(heard[0]);
  }
  return {
    async stop() {
      strace.kill('SIGINT');
      await ended;
    },
  };
}
