/** POST load on one URL: wrk where it is installed, because it costs less of the shared cores. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import autocannon from 'autocannon';

export interface Load {
  readonly url: string;
  readonly body: Buffer | string;
  readonly contentType: string;
  readonly connections: number;
  readonly seconds: number;
}

export type Generator = 'wrk' | 'autocannon';

export function hasWrk(): boolean {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // wrk exits with 1 after printing its version.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Requests per second; throws when any answer was not a 2xx. */
export function postRate(load: Load, generator: Generator): Promise<number> {
  return generator === 'wrk' ? withWrk(load) : withAutocannon(load);
}

async function withAutocannon(load: Load): Promise<number> {
  const result = await autocannon({
    url: load.url,
    method: 'POST',
    body: load.body,
    headers: { 'content-type': load.contentType },
    connections: load.connections,
    duration: load.seconds,
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${load.url}: ${result.non2xx} answers were no 2xx, ${result.errors} errors`);
  }
  return result['2xx'] / result.duration;
}

async function withWrk(load: Load): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'wrk-'));
  try {
    const body = join(directory, 'body');
    const script = join(directory, 'post.lua');
    writeFileSync(body, load.body);
    writeFileSync(
      script,
      `local f = io.open("${body}", "rb")
wrk.method = "POST"
wrk.body = f:read("*all")
wrk.headers["content-type"] = "${load.contentType}"
f:close()
`,
    );
    const args = ['-t1', `-c${load.connections}`, `-d${load.seconds}`, '-s', script, load.url];
    const { stdout } = await promisify(execFile)('wrk', args);
    if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
