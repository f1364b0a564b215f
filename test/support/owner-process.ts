/**
 * A process that owns a data directory: `node owner-process.ts DIRECTORY`. It says in one line of
 * JSON how that went, then reads everything in the directory that it may, says `{"read": COUNT}`,
 * and waits to be killed, or to end in order at a line on its standard input.
 */
import { join } from 'node:path';
import { MillraceError } from '../../src/model/errors.ts';
import { silentLog } from '../../src/model/log.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { readHostFacts } from '../../src/storage/host.ts';
import { realFiles } from '../../src/storage/real-files.ts';
import { systemClock, systemRandomBytes } from '../../src/system.ts';

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function readAll(directory: string): Promise<number> {
  let count = 0;
  for (const { name, kind } of await realFiles.list(directory)) {
    const path = join(directory, name);
    if (kind === 'directory') {
      count += await readAll(path);
      await realFiles.syncDir(path);
    } else if (name !== 'owner.db') {
      const file = await realFiles.open(path, 'read-write');
      await file.read(Buffer.alloc(await file.size()), 0);
      await file.close();
      count += 1;
    }
  }
  return count;
}

const directory = process.argv[2] as string;
try {
  const data = await DataDirectory.open({
    directory,
    files: realFiles,
    clock: systemClock,
    log: silentLog,
    host: await readHostFacts(realFiles),
    randomBytes: systemRandomBytes,
  });
  say({ previousRun: data.previousRun });
  const topicId = '00000000-0000-4000-8000-000000000001';
  if (data.catalogue.topics().length === 0) {
    await data.createTopic({ topicId, name: 'a', partitions: 2, configs: new Map() });
  }
  say({ read: await readAll(directory) });
  process.stdin.once('data', () => {
    process.stdin.destroy();
    data.close().catch((error: unknown) => say({ error: String(error) }));
  });
} catch (error) {
  if (!(error instanceof MillraceError)) throw error;
  say({ code: error.code, message: error.message, details: error.details });
}
