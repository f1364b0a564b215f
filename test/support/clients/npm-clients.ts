/** The clients that are npm packages: installed with the project, each driven in a process of its own. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Assembled, ReadyClient } from './client.ts';
import { Driver } from './driver.ts';

const ROOT = new URL('../../../', import.meta.url);

export async function findNpmClient(packageName: string): Promise<Assembled> {
  const path = new URL(`node_modules/${packageName}/package.json`, ROOT);
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
  return { version, directory: '' };
}

export function startKafkaJsDriver(_: ReadyClient, address: string): Driver {
  return startNpmDriver('kafkajs.ts', address);
}

export function startPlatformaticDriver(_: ReadyClient, address: string): Driver {
  return startNpmDriver('platformatic.ts', address);
}

function startNpmDriver(program: string, address: string): Driver {
  const path = fileURLToPath(new URL(`test/clients/node/${program}`, ROOT));
  return new Driver(process.execPath, [path, address]);
}
