/**
 * Bundles the server and its command into `dist`, which is what the package and the container
 * ship: Node then opens a handful of files at a start instead of hundreds.
 *
 * The rule for packages: what stands in `dependencies` is installed beside the bundle (native
 * modules, which cannot be bundled), everything else that the sources import is bundled, with its
 * licence in `dist/LICENSES.txt`. Nothing is minified: a stack trace should be readable, and
 * minifying was measured to save less than a tenth of the start. What is imported dynamically
 * stays a chunk of its own, loaded when it is needed.
 */
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown, type OutputChunk } from 'rolldown';

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

const packageJson = await readJson(join(root, 'package.json'));
await rm(dist, { recursive: true, force: true });
const chunks = await bundle();
refuseUnknownImports(chunks);
await writeFile(join(dist, 'LICENSES.txt'), await collectLicences(chunks));
await writeFile(join(dist, 'main.js'), entryText());
await chmod(join(dist, 'main.js'), 0o755);

for (const { fileName, code } of chunks) {
  console.log(`dist/${fileName} ${(code.length / 1024).toFixed(0)} KiB`);
}

async function bundle(): Promise<OutputChunk[]> {
  const build = await rolldown({
    cwd: root,
    input: { millrace: 'src/main.ts' },
    platform: 'node',
    external: [/^node:/, ...installedBeside()],
  });
  const { output } = await build.write({
    dir: dist,
    format: 'esm',
    entryFileNames: 'chunks/[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await build.close();
  return output.filter((file) => file.type === 'chunk');
}

/** Packages of the bundle's users: a path inside them (`snappy/index.js`) is theirs too. */
function installedBeside(): RegExp[] {
  return Object.keys(packageJson.dependencies).map((name) => new RegExp(`^${name}(/|$)`));
}

/** An import that nothing would answer after an installation fails here instead of there. */
function refuseUnknownImports(all: readonly OutputChunk[]): void {
  const own = new Set(all.map(({ fileName }) => fileName));
  const unknown = all
    .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
    .filter((name) => !own.has(name) && !name.startsWith('node:'))
    .filter((name) => !installedBeside().some((pattern) => pattern.test(name)));
  if (unknown.length > 0)
    throw new Error(`neither bundled nor a dependency: ${unknown.join(', ')}`);
}

/** The licences of the bundled packages ask to stay with their code. */
async function collectLicences(all: readonly OutputChunk[]): Promise<string> {
  const folders = new Set<string>();
  for (const id of all.flatMap(({ moduleIds }) => moduleIds)) {
    const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  const entries = await Promise.all([...folders].toSorted().map(licenceOf));
  return `Bundled into ${packageJson.name}, each under its own licence.\n\n${entries.join('\n')}`;
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = await readJson(join(folder, 'package.json'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : (await readFile(join(folder, file), 'utf8')).trim();
  return `--- ${name} ${version} (${license ?? 'no licence named'})\n\n${text}\n`;
}

/**
 * What `bin` points to. It comes before everything else, so that what V8 compiled can be kept
 * beside the bundle from one start to the next (where that folder may be written), and so that a
 * Node which is too old is told in a sentence.
 */
function entryText(): string {
  const [major, minor] =
    /^>=(\d+)\.(\d+)$/.exec(packageJson.engines.node)?.slice(1).map(Number) ?? [];
  if (major === undefined || minor === undefined)
    throw new Error('engines.node is not >=MAJOR.MINOR');
  return `#!/usr/bin/env node
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < ${major} || (major === ${major} && minor < ${minor})) {
  process.stderr.write(\`Millrace needs Node ${major}.${minor} or newer; this is \${process.version}.\\n\`);
  process.exit(1);
}
if (nodeModule.getCompileCacheDir() === undefined) {
  nodeModule.enableCompileCache(fileURLToPath(new URL('.cache', import.meta.url)));
}
await import('./chunks/millrace.js');
`;
}

async function readJson(path: string): Promise<PackageJson> {
  return JSON.parse(await readFile(path, 'utf8')) as PackageJson;
}
