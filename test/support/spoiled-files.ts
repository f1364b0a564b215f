/** Every way in which the files of a partition are spoiled, each with a name for its failure. */
import type { DamageSubject } from './damage-subjects.ts';
import type { Spoiled } from './damage-run.ts';
import { logPath } from '../../src/storage/segment-files.ts';

type HasFiles = Pick<DamageSubject, 'files'>;

export interface Spoiling {
  readonly name: string;
  readonly spoiled: Spoiled;
}

export function* bitFlips({ files }: HasFiles, step: number): Generator<Spoiling> {
  for (const [name, content] of files) {
    for (let bit = 0; bit < content.length * 8; bit += step) {
      const flipped = Buffer.from(content);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      yield { name: `bit ${bit} of ${name}`, spoiled: new Map([[name, flipped]]) };
    }
  }
}

export function* truncations({ files }: HasFiles, step: number): Generator<Spoiling> {
  for (const [name, content] of files) {
    for (let length = 0; length < content.length; length += step) {
      const cut = content.subarray(0, length);
      yield { name: `${name} cut to ${length}`, spoiled: new Map([[name, cut]]) };
    }
  }
}

/** Every aligned block of 512 bytes, and the whole file. */
export function* zeroedBlocks({ files }: HasFiles): Generator<Spoiling> {
  for (const [name, content] of files) {
    for (let from = 0; from < content.length; from += 512) {
      const zeroed = Buffer.from(content).fill(0, from, Math.min(content.length, from + 512));
      yield { name: `zeros in ${name} from ${from}`, spoiled: new Map([[name, zeroed]]) };
    }
    const zeros = Buffer.alloc(content.length);
    yield { name: `${name} all zeros`, spoiled: new Map([[name, zeros]]) };
  }
}

/** Missing, swapped, doubled, lengthened, and files of another partition in their place. */
export function* displacedFiles(
  { files, newest, previousRun }: DamageSubject,
  foreign: DamageSubject,
): Generator<Spoiling> {
  for (const [name, content] of files) {
    yield { name: `${name} missing`, spoiled: new Map([[name, undefined]]) };
    for (const [other, instead] of files) {
      if (other === name) continue;
      yield { name: `${name} holds ${other}`, spoiled: new Map([[name, instead]]) };
      const swapped = new Map([
        [name, instead],
        [other, content],
      ]);
      if (name < other) yield { name: `${name} and ${other} swapped`, spoiled: swapped };
    }
    for (const [what, garbage] of garbageFor(content)) {
      const longer = Buffer.concat([content, garbage]);
      yield { name: `${name} and ${what}`, spoiled: new Map([[name, longer]]) };
    }
    // No batch says which partition it is of, and no checkpoint knows that file yet: not promised.
    const isUnknown = previousRun !== 'clean' && name === newest.name;
    const instead = isUnknown ? undefined : foreign.files.get(name);
    if (instead !== undefined && !instead.equals(content)) {
      yield { name: `${name} of another partition`, spoiled: new Map([[name, instead]]) };
    }
    if (!name.endsWith('.log')) continue;
    for (const base of [1, 2, 4, 7, 11, 12, 1_000_000, 2 ** 53 - 1]) {
      const copy = logPath('', base);
      if (files.has(copy)) continue;
      yield { name: `${name} again as ${copy}`, spoiled: new Map([[copy, content]]) };
    }
  }
}

function garbageFor(content: Buffer): [string, Buffer][] {
  return [
    ['a byte', Buffer.from([2])],
    ['zeros', Buffer.alloc(700)],
    ['ones', Buffer.alloc(700, 0xff)],
    ['itself', content],
  ];
}
