/**
 * Durable marks of damage that a read has met. No start reads closed segments, and without a mark
 * it would take the partition for sound and take appends until somebody reads there again.
 *
 *   <base offset of the segment>.damaged   JSON, see `DamageMark`; at most one for a segment
 *
 * A marked segment is read at every start, up to where it was durable. As long as it does not read
 * whole, the partition is offline; once it does, because a copy of it was put back, the mark goes.
 * After a crash there is a whole mark or none (replace-file.ts); without one, damage is found by
 * the next read that meets it. A missing file needs no mark: every start misses it.
 */
import { scanBatches } from './batch-scan.ts';
import type { Damage } from './damage.ts';
import { assertDiskError, UncertainError } from './disk-errors.ts';
import { fence } from './fence.ts';
import type { LogContext } from './log-context.ts';
import { readWholeFile, removeIfThere, replaceFile } from './replace-file.ts';
import { damagedPath, logPath } from './segment-files.ts';
import type { SegmentFacts } from './segment.ts';
import { parseStoredJson } from './stored-json.ts';

/** What was met, and how far the segment must read whole to be sound again. */
export interface DamageMark extends Omit<Damage, 'segment'> {
  readonly bytes: number;
  readonly endOffset: number;
}

export class DamageMarks {
  readonly #context: LogContext;
  /** Base offsets. One attempt a run: what readers meet again and again must not cost a write each. */
  readonly #tried = new Set<number>();

  constructor(context: LogContext) {
    this.#context = context;
  }

  /** Resolves when the mark is on stable storage or has failed, which is logged. */
  async mark(segment: SegmentFacts, damage: Damage): Promise<void> {
    if (this.#tried.has(damage.segment)) return;
    this.#tried.add(damage.segment);
    const { files, directory, state, log } = this.#context;
    // Of the active segment, what is not durable may be another after a crash.
    const { bytes, endOffset } = segment === state.active ? state.durableActive : segment;
    const { position, field, expected, found } = damage;
    const mark: DamageMark = { position, field, expected, found, bytes, endOffset };
    const path = damagedPath(directory, damage.segment);
    try {
      await replaceFile(files, path, Buffer.from(`${JSON.stringify(mark)}\n`));
    } catch (error) {
      assertDiskError(error);
      log.error({ file: path, error }, 'damage is not marked: the next start will not know of it');
      if (error instanceof UncertainError) await fence(this.#context, error);
    }
  }
}

type MarkedPlace = Pick<LogContext, 'directory' | 'files' | 'openFiles' | 'log'>;

/** What is wrong with the first of these segments that does not read whole; the other marks go. */
export async function findMarkedDamage(
  place: MarkedPlace,
  marked: readonly number[],
): Promise<Damage | undefined> {
  for (const segment of marked) {
    const damage = await damageOf(place, segment);
    if (damage !== undefined) return damage;
  }
  return undefined;
}

async function damageOf(place: MarkedPlace, segment: number): Promise<Damage | undefined> {
  const { files, directory, log } = place;
  const path = damagedPath(directory, segment);
  let mark: DamageMark | undefined;
  try {
    mark = decodeMark(await readWholeFile(files, path));
    if (mark === undefined) return unreadableMark(segment);
    const damage = await damageNow(place, segment, mark);
    if (damage !== undefined) return damage;
    // Before anything moves the segment's bytes, which the mark would then no longer fit.
    await removeIfThere(files, path);
    log.info({ file: logPath(directory, segment) }, 'a damaged segment reads whole again');
    return undefined;
  } catch (error) {
    // What cannot be read is not sound.
    assertDiskError(error);
    log.error({ file: path, error }, 'a damaged segment cannot be looked at again');
    return mark === undefined ? unreadableMark(segment) : metBefore(segment, mark);
  }
}

async function damageNow(
  { directory, openFiles }: MarkedPlace,
  segment: number,
  { bytes, endOffset }: DamageMark,
): Promise<Damage | undefined> {
  const stretch = { from: 0, to: bytes, expectedOffset: segment, flushStart: segment };
  const end = await openFiles.use(logPath(directory, segment), (file) =>
    scanBatches(file, stretch, () => {}),
  );
  if (end.fault !== undefined) return { segment, position: end.position, ...end.fault };
  if (end.nextOffset === endOffset) return undefined;
  const field = 'last offset';
  const [expected, found] = [String(endOffset - 1), String(end.nextOffset - 1)];
  return { segment, position: bytes, field, expected, found };
}

function metBefore(segment: number, { position, field, expected, found }: DamageMark): Damage {
  return { segment, position, field, expected, found };
}

function unreadableMark(segment: number): Damage {
  const facts = { field: 'mark of damage', expected: 'a readable one', found: 'another content' };
  return { segment, position: 0, ...facts };
}

/** Undefined for what is no mark. */
export function decodeMark(content: Buffer | undefined): DamageMark | undefined {
  const value = parseStoredJson(String(content));
  return isDamageMark(value) ? value : undefined;
}

function isDamageMark(value: unknown): value is DamageMark {
  if (typeof value !== 'object' || value === null) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  return (
    ['position', 'bytes', 'endOffset'].every((name) => isCount(members.get(name))) &&
    ['field', 'expected', 'found'].every((name) => typeof members.get(name) === 'string')
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
