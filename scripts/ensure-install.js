// @ts-check
/**
 * Makes `npm start` and `npm test` work on a fresh clone: installs what package-lock.json names
 * when it is not installed yet, and otherwise costs one hash.
 *
 * Promises: an interrupted install never counts as done; of two terminals started at once one
 * installs and the other waits; afterwards `node_modules/.bin/node` exists, which npm puts first
 * on the PATH of the script that follows, so that everything runs on the pinned Node version.
 *
 * Plain JavaScript without dependencies: it runs before anything is installed, on whatever Node
 * the host has (18 or newer).
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const installLock = join(root, '.install.lock');
/** Written last and inside node_modules, which `npm ci` removes first. */
const stamp = join(root, 'node_modules', '.install-stamp');
const pinnedNode = join(root, 'node_modules', '.bin', 'node');

/** The owner writes its lock anew this often ... */
const heartbeatMs = 1_000;
/** ... and one not written for this long has no owner any more, whatever its process id says. */
const abandonedAfterMs = 120_000;
const lookAgainMs = 100;

const wanted = wantedStamp();
if (!isInstalled()) {
  await takeLock();
  try {
    // Another terminal may have installed while this one waited for the lock.
    if (!isInstalled()) await install();
  } finally {
    fs.rmSync(installLock, { force: true });
  }
}

/** What the stamp must say: binaries for another platform are not an install either. */
function wantedStamp() {
  const lockFile = fs.readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lockFile).digest('hex');
  return `${hash} ${process.platform}-${process.arch}\n`;
}

function isInstalled() {
  return readIfThere(stamp) === wanted && fs.existsSync(pinnedNode);
}

async function install() {
  process.stderr.write('Installing dependencies (once, and after package-lock.json changed) ...\n');
  fs.rmSync(stamp, { force: true });
  const { code, output } = await runNpmCi();
  if (code !== 0) {
    process.stderr.write(output);
    process.stderr.write(
      `The install failed: npm ci ended with ${code}. See its messages above.\n`,
    );
    process.exitCode = 1;
    return;
  }
  fs.writeFileSync(stamp, wanted);
  if (!fs.existsSync(pinnedNode)) {
    process.stderr.write(
      'node_modules/.bin/node is missing: npm was told to ignore install scripts. ' +
        'Run `npm rebuild node --ignore-scripts=false` once.\n',
    );
    process.exitCode = 1;
  }
}

/** @returns {Promise<{ code: number | string, output: string }>} */
function runNpmCi() {
  // Development dependencies hold the pinned Node, so NODE_ENV=production must not drop them.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { npm_execpath: npm, npm_node_execpath: npmNode } = process.env;
  // The npm that runs this script, on the Node that runs it: `node` on the PATH may be the very
  // file that `npm ci` is about to remove.
  const child =
    npm === undefined
      ? spawn('npm', args, { cwd: root, shell: process.platform === 'win32' })
      : spawn(npmNode ?? process.execPath, [npm, ...args], { cwd: root });
  const holdLock = () => fs.writeFileSync(installLock, lockText(child.pid ?? process.pid));
  holdLock();
  const heartbeat = setInterval(holdLock, heartbeatMs);
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  return new Promise((resolve) => {
    const done = (/** @type {number | string} */ code) => {
      clearInterval(heartbeat);
      resolve({ code, output });
    };
    child.on('error', (error) => done(error.message));
    child.on('close', (code, signal) => done(code ?? signal ?? 'no exit code'));
  });
}

/**
 * The lock is a file that names the host and two processes: this one, and npm, which goes on
 * installing when this one alone is killed.
 */
async function takeLock() {
  let told = false;
  while (!createLock()) {
    const held = readIfThere(installLock);
    if (held === undefined) continue;
    if (isAbandoned(held)) {
      removeLock(held);
      continue;
    }
    if (!told)
      process.stderr.write('Waiting for the install in another terminal (.install.lock) ...\n');
    told = true;
    await sleep(lookAgainMs);
  }
}

/** Whether the lock is ours now. */
function createLock() {
  try {
    fs.writeFileSync(installLock, lockText(), { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** @param {number[]} others */
function lockText(...others) {
  return [hostname(), process.pid, ...others].join(' ');
}

/** @param {string} held */
function isAbandoned(held) {
  const [host, ...pids] = held.split(' ');
  if (host === hostname() && !pids.some((pid) => isAlive(Number(pid)))) return true;
  // Another host's, not written to the end, or of a process id that was given out again.
  try {
    return Date.now() - fs.statSync(installLock).mtimeMs > abandonedAfterMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/**
 * Removes the lock that was found abandoned, and no other: a terminal that was quicker may have
 * replaced it since, and a rename shows what it took.
 *
 * @param {string} held
 */
function removeLock(held) {
  const taken = `${installLock}.${process.pid}`;
  try {
    fs.renameSync(installLock, taken);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if (readIfThere(taken) === held) fs.rmSync(taken);
  else fs.renameSync(taken, installLock);
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
