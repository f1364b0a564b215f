import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** What the fake npm does when it is told to go on; `calls` has one line for each start of it. */
const FAKE_NPM = `
import * as fs from 'node:fs';
fs.appendFileSync('calls', process.pid + ' ' + process.argv.slice(2).join(' ') + '\\n');
fs.rmSync('node_modules', { recursive: true, force: true });
while (!fs.existsSync('go')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
const plan = fs.readFileSync('go', 'utf8');
if (plan === 'fail') { console.error('no such package'); process.exit(7); }
fs.mkdirSync('node_modules/.bin', { recursive: true });
if (plan !== 'no scripts') fs.writeFileSync('node_modules/.bin/node', '');
`;

let root: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'millrace-install-'));
  fs.mkdirSync(join(root, 'scripts'));
  fs.copyFileSync('scripts/ensure-install.js', join(root, 'scripts/ensure-install.js'));
  write('package.json', '{ "type": "module" }');
  write('package-lock.json', '{ "lockfileVersion": 3 }');
  write('npm.js', FAKE_NPM);
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  fs.rmSync(root, { recursive: true, force: true });
});

test('a fresh clone is installed with one line, and the second run says and does nothing', async () => {
  write('go', '');
  expect(await run()).toEqual({
    code: 0,
    text: 'Installing dependencies (once, and after package-lock.json changed) ...\n',
  });
  expect(await run()).toEqual({ code: 0, text: '' });
  expect(npmCalls()).toEqual([expect.stringMatching(/^ci --include=dev /)]);
  expect(fs.readdirSync(root)).not.toContain('.install.lock');
});

test('a changed lock file is installed anew', async () => {
  write('go', '');
  await run();
  write('package-lock.json', '{ "lockfileVersion": 3, "packages": {} }');
  await run();
  expect(npmCalls()).toHaveLength(2);
});

test('a removed pinned Node is installed anew', async () => {
  write('go', '');
  await run();
  fs.rmSync(join(root, 'node_modules/.bin/node'));
  await run();
  expect(npmCalls()).toHaveLength(2);
});

test('a failed install shows what npm said, ends the start, and is tried again', async () => {
  write('go', 'fail');
  const failed = await run();
  expect(failed.code).toBe(1);
  expect(failed.text).toContain('no such package\n');
  expect(failed.text).toMatch(/The install failed: npm ci ended with 7\..*\n$/);

  write('go', '');
  expect((await run()).code).toBe(0);
  expect(npmCalls()).toHaveLength(2);
});

test('an npm that cannot be started is a failed install', async () => {
  const failed = await run({ npm_node_execpath: join(root, 'no-such-node') });
  expect(failed.code).toBe(1);
  expect(failed.text).toMatch(/npm ci ended with .*ENOENT/);
});

test('an install without its scripts ends with one line that says what is missing', async () => {
  write('go', 'no scripts');
  const missing = await run();
  expect(missing.code).toBe(1);
  expect(missing.text.split('\n')[1]).toMatch(/^node_modules\/\.bin\/node is missing/);

  // What the message asks for is enough.
  write('node_modules/.bin/node', '');
  expect(await run()).toEqual({ code: 0, text: '' });
});

test('an install that was killed does not count as done', async () => {
  write('go', '');
  await run();
  write('package-lock.json', '{}');
  fs.rmSync(join(root, 'go'));
  const killed = start();
  await npmStarted(2);
  process.kill(npmPid(1), 'SIGKILL');
  killed.child.kill('SIGKILL');
  await killed.ended;

  write('go', '');
  expect((await run()).code).toBe(0);
  expect(npmCalls()).toHaveLength(3);
});

test('of two terminals one installs, the other waits and then goes on', async () => {
  const first = start();
  await npmStarted(1);
  const second = start();
  await waitFor(() => expect(second.text()).toContain('Waiting for the install'));
  write('go', '');
  expect([await first.ended, await second.ended]).toEqual([0, 0]);
  expect(npmCalls()).toHaveLength(1);
});

test('an npm that outlives its terminal is waited for', async () => {
  const killed = start();
  await npmStarted(1);
  killed.child.kill('SIGKILL');
  await killed.ended;

  const next = start();
  await waitFor(() => expect(next.text()).toContain('Waiting for the install'));
  expect(npmCalls()).toHaveLength(1);
  write('go', '');
  expect(await next.ended).toBe(0);
  // What the orphan installed cannot be known to be whole.
  expect(npmCalls()).toHaveLength(2);
});

test('a lock that nobody holds any more is taken over once it is old', async () => {
  write('go', '');
  write('.install.lock', 'another-host 1');
  const waiting = start();
  await waitFor(() => expect(waiting.text()).toContain('Waiting for the install'));
  fs.utimesSync(join(root, '.install.lock'), new Date(0), new Date(0));
  expect(await waiting.ended).toBe(0);
  expect(npmCalls()).toHaveLength(1);
});

function write(name: string, text: string): void {
  fs.writeFileSync(join(root, name), text);
}

function start(environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['scripts/ensure-install.js'], {
    cwd: root,
    env: {
      ...process.env,
      npm_execpath: join(root, 'npm.js'),
      npm_node_execpath: process.execPath,
      ...environment,
    },
  });
  children.push(child);
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text += part.toString()));
  const ended = once(child, 'close').then(([code]: unknown[]) => code);
  return { child, ended, text: () => text };
}

async function run(environment?: NodeJS.ProcessEnv): Promise<{ code: unknown; text: string }> {
  const { ended, text } = start(environment);
  const code = await ended;
  return { code, text: text() };
}

function npmLines(): string[] {
  const file = join(root, 'calls');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

/** The arguments of each start of npm. */
function npmCalls(): string[] {
  return npmLines().map((line) => line.slice(line.indexOf(' ') + 1));
}

function npmPid(index: number): number {
  return Number.parseInt(npmLines()[index] ?? '', 10);
}

async function npmStarted(count: number): Promise<void> {
  await waitFor(() => expect(npmLines()).toHaveLength(count));
}

async function waitFor(assertion: () => void): Promise<void> {
  await vi.waitFor(assertion, { timeout: 10_000, interval: 10 });
}
