/**
 * A small stopped partition whose files are spoiled one after the other, in every way: whatever is
 * wrong with them is either reported, or changes no answer.
 */
import { batchesIn } from './batches.ts';
import {
  appendTexts,
  contentOf,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  overwrite,
  readAll,
} from './partition-fixture.ts';
import { SimulatedFiles } from './simulated-files.ts';

/** By name; undefined takes the file away. */
export type Spoiled = ReadonlyMap<string, Buffer | undefined>;

export interface DamageSubject {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly all: Buffer;
}

const CONFIG = { 'segment.bytes': '12000' };

/** Three segments with indexes that have entries, closed in order. */
export async function damageSubject(): Promise<DamageSubject> {
  const disk = new SimulatedFiles({ seed: 1 });
  const log = await createLog(disk, { config: CONFIG });
  for (let at = 0; at < 11; at += 1) await appendTexts(log, `${at} `.padEnd(2_500, 'x'));
  const all = await readAll(log);
  await log.close();
  const files = new Map<string, Buffer>();
  for (const name of await namesIn(disk)) files.set(name, await contentOf(disk, path(name)));
  return { files, all };
}

/** Undefined when it is fine, else what is wrong with how the spoiled files were taken. */
export async function faultOf(
  subject: DamageSubject,
  spoiled: Spoiled,
): Promise<string | undefined> {
  const disk = new SimulatedFiles({ seed: 1 });
  await disk.makeDir(DIRECTORY);
  for (const [name, content] of new Map([...subject.files, ...spoiled])) {
    if (content !== undefined) await overwrite(disk, path(name), content);
  }
  const log = await openLog(disk, { config: CONFIG, previousRun: 'rebooted' });
  if (log.state !== 'online') {
    const isNamed = log.reason?.includes(`${DIRECTORY}/`) === true;
    return isNamed ? undefined : `offline without a file: ${log.reason}`;
  }
  const found = await readAll(log).catch((error: unknown) => error);
  if (found instanceof Error) {
    const isTold = 'code' in found && found.code === 'KAFKA_STORAGE_ERROR';
    return isTold ? undefined : String(found);
  }
  if (!sameRecords(found as Buffer, subject.all)) return 'other records, and nobody said so';
  const byTime = await log.offsetForTimestamp(0);
  return byTime?.offset === 0 ? undefined : `the lookup by time finds ${byTime?.offset}`;
}

function path(name: string): string {
  return `${DIRECTORY}/${name}`;
}

/** But for the leader epoch, which is the server's own and leaves it as 0. */
function sameRecords(one: Buffer, other: Buffer): boolean {
  const plain = (bytes: Buffer): Buffer =>
    Buffer.concat(batchesIn(bytes).map((batch) => Buffer.from(batch).fill(0, 12, 16)));
  return plain(one).equals(plain(other));
}
