/**
 * The package as a user gets it: packed, installed into an empty folder, started there. Needs the
 * bundle in `dist` and a registry for the native modules.
 */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-package-'));
  const packed = await run('npm', [
    'pack',
    '--ignore-scripts',
    '--json',
    '--pack-destination',
    folder,
  ]);
  const tarball = /"filename": "(.*)"/.exec(packed.stdout)?.[1] ?? '';
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--no-audit', '--no-fund', join(folder, tarball)], { cwd: folder });
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('nothing but the native modules is installed beside it', async () => {
  const installed = await readdir(join(folder, 'node_modules'));
  const scopes = ['@antoniomuso', '@napi-rs', '@node-rs'];
  expect(installed.filter((name) => !name.startsWith('.')).toSorted()).toEqual([
    ...scopes,
    'lz4-napi',
    'millrace',
    'snappy',
  ]);
});

test('it holds the bundle with its licences and no sources', async () => {
  const inside = join(folder, 'node_modules/millrace');
  expect((await readdir(inside)).toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist',
    'package.json',
  ]);
  expect((await readdir(join(inside, 'dist'))).toSorted()).toEqual([
    'LICENSES.txt',
    'chunks',
    'main.js',
  ]);
});

test('its command says how it is used and which version it is', async () => {
  const help = await run('npx', ['millrace', '--help'], { cwd: folder });
  expect(help.stdout).toContain('serve');
  const version = await run('npx', ['millrace', '--version'], { cwd: folder });
  const { version: own } = JSON.parse(await readFile('package.json', 'utf8')) as {
    version: string;
  };
  expect(version.stdout).toBe(`${own}\n`);
});

test('its server keeps a record and stops in order', async () => {
  const args = [
    'serve',
    '--http-port',
    '0',
    '--kafka-port',
    '0',
    '--data-dir',
    join(folder, 'data'),
  ];
  const server = spawn(join(folder, 'node_modules/.bin/millrace'), args, { cwd: folder });
  const ended = once(server, 'exit');
  try {
    const address = await addressOf(server);
    const body = JSON.stringify({ records: [{ value: 'hello' }] });
    const headers = { 'content-type': 'application/json' };
    const produced = await fetch(`${address}/topics/greetings`, { method: 'POST', headers, body });
    expect(produced.status).toBe(200);
    const fetched = await fetch(`${address}/topics/greetings/partitions/0/records?offset=0`);
    expect(await fetched.text()).toContain('"hello"');
  } finally {
    server.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
});

/** The first log lines name the address in use. What follows them is read too, and dropped. */
function addressOf(server: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const listen = (part: Buffer): void => {
      text += part.toString();
      const address = /http:\/\/[\w.:[\]]+:\d+/.exec(text)?.[0];
      if (address !== undefined) resolve(address);
    };
    server.stdout.on('data', listen);
    server.stderr.on('data', listen);
    server.once('exit', () => reject(new Error(`ended without naming its address: ${text}`)));
  });
}
