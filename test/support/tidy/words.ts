/** What no file of the project may say: unfinished work, and places that only one machine has. */
import type { TextFile } from './source.ts';

/** Split, so that this file does not say it either. */
const UNWANTED_WORDS: readonly RegExp[] = [
  /\b(TO(?:)DO|FIX(?:)ME|XX(?:)X)\b/,
  // Nothing outside the project, and no folder of the machine it was written on.
  /\.\.\/shar(?:)ed\b/,
  /(?<![\w.])\/(wo(?:)rk|ro(?:)ot|Us(?:)ers)\//,
  // Documents that are not the project's.
  /\b(RELIA(?:)BILITY|PERFOR(?:)MANCE|HTTP-A(?:)PI|KAFKA-PRO(?:)TOCOL|TOOL(?:)CHAIN)\b(?!=)/,
  // Where packages come from is the reader's affair.
  /\bregistry\.[a-z]+\.[a-z]+\b|\bpypi\.org\b|\bdocker\.io\b|\bdeb\.debian\.org\b|\brepo1?\.maven\b/,
];

/** Generated, and its hashes could spell anything. */
const NOT_PROSE = new Set(['package-lock.json']);

export function wordViolations({ path, text }: TextFile): string[] {
  if (NOT_PROSE.has(path)) return [];
  return text.split('\n').flatMap((line, index) => {
    const found = UNWANTED_WORDS.map((word) => word.exec(line)?.[0]).find(
      (word) => word !== undefined,
    );
    return found === undefined ? [] : [`${path}:${index + 1}: ${found}`];
  });
}

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * `npm ci` refuses a lock file without an entry for the binaries of every platform; npm leaves out
 * what the registry at hand did not have. Addresses would tie it to one registry.
 */
export function lockViolations(lockFile: string): string[] {
  const { packages } = JSON.parse(lockFile) as { packages: Record<string, LockedPackage> };
  return Object.entries(packages).flatMap(([path, { resolved, optionalDependencies = {} }]) => [
    ...(resolved === undefined ? [] : [`${path}: has an address`]),
    ...Object.entries(optionalDependencies)
      .filter(([name, range]) => !isLocked(findLocked(packages, path, name), range))
      .map(([name]) => `${path}: ${name} is missing; choose a version that has all its binaries`),
  ]);
}

function isLocked(found: LockedPackage | undefined, range: string): boolean {
  const exact = /^\d/.test(range);
  return found?.version !== undefined && (!exact || found.version === range);
}

/** As Node looks a package up: in the node_modules of the folder, then of its parents. */
function findLocked(
  packages: Readonly<Record<string, LockedPackage>>,
  from: string,
  name: string,
): LockedPackage | undefined {
  const parent = from.lastIndexOf('/node_modules/');
  const found = packages[from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`];
  if (found !== undefined || from === '') return found;
  return findLocked(packages, from.slice(0, Math.max(0, parent)), name);
}
