/**
 * One file of the simulated disk: what readers see (the page cache), what is on the platter, and
 * the changes between the two, in order.
 *
 * What a power cut leaves of unsynced changes is drawn from chance: nothing, everything, the first
 * few, or any sectors of any of them under a size that fits neither. Of one sector only an earlier
 * or later state survives, never a mixture.
 */
import { GrowingBytes } from './growing-bytes.ts';
import type { SeededRandom } from './seeded-random.ts';

type Change =
  | {
      readonly kind: 'write';
      readonly bytes: Uint8Array;
      readonly position: number;
      /** A sync of it has failed: its pages count as clean, and nothing ever stores them. */
      isLost: boolean;
    }
  | { readonly kind: 'resize'; readonly size: number };

export type CrashStyle = 'nothing' | 'everything' | 'first' | 'scattered';

export class SimulatedFile {
  readonly #seen: GrowingBytes;
  readonly #stored: GrowingBytes;
  readonly #sectorBytes: number;
  #changes: Change[] = [];
  /** Changes stored so far, which numbers those that are left. */
  #storedCount = 0;
  /** Names that lead to it, and handles on it; without both its room is free. */
  nameCount = 0;
  handleCount = 0;

  constructor(sectorBytes: number, content?: GrowingBytes) {
    this.#sectorBytes = sectorBytes;
    this.#seen = new GrowingBytes(content);
    this.#stored = new GrowingBytes(content);
  }

  get size(): number {
    return this.#seen.size;
  }

  read(into: Uint8Array, position: number): number {
    const part = this.#seen.bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  /** Keeps no reference to `bytes`. */
  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    this.#seen.write(bytes, position);
    this.#changes.push({ kind: 'write', bytes: bytes.slice(), position, isLost: false });
  }

  resize(size: number): void {
    this.#seen.resize(size);
    this.#changes.push({ kind: 'resize', size });
  }

  /** What a sync that starts now covers; later writes are not in it. */
  beginSync(): number {
    return this.#storedCount + this.#changes.length;
  }

  endSync(covered: number): void {
    const count = Math.max(0, covered - this.#storedCount);
    for (const change of this.#changes.splice(0, count)) applyTo(this.#stored, change);
    this.#storedCount += count;
  }

  /** A sync has failed. Reads go on seeing what is lost, and a second sync succeeds. */
  loseUnsynced(): void {
    for (const change of this.#changes) if (change.kind === 'write') change.isLost = true;
  }

  afterPowerCut(style: CrashStyle, random: SeededRandom): SimulatedFile {
    const image = new GrowingBytes(this.#stored);
    if (style === 'everything') {
      for (const change of this.#changes) applyTo(image, change);
    } else if (style === 'first') {
      this.#applyFirst(image, random);
    } else if (style === 'scattered') {
      this.#applyScattered(image, random);
    }
    return new SimulatedFile(this.#sectorBytes, image);
  }

  /** Some changes whole, and the next write up to one of its sectors. */
  #applyFirst(image: GrowingBytes, random: SeededRandom): void {
    const whole = random.below(this.#changes.length + 1);
    for (const change of this.#changes.slice(0, whole)) applyTo(image, change);
    const torn = this.#changes[whole];
    if (torn?.kind !== 'write' || torn.isLost) return;
    const sectors = this.#sectorsOf(torn);
    for (const sector of sectors.slice(0, random.below(sectors.length))) applyTo(image, sector);
  }

  #applyScattered(image: GrowingBytes, random: SeededRandom): void {
    const sized = random.below(this.#changes.length + 1);
    const missing = random.pick([0.1, 0.5, 0.9]);
    const stopped = new Set<number>();
    let { size } = image;
    for (const [index, change] of this.#changes.entries()) {
      if (change.kind === 'resize') {
        if (index >= sized) continue;
        image.resize(change.size);
        size = change.size;
        continue;
      }
      for (const part of this.#sectorsOf(change)) {
        const sector = Math.floor(part.position / this.#sectorBytes);
        if (random.chance(missing)) stopped.add(sector);
        if (!stopped.has(sector) && !part.isLost) image.write(part.bytes, part.position);
      }
      if (index < sized) size = Math.max(size, change.position + change.bytes.length);
    }
    image.resize(size);
  }

  #sectorsOf(write: Change & { kind: 'write' }): (Change & { kind: 'write' })[] {
    const parts = [];
    for (let done = 0; done < write.bytes.length;) {
      const position = write.position + done;
      const length = this.#sectorBytes - (position % this.#sectorBytes);
      const bytes = write.bytes.subarray(done, done + length);
      parts.push({ ...write, bytes, position });
      done += bytes.length;
    }
    return parts;
  }
}

function applyTo(image: GrowingBytes, change: Change): void {
  if (change.kind === 'resize') image.resize(change.size);
  else if (!change.isLost) image.write(change.bytes, change.position);
  else image.resize(Math.max(image.size, change.position + change.bytes.length));
}
