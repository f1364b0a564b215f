/**
 * The drivers of the two Go clients, built from test/clients/go. Which versions: its go.mod.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from './assemble-step.ts';
import { cached } from './cache.ts';
import type { Assembled, ReadyClient } from './client.ts';
import { Driver } from './driver.ts';

const SOURCES = fileURLToPath(new URL('../../clients/go/', import.meta.url));

interface GoClient {
  /** Folder of the driver. */
  readonly program: 'franz' | 'sarama';
  readonly module: string;
}

export const FRANZ: GoClient = { program: 'franz', module: 'github.com/twmb/franz-go' };
export const SARAMA: GoClient = { program: 'sarama', module: 'github.com/IBM/sarama' };

export async function assembleGo({ program, module }: GoClient): Promise<Assembled> {
  const settings = await readFile(join(SOURCES, 'go.mod'), 'utf8');
  const version = new RegExp(`${module} v(\\S+)`).exec(settings)?.[1] ?? 'unknown';
  const { out: toolchain } = await mustRun('go', ['version']);
  const directory = await cached({
    name: program,
    parts: [toolchain, settings, ...(await textsIn('driver')), ...(await textsIn(program))],
    assemble: async (into) => {
      const target = join(into, 'driver');
      await mustRun('go', ['build', '-trimpath', '-o', target, `./${program}`], { cwd: SOURCES });
    },
  });
  return { version, directory };
}

async function textsIn(folder: string): Promise<string[]> {
  const names = (await readdir(join(SOURCES, folder))).toSorted();
  return Promise.all(names.map((name) => readFile(join(SOURCES, folder, name), 'utf8')));
}

export function startGoDriver({ directory }: ReadyClient, address: string): Driver {
  return new Driver(join(directory, 'driver'), [address]);
}
