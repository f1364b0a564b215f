/** The small partitions that are spoiled: their files, and every record that was acknowledged. */
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import { baseOffsetOfLogName } from '../../src/storage/segment-files.ts';
import { appendTexts, contentOf, createLog, namesIn, DIRECTORY } from './partition-fixture.ts';
import { SimulatedFiles } from './simulated-files.ts';

export interface DamageSubject {
  readonly config: { readonly [name: string]: string };
  readonly previousRun: PreviousRun;
  readonly files: ReadonlyMap<string, Buffer>;
  /** Texts by offset. */
  readonly records: ReadonlyMap<number, string>;
  readonly newest: { readonly name: string; readonly baseOffset: number };
  readonly end: number;
}

type Shape = 'small' | 'indexed' | 'unclean';

/** Texts of each flush: a batch a flush, but for the last. */
const SMALL = [['a', 'b'], ['c'], ['d', 'e', 'f'], ['g'], ['h'], ['i', 'j']];

/**
 * small     three segments of a few short batches, stopped in order
 * unclean   the same without a stop in order: the last segment is behind the checkpoint
 * indexed   three segments of long batches with index entries, stopped in order
 *
 * `isOther`: another partition, with other and longer records at the same offsets.
 */
export async function damageSubject(shape: Shape, isOther = false): Promise<DamageSubject> {
  const isLong = shape === 'indexed';
  const config = { 'segment.bytes': isLong ? '12000' : '300' };
  const disk = new SimulatedFiles({ seed: 1 });
  const records = new Map<number, string>();
  const log = await createLog(disk, { config });
  const flushes = isLong
    ? Array.from({ length: 11 }, (_, at) => [`${at} `.padEnd(2_500, 'x')])
    : SMALL;
  for (const flush of flushes) {
    const own = flush.map((text) => (isLong ? text : text.repeat(20)));
    const texts = isOther ? own.map((text) => `of another ${text}`) : own;
    const { baseOffset } = await appendTexts(log, ...texts);
    for (const [index, text] of texts.entries()) records.set(baseOffset + index, text);
  }
  const end = log.logEndOffset;
  if (shape !== 'unclean') await log.close();
  const stopped = disk.kill();
  const files = new Map<string, Buffer>();
  for (const name of await namesIn(stopped)) {
    files.set(name, await contentOf(stopped, `${DIRECTORY}/${name}`));
  }
  const name = [...files.keys()].findLast((each) => each.endsWith('.log')) as string;
  const newest = { name, baseOffset: baseOffsetOfLogName(name) as number };
  const previousRun = shape === 'unclean' ? 'rebooted' : 'clean';
  return { config, previousRun, files, records, newest, end };
}
