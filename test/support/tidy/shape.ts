/** What a source file looks like: its size, its name, its header, what it exports, its test. */
import type { Node, Source, TextFile } from './source.ts';
import { dottedName, isNode, lineOf, walk } from './source.ts';

const LINES_MAX = 300;
const MEDIAN_LINES_MAX = 150;

/** Longer than the rule allows, each for the reason beside it. */
const LONG_FILES: ReadonlyMap<string, string> = new Map<string, string>();

/** Without a test of their own, each for the reason beside it. */
const UNTESTED_FILES: ReadonlyMap<string, string> = new Map<string, string>([
  ['src/model/limits.ts', 'nothing but bounds; each is tested where it is enforced'],
]);

/** Files over the limit, reasons given for files that need none, and a median above the limit. */
export function lengthViolations(files: readonly TextFile[]): string[] {
  const lengths = files.map(({ path, text }) => ({ path, lines: countLines(text) }));
  const long = lengths.filter(({ lines }) => lines > LINES_MAX).map(({ path }) => path);
  const middle =
    lengths.map(({ lines }) => lines).toSorted((a, b) => a - b)[files.length >> 1] ?? 0;
  return [
    ...long
      .filter((path) => !LONG_FILES.has(path))
      .map((path) => `${path}: over ${LINES_MAX} lines`),
    ...staleReasons(LONG_FILES, long),
    ...(middle > MEDIAN_LINES_MAX ? [`the median file has ${middle} lines`] : []),
  ];
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** Sources with code to run and no mirror below `test`. */
export function untestedSources(sources: readonly Source[], paths: ReadonlySet<string>): string[] {
  const untested = sources
    .filter(hasCode)
    .map(({ path }) => path)
    .filter((path) => !paths.has(mirrorOf(path)));
  return [
    ...untested.filter((path) => !UNTESTED_FILES.has(path)),
    ...staleReasons(UNTESTED_FILES, untested),
  ];
}

function mirrorOf(path: string): string {
  return path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');
}

/** Tests whose source is gone: of `test/a/b.test.ts` where `src/a` exists and `src/a/b.ts` does not. */
export function orphanedTests(paths: ReadonlySet<string>): string[] {
  const folders = new Set([...paths].filter((path) => path.startsWith('src/')).map(folderOf));
  return [...paths].filter((path) => {
    if (!path.startsWith('test/') || !path.endsWith('.test.ts')) return false;
    const source = path.replace(/^test\//, 'src/').replace(/\.test\.ts$/, '.ts');
    return source.split('/').length > 2 && folders.has(folderOf(source)) && !paths.has(source);
  });
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** A reason that nothing needs any more would excuse the next file of that name. */
function staleReasons(reasons: ReadonlyMap<string, string>, needed: readonly string[]): string[] {
  return [...reasons.keys()]
    .filter((path) => !needed.includes(path))
    .map((path) => `${path}: needs no exception any more`);
}

/** Whether anything is left when types are gone. */
function hasCode({ program }: Source): boolean {
  return (program['body'] as Node[]).some((statement) => {
    const inner = (statement['declaration'] as Node | null | undefined) ?? statement;
    return (
      !inner.type.startsWith('TS') && inner.type !== 'ImportDeclaration' && !isEmptyExport(inner)
    );
  });
}

function isEmptyExport(node: Node): boolean {
  return node.type === 'ExportNamedDeclaration' && node['exportKind'] === 'type';
}

const MEANINGLESS = /^(utils?|helpers?|common|misc|shared|index|types|constants)\.ts$/;

/** Names that say nothing or are not in kebab-case, and files that do not begin by saying what they are. */
export function headerViolations({ path, text, comments }: Source): string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const code = text.replace(/^#!.*\n/, '');
  const header = comments[0];
  return [
    ...(/^[a-z0-9]+([.-][a-z0-9]+)*\.ts$/.test(name) ? [] : [`${path}: not in kebab-case`]),
    ...(MEANINGLESS.test(name) ? [`${path}: its name does not say what it holds`] : []),
    ...(code.startsWith('/**') && header?.value.startsWith('*') === true
      ? []
      : [`${path}: does not begin with a comment that says what it is`]),
  ];
}

/** Kinds of statement that are not used here, and what the rule is called. */
const UNWANTED: ReadonlyMap<string, string> = new Map([
  ['ExportDefaultDeclaration', 'a default export'],
  ['ExportAllDeclaration', 'a re-export'],
  ['TSEnumDeclaration', 'an enum'],
  ['TSModuleDeclaration', 'a namespace'],
  ['TSParameterProperty', 'a parameter property'],
]);

export function syntaxViolations({ path, text, program }: Source): string[] {
  const violations: string[] = [];
  for (const node of walk(program)) {
    const what = unwanted(node);
    if (what !== undefined) violations.push(`${path}:${lineOf(text, node.start)}: ${what}`);
  }
  return violations;
}

function unwanted(node: Node): string | undefined {
  if (node.type === 'ExportNamedDeclaration' && isNode(node['source'])) return 'a re-export';
  // `declare module 'fastify'` adds to a package's types and leaves nothing behind.
  if (isNode(node['id']) && node['id'].type === 'Literal') return undefined;
  return UNWANTED.get(node.type);
}

const TEST_FUNCTIONS = new Set(['test', 'it', 'describe', 'suite']);

/** Tests that are left out, or that leave the others out. */
export function unfinishedTests({ path, text, program }: Source): string[] {
  const violations: string[] = [];
  for (const node of walk(program)) {
    const [root, ...members] =
      node.type === 'MemberExpression' ? (dottedName(node) ?? '').split('.') : [];
    const last = members.at(-1);
    if (TEST_FUNCTIONS.has(root ?? '') && (last === 'only' || last === 'skip' || last === 'todo')) {
      violations.push(`${path}:${lineOf(text, node.start)}: ${root}.${members.join('.')}`);
    }
  }
  return violations;
}
