/** How many descriptors this process may have open: files, directories and connections together. */
import type { Files } from './files.ts';
import { readProcFile } from './host.ts';

/**
 * Undefined where the system does not tell. The soft limit: Node has raised it as far as it may go
 * before any of this runs.
 */
export async function readDescriptorLimit(files: Files): Promise<number | undefined> {
  const limits = await readProcFile(files, '/proc/self/limits');
  const soft = limits?.match(/^Max open files +(\d+) /m)?.[1];
  return soft === undefined ? undefined : Number(soft);
}
