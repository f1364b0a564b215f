/** kcat, and librdkafka with it, where the machine has it: nothing is installed for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { mustRun } from './assemble-step.ts';
import type { Assembled } from './client.ts';
import type { CommandResult } from './command.ts';
import { runCommand } from './command.ts';

export async function findKcat(): Promise<Assembled> {
  const { out } = await mustRun('kcat', ['-V']);
  const [, kcat] = /^Version ([\d.]+)/m.exec(out) ?? [];
  const [, librdkafka] = /librdkafka ([\d.]+)/.exec(out) ?? [];
  return { version: `${kcat} with librdkafka ${librdkafka}`, directory: '' };
}

export function runKcat(
  address: string,
  args: readonly string[],
  input = '',
): Promise<CommandResult> {
  return runCommand('kcat', ['-b', address, ...args], { input });
}

export interface RunningKcat {
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** As with Ctrl-C: it commits and leaves. */
  end(): Promise<void>;
}

/** For what does not end by itself; killed with the test. */
export function startKcat(address: string, args: readonly string[]): RunningKcat {
  const child = spawn('kcat', ['-b', address, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return {
    lines,
    async end() {
      child.kill('SIGINT');
      await closed;
    },
  };
}
