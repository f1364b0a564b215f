/** Every shell line of the README that talks to a server is pasted into a shell, in order. */
import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { temporaryDirectoryForFile } from '../support/temporary-directory.ts';

const directory = await temporaryDirectoryForFile();
let server: ServerProcess;
let kafka: string;

beforeAll(async () => {
  server = await startServerProcess(directory);
  kafka = String(server.log.find((line) => line['kafka'] !== undefined)?.['kafka']);
});

afterAll(async () => {
  await server.stop();
});

/** These start or test Millrace itself, or need a container engine. */
const NOT_HERE = /^(npm (start|test)|millrace serve|docker )/;
const hasKcat = spawnSync('kcat', ['-V']).error === undefined;

async function shellLines(): Promise<string[]> {
  const readme = await readFile('README.md', 'utf8');
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1] as string);
  return blocks
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line !== '' && !line.startsWith('#') && !NOT_HERE.test(line))
    .filter((line) => hasKcat || !line.includes('kcat'));
}

/** The line as it stands, on this server's port; `millrace` is the command from a clone. */
async function paste(line: string): Promise<string> {
  const followSeconds = line.includes('follow=true') ? 1 : 20;
  const script = `set -o pipefail
millrace() { '${process.execPath}' src/main.ts "$@"; }
curl() { command curl --fail-with-body --silent --show-error --max-time ${followSeconds} "$@"; }
${line.replaceAll('http://127.0.0.1:8082', server.url).replaceAll('127.0.0.1:9092', kafka)}`;
  const env = { ...process.env, MILLRACE_SERVER: server.url };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
  return stdout;
}

test.skipIf(spawnSync('curl', ['--version']).error !== undefined)(
  'every shell line of the README works when pasted',
  async () => {
    const lines = await shellLines();
    expect(lines.length).toBeGreaterThan(12);
    for (const line of lines) {
      try {
        const answer = await paste(line);
        expect(answer, line).not.toContain('error_code');
      } catch (error) {
        const { code, stdout } = error as { code?: number; stdout?: string };
        // curl's own code for "time is over": following has no end of its own.
        const isFollowing = line.includes('follow=true') && code === 28;
        if (!isFollowing) throw new Error(`${line}\n${stdout}`, { cause: error });
      }
    }
  },
);
