/**
 * The clients that have been assembled, below `.cache/clients` at the project's root, where `npm ci`
 * leaves them alone. A directory is known by a hash of everything that decides what is in it, and
 * gets its name only when it is whole: an interrupted assembly never counts as done.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../../.cache/clients/', import.meta.url));

export interface Assembly {
  readonly name: string;
  /** Texts that decide what is assembled: versions, sources, the platform. */
  readonly parts: readonly string[];
  /** Fills an empty directory; what it throws is the reason why there is no client. */
  readonly assemble: (directory: string) => Promise<void>;
}

/** The directory, made now if it has not been made before. Those of other versions go. */
export async function cached({ name, parts, assemble }: Assembly, root = CACHE): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  const directory = join(root, `${name}-${hash}`);
  if (existsSync(directory)) return directory;
  await mkdir(root, { recursive: true });
  const unfinished = await mkdtemp(join(root, `unfinished-${name}-`));
  try {
    await assemble(unfinished);
    await rename(unfinished, directory);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another run was quicker.
    if (existsSync(directory)) return directory;
    throw error;
  }
  await removeOthers(root, name, directory);
  return directory;
}

async function removeOthers(root: string, name: string, kept: string): Promise<void> {
  const isOther = new RegExp(`^${name}-[0-9a-f]{16}$`);
  const others = (await readdir(root)).filter((entry) => isOther.test(entry));
  for (const other of others.map((entry) => join(root, entry))) {
    if (other !== kept) await rm(other, { recursive: true, force: true });
  }
}
