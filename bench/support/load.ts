/**
 * Load on one server: wrk where it is installed, because it costs least of the shared cores, and
 * autocannon beside it.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import autocannon from 'autocannon';

export interface Load {
  /** Asked in turn by every connection. */
  readonly urls: readonly string[];
  readonly method?: 'GET' | 'POST';
  readonly body?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
}

export type Generator = 'wrk' | 'autocannon';

let isWrkThere: boolean | undefined;

export function hasWrk(): boolean {
  isWrkThere ??= looksForWrk();
  return isWrkThere;
}

/** The leanest that is there. */
function bestGenerator(): Generator {
  return hasWrk() ? 'wrk' : 'autocannon';
}

function looksForWrk(): boolean {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // wrk exits with 1 after printing its version.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Requests per second; throws when any answer was not a 2xx. */
export function requestRate(load: Load, generator: Generator = bestGenerator()): Promise<number> {
  return generator === 'wrk' ? withWrk(load) : withAutocannon(load);
}

async function withAutocannon(load: Load): Promise<number> {
  const { method = 'GET', body, headers = {} } = load;
  const [url] = load.urls as [string];
  const result = await autocannon({
    url,
    connections: load.connections,
    duration: load.seconds,
    requests: load.urls.map((each) => ({
      method,
      path: new URL(each).pathname + new URL(each).search,
      headers,
      ...(body !== undefined && { body }),
    })),
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} answers were no 2xx, ${result.errors} errors`);
  }
  return result['2xx'] / result.duration;
}

async function withWrk(load: Load): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'wrk-'));
  try {
    const script = join(directory, 'load.lua');
    writeFileSync(join(directory, 'body'), load.body ?? '');
    writeFileSync(script, luaOf(load, directory));
    const [url] = load.urls as [string];
    // A slow answer is one, too: what wrk calls a timeout it would also count as an error.
    const paced = [`-c${load.connections}`, `-d${load.seconds}`, '--timeout', '30s'];
    const args = ['-t1', ...paced, '-s', script, url];
    const { stdout } = await promisify(execFile)('wrk', args);
    if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** One request is formatted once; many are formatted at the start and taken in turn. */
function luaOf({ method = 'GET', body, headers = {}, urls }: Load, directory: string): string {
  const lines = [`wrk.method = "${method}"`];
  if (body !== undefined) {
    lines.push(`local f = io.open("${join(directory, 'body')}", "rb")`);
    lines.push('wrk.body = f:read("*all")', 'f:close()');
  }
  for (const [name, value] of Object.entries(headers)) {
    lines.push(`wrk.headers["${name}"] = "${value}"`);
  }
  if (urls.length > 1) {
    const paths = urls.map((url) => `"${new URL(url).pathname}${new URL(url).search}"`);
    lines.push(`local paths = {${paths.join(',')}}`, 'local requests, at = {}, 0');
    lines.push('function init()');
    lines.push('  for i, path in ipairs(paths) do requests[i] = wrk.format(nil, path) end');
    lines.push('end', 'function request()', '  at = at % #requests + 1');
    lines.push('  return requests[at]', 'end');
  }
  return `${lines.join('\n')}\n`;
}
