/**
 * Which folder may import which, and where each package and each capability of the machine has its
 * home. This is the first section of the architecture as a table; the words are in ARCHITECTURE.md.
 */
import { dirname, posix } from 'node:path';
import type { Import, Node, Source } from './source.ts';
import { dottedName, lineOf, walk } from './source.ts';

/**
 * From the lowest rank to the highest: a folder imports from itself and from what its row names,
 * which is always further down. A face could be deleted without a change to anything but
 * `server.ts`; what stands on the seam never sees how a broker keeps its log.
 */
export const FOLDERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['model', []],
  ['codec', ['model']],
  ['storage', ['model', 'codec']],
  ['storage/doctor', ['model', 'codec', 'storage']],
  ['broker', ['model', 'codec']],
  ['broker/local', ['model', 'codec', 'storage', 'broker']],
  ['broker/kafka', ['model', 'codec', 'broker']],
  ['membership', ['model', 'codec', 'broker']],
  ['delivery', ['model', 'codec', 'broker', 'membership']],
  ['http', ['model', 'codec', 'broker', 'membership', 'delivery']],
  ['kafka-protocol', ['model', 'codec', 'broker', 'delivery']],
  ['console', ['model', 'codec', 'broker', 'membership', 'delivery']],
  ['client', ['model', 'codec']],
  ['cli', ['model', 'codec', 'client']],
]);

/** At the top of `src`, and free to import everything: they build the server out of the rest. */
const TOP_FILES = ['config.ts', 'system.ts', 'log-output.ts', 'server.ts', 'serve.ts', 'main.ts'];

/** A single file may import what its folder may not, for a reason. */
const EXTRA_IMPORTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['src/cli/dump.ts', ['storage']], // reads a segment of a server that does not run
  // Checks a data directory that no server has open; the others say what it has found.
  ['src/cli/doctor.ts', ['storage', 'storage/doctor']],
  ['src/cli/doctor-text.ts', ['storage/doctor']],
  ['src/cli/doctor-words.ts', ['storage/doctor']],
]);

/** The one file or folder of `src` that imports a package. */
const PACKAGE_HOMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['msgpackr', ['src/codec/']],
  ['@node-rs/crc32', ['src/codec/crc32c.ts']],
  ['snappy', ['src/codec/native-codecs.ts']],
  ['lz4-napi', ['src/codec/native-codecs.ts']],
  ['proper-lockfile', ['src/storage/owner-lock.ts']],
  ['fastify', ['src/http/', 'src/console/']],
  ['@fastify/swagger', ['src/http/']],
  ['prom-client', ['src/http/metrics.ts']],
  ['commander', ['src/cli/']],
  ['pino', ['src/log-output.ts']],
]);

/** Node's own modules that reach outside the process: disks, networks, other processes. */
const BUILTIN_HOMES: ReadonlyMap<string, readonly string[]> = new Map([
  // The disk behind `Files`, and a user's own files, read by the command.
  ['node:fs', ['src/storage/real-files.ts', 'src/cli/dump.ts', 'src/cli/produce.ts']],
  ['node:sqlite', ['src/storage/kernel-lock.ts', 'src/storage/catalogue-database.ts']],
  // Load needs a client that costs less than `fetch`.
  ['node:http', ['src/http/', 'src/client/keep-alive.ts']],
  // The log tells a pipe from a file by it.
  ['node:net', ['src/kafka-protocol/', 'src/http/', 'src/log-output.ts']],
  ['node:child_process', []],
  ['node:worker_threads', []],
]);

/**
 * Time and chance are passed in, so that a whole server can be run from one seed: what must not be
 * read as a member, called as a global function, or imported from one of Node's modules.
 */
const MEMBERS = ['Date.now', 'performance.now', 'process.hrtime', 'Math.random'];
const GLOBALS = ['setTimeout', 'setInterval'];
const IMPORTED = [...GLOBALS, 'randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'];

/** The files that bring time and chance in, and why each of them may. */
export const ASKING_THE_MACHINE: ReadonlyMap<string, string> = new Map([
  ['src/system.ts', 'is the real clock and the real source of randomness'],
]);

/** Imports that go up, sideways, out of `src` or to a folder without a rank. */
export function rankViolations(source: Source): string[] {
  const home = folderOf(source.path);
  if (home === undefined) return [`${source.path}: its folder has no rank`];
  return source.imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .filter((one) => !mayImport(source.path, home, one))
    .map(
      ({ specifier, line }) =>
        `${source.path}:${line}: ${home || 'src'} may not import ${specifier}`,
    );
}

function mayImport(path: string, home: string, { specifier }: Import): boolean {
  const file = posix.join(dirname(path), specifier);
  if (file === 'package.json') return path === 'src/model/version.ts';
  const target = folderOf(file);
  if (target === undefined || !specifier.endsWith('.ts')) return false;
  if (target === home || home === '') return true;
  return [...(FOLDERS.get(home) ?? []), ...(EXTRA_IMPORTS.get(path) ?? [])].includes(target);
}

/** The row of the table that a file belongs to; '' for the files at the top. */
function folderOf(path: string): string | undefined {
  const parts = path.split('/');
  if (parts.shift() !== 'src') return undefined;
  if (parts.length === 1) return TOP_FILES.includes(parts[0] ?? '') ? '' : undefined;
  for (let length = parts.length - 1; length > 0; length -= 1) {
    const folder = parts.slice(0, length).join('/');
    if (FOLDERS.has(folder)) return folder;
  }
  return undefined;
}

/** Packages and modules imported away from home, or without one. */
export function homeViolations(source: Source): string[] {
  return (
    source.imports
      .filter(({ specifier }) => !specifier.startsWith('.'))
      // The type of a built-in module reaches nothing; a package's type ties a file to the package.
      .filter(({ specifier, typeOnly }) => !(typeOnly && specifier.startsWith('node:')))
      .filter(({ specifier }) => !isAtHome(source.path, specifier))
      .map(({ specifier, line }) => `${source.path}:${line}: ${specifier} has its home elsewhere`)
  );
}

function isAtHome(path: string, specifier: string): boolean {
  const name = packageName(specifier);
  if (!specifier.startsWith('node:')) return startsWithOne(path, PACKAGE_HOMES.get(name) ?? []);
  const homes = BUILTIN_HOMES.get(name);
  return homes === undefined || startsWithOne(path, homes);
}

/** `@scope/name` or `name`, without what follows. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function startsWithOne(path: string, homes: readonly string[]): boolean {
  return homes.some((home) => (home.endsWith('/') ? path.startsWith(home) : path === home));
}

/** Places that ask the machine for the time or for chance. */
export function determinismViolations(source: Source): string[] {
  if (ASKING_THE_MACHINE.has(source.path)) return [];
  const violations: string[] = [];
  for (const node of walk(source.program)) {
    const name = askedFor(node);
    if (name === undefined) continue;
    violations.push(`${source.path}:${lineOf(source.text, node.start)}: ${name} is not passed in`);
  }
  return violations;
}

function askedFor(node: Node): string | undefined {
  switch (node.type) {
    case 'NewExpression': {
      const now = dottedName(node['callee'] as Node) === 'Date' && isEmpty(node['arguments']);
      return now ? 'new Date()' : undefined;
    }
    case 'CallExpression':
      return GLOBALS.find((name) => dottedName(node['callee'] as Node) === name);
    case 'MemberExpression': {
      const name = dottedName(node)?.replace(/^(globalThis|crypto)\./, '');
      return [...MEMBERS, ...IMPORTED].find((one) => one === name);
    }
    case 'ImportDeclaration': {
      if (!String((node['source'] as Node)['value']).startsWith('node:')) return undefined;
      const names = (node['specifiers'] as Node[]).map(importedName);
      return IMPORTED.find((one) => names.includes(one));
    }
    default:
      return undefined;
  }
}

function importedName(specifier: Node): string | undefined {
  return specifier.type === 'ImportSpecifier'
    ? dottedName(specifier['imported'] as Node)
    : undefined;
}

function isEmpty(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0;
}
