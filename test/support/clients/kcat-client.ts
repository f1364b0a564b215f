/** kcat, and librdkafka with it, where the machine has it: nothing is installed for it. */
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
