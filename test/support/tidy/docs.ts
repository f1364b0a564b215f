/** What the documents say about the project that a program can check. */
import { posix } from 'node:path';
import type { TextFile } from './source.ts';

/** What there is to be named. */
export interface Known {
  /** Files and folders of the project. */
  readonly paths: ReadonlySet<string>;
  readonly npmScripts: ReadonlySet<string>;
  /** Flags that the server or the command accepts, without the dashes. */
  readonly flags: ReadonlySet<string>;
}

/** Relative links to nothing, and links to headings that are not there. */
export function brokenLinks(
  document: TextFile,
  documents: readonly TextFile[],
  known: Known,
): string[] {
  const targets = [...prose(document.text).matchAll(/\]\(([^()\s]+)\)/g)].map(
    (match) => match[1] ?? '',
  );
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !isThere(document, target, documents, known.paths))
    .map((target) => `${document.path}: link to ${target}`);
}

function isThere(
  document: TextFile,
  target: string,
  documents: readonly TextFile[],
  paths: ReadonlySet<string>,
): boolean {
  const [file = '', heading] = target.split('#');
  const path = file === '' ? document.path : join(posix.dirname(document.path), file);
  if (!paths.has(path)) return false;
  const linked = documents.find((one) => one.path === path);
  return heading === undefined || linked === undefined || headingsOf(linked).has(heading);
}

function join(folder: string, file: string): string {
  return posix.join(folder, file).replace(/\/$/, '');
}

/** As GitHub makes the anchors of headings. */
function headingsOf({ text }: TextFile): Set<string> {
  const headings = prose(text).matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

/** The text without its blocks of code, where brackets and hashes mean other things. */
function prose(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, '');
}

/** Mentioned files and folders of the project that do not exist; `*` stands for any name. */
export function missingPaths(document: TextFile, { paths }: Known): string[] {
  const mentioned = document.text.matchAll(
    /(?<![\w./@-])(?:src|test|bench|docs|examples|scripts)\/[\w./*-]*[\w/*]/g,
  );
  return [...new Set([...mentioned].map(([path]) => path.replace(/\/$/, '')))]
    .filter((path) => !exists(path, paths))
    .map((path) => `${document.path}: ${path}`);
}

function exists(path: string, paths: ReadonlySet<string>): boolean {
  if (!path.includes('*')) return paths.has(path);
  const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\*+/g, '.*')}$`);
  return [...paths].some((one) => pattern.test(one));
}

/** npm's own commands that look like scripts, and scripts that every package has. */
const OWN_OF_NPM = new Set(['start', 'test']);

/** `npm run x` without a script x; `npm start` and `npm test` too. */
export function missingScripts(document: TextFile, { npmScripts }: Known): string[] {
  const mentioned = document.text.matchAll(/\bnpm (?:run (?:--silent )?)?([a-z][\w:-]*)/g);
  return [...mentioned]
    .filter(([whole, name = '']) => whole.startsWith('npm run ') || OWN_OF_NPM.has(name))
    .map(([, name = '']) => name)
    .filter((name) => !npmScripts.has(name))
    .map((name) => `${document.path}: npm run ${name}`);
}

/** Commands of other programs, as lines and in the middle of a sentence: their flags are theirs. */
const OTHERS = 'curl|podman|buildah|docker|git|npm (?!start)|npx (?!millrace)|node|kcat|jq';
const LINE_OF_OTHERS = new RegExp(`^\\s*(?:\\$ )?(?:${OTHERS})\\b.*$`);
const SPAN_OF_OTHERS = new RegExp(`\`(?:${OTHERS})\\b[^\`]*\``, 'g');

/** Flags that nobody would understand. */
export function unknownFlags(document: TextFile, { flags }: Known): string[] {
  return joinedLines(document.text)
    .map((line) => line.replace(LINE_OF_OTHERS, '').replaceAll(SPAN_OF_OTHERS, ''))
    .flatMap((line) => [...line.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)])
    .map(([, flag = '']) => flag)
    .filter((flag) => !flags.has(flag))
    .map((flag) => `${document.path}: --${flag}`);
}

/** A command continued with a backslash is one line. */
function joinedLines(text: string): string[] {
  return text.replaceAll('\\\n', ' ').split('\n');
}

/** Flags as they are written in the sources: `--data-dir` in texts, and `flag: 'data-dir'`. */
export function flagsIn(sources: readonly TextFile[]): Set<string> {
  const found = new Set<string>();
  for (const { text } of sources) {
    for (const [, a, b] of text.matchAll(/--([a-z][a-z-]*[a-z])|\bflag: '([a-z-]+)'/g))
      found.add(a ?? b ?? '');
  }
  return found;
}
