/** A step of an assembly: a program that has to be there and has to succeed. */
import type { CommandOptions, CommandResult } from './command.ts';
import { runCommand } from './command.ts';

/** A registry may be slow, and the first build of a Go program too. */
const STEP_TIMEOUT_MS = 300_000;

/** Why a client is not there, in words for the results page: no paths, no addresses. */
export class NotThere extends Error {}

export async function mustRun(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await runCommand(command, args, { timeoutMs: STEP_TIMEOUT_MS, ...options });
  if (result.code === undefined) throw new NotThere(`${command} is not installed`);
  if (result.code !== 0) {
    process.stderr.write(result.out + result.err);
    throw new NotThere(`${command} failed while it was assembled`);
  }
  return result;
}
