/**
 * What the tidy rules look at: the text files of the project, and of each source file the syntax
 * tree with the imports picked out. Rules are functions from these to lists of violations, each a
 * line that says where and what, so that they can be tried on planted text.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'rolldown/utils';

export interface TextFile {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Source extends TextFile {
  readonly program: Node;
  readonly comments: readonly { readonly value: string; readonly start: number }[];
  readonly imports: readonly Import[];
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Gone before the program runs. */
  readonly typeOnly: boolean;
}

/** A node of an ESTree with types; the rules look at few kinds and few members. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly [member: string]: unknown;
}

const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** Made or fetched, not written; `data` holds what a server kept there. */
const NOT_OURS = new Set(['.git', '.cache', 'node_modules', 'dist', 'coverage', 'data']);
const BINARY = /\.(png|ico|gz|zst|snappy|lz4|bin|log|index|timeindex|db|tgz|jks|p12)$/;

/** Every text file of the project, sorted by path. */
export function readProject(): TextFile[] {
  return listFiles('')
    .filter((path) => !BINARY.test(path))
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }));
}

function listFiles(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (folder === '' && NOT_OURS.has(entry.name)) return [];
      if (entry.isDirectory()) return listFiles(path);
      return entry.isFile() ? [path] : [];
    });
}

/** Throws when the text is not TypeScript (or JavaScript, by its name). */
export function parseSource({ path, text }: TextFile): Source {
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const root = program as unknown as Node;
  const imports: Import[] = [];
  for (const node of walk(root)) {
    const specifier = specifierOf(node);
    if (specifier === undefined) continue;
    const kinds = [node.type, node['importKind'], node['exportKind']];
    const typeOnly = kinds.includes('TSImportType') || kinds.includes('type');
    imports.push({ specifier, line: lineOf(text, node.start), typeOnly });
  }
  return { path, text, program: root, comments, imports };
}

const IMPORTING = new Set([
  'ImportDeclaration',
  'ImportExpression',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'TSImportType',
]);

function specifierOf(node: Node): string | undefined {
  if (IMPORTING.has(node.type)) return literalText(node['source']);
  if (node.type !== 'CallExpression' || dottedName(node['callee'] as Node) !== 'require')
    return undefined;
  return literalText((node['arguments'] as unknown[])[0]);
}

function literalText(node: unknown): string | undefined {
  const value = isNode(node) && node.type === 'Literal' ? node['value'] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** The node and everything below it, in the order of the text. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const member of Object.values(node)) {
    for (const child of Array.isArray(member) ? member : [member]) {
      if (isNode(child)) yield* walk(child);
    }
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

export function lineOf(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** `a.b.c` of a chain of plain members, or undefined for anything else. */
export function dottedName(node: Node): string | undefined {
  if (node.type === 'Identifier') return node['name'] as string;
  if (node.type !== 'MemberExpression' || node['computed'] === true) return undefined;
  const object = dottedName(node['object'] as Node);
  return object === undefined
    ? undefined
    : `${object}.${(node['property'] as Node)['name'] as string}`;
}
