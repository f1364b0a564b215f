/** kafka-python, as pip brings it. Which version: test/clients/python/requirements.txt. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from './assemble-step.ts';
import { cached } from './cache.ts';
import type { Assembled, ReadyClient } from './client.ts';
import { Driver } from './driver.ts';

const SOURCES = fileURLToPath(new URL('../../clients/python/', import.meta.url));
const PYTHON = 'python3';

export async function assemblePython(): Promise<Assembled> {
  const path = join(SOURCES, 'requirements.txt');
  const requirements = await readFile(path, 'utf8');
  const version = /^kafka-python==(.*)$/m.exec(requirements)?.[1] ?? 'unknown';
  const { out: interpreter } = await mustRun(PYTHON, ['--version']);
  const directory = await cached({
    name: 'python',
    parts: [interpreter, `${process.platform}-${process.arch}`, requirements],
    assemble: async (into) => {
      const install = ['-m', 'pip', 'install', '--quiet', '--requirement', path, '--target', into];
      await mustRun(PYTHON, install);
    },
  });
  return { version, directory };
}

export function startPythonDriver({ directory }: ReadyClient, address: string): Driver {
  return new Driver(PYTHON, [join(SOURCES, 'driver.py'), address], { PYTHONPATH: directory });
}
