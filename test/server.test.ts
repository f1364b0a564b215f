import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readSettings } from '../src/config.ts';
import type { Settings } from '../src/config.ts';
import { startServer } from '../src/server.ts';
import { startMillrace } from './support/cli-process.ts';
import { Captured } from './support/cli-world.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

function settings(directory: string, port = '0'): Settings {
  const given = ['--data-dir', directory, '--http-port', port, '--log-level', 'silent'];
  const read = readSettings(given, {});
  if (read === 'help') throw new Error('not asked for');
  return read;
}

describe('the server', () => {
  it('serves at the address it names, until it is told to stop', async () => {
    const server = await startServer(settings(await temporaryDirectory()));
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
    const stopped = server.runUntil(promise);
    resolve('SIGTERM');
    expect(await stopped).toBe(0);
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });

  it('answers a parked fetch when it stops, and does not wait for its time', async () => {
    const server = await startServer(settings(await temporaryDirectory()));
    await fetch(`${server.url}/topics/quiet`, { method: 'PUT' });
    const parked = fetch(`${server.url}/topics/quiet/partitions/0/records?timeout=60000`);
    await untilParked(server.url);
    expect(await server.runUntil(Promise.resolve('SIGTERM'))).toBe(0);
    expect([200, 503]).toContain((await parked).status);
  });

  it('frees the data directory when its port is taken', async () => {
    const directory = await temporaryDirectory();
    const first = await startServer(settings(await temporaryDirectory()));
    const port = new URL(first.url).port;
    await expect(startServer(settings(directory, port))).rejects.toThrow();
    await first.runUntil(Promise.resolve('SIGTERM'));
    const again = await startServer(settings(directory));
    expect(await again.runUntil(Promise.resolve('SIGTERM'))).toBe(0);
  });

  it('keeps topics, configs and records from one run to the next', async () => {
    const directory = await temporaryDirectory();
    const headers = { 'content-type': 'application/json' };
    const first = await startServer(settings(directory));
    const body = '{"partitions": 2, "configs": {"retention.ms": "5000"}}';
    await fetch(`${first.url}/topics/kept`, { method: 'PUT', headers, body });
    const records = '{"records": [{"value": 12345678901234567890, "partition": 1}]}';
    await fetch(`${first.url}/topics/kept`, { method: 'POST', headers, body: records });
    await first.runUntil(Promise.resolve('SIGTERM'));

    const second = await startServer(settings(directory));
    const topic = await (await fetch(`${second.url}/topics/kept`)).json();
    expect(topic).toMatchObject({ configs: { 'retention.ms': '5000' }, partitions: [{}, {}] });
    const answer = await fetch(`${second.url}/topics/kept/partitions/1/records`);
    expect(await answer.text()).toContain('"value":12345678901234567890');
    await second.runUntil(Promise.resolve('SIGTERM'));
  });
});

describe('a log that cannot be written', () => {
  it('on a full disk stops nothing, and is told once on stderr', async () => {
    const full = await fullDevice();
    const stderr = new Captured();
    const server = await startUnheard({ stdout: full, stderr });
    expect(await produceOne(server.url)).toBe(200);
    expect(await server.stop()).toBe(0);
    expect(stderr.text).toMatch(
      /^millrace: the log cannot be written, lines may be lost: ENOSPC[^\n]*\n$/,
    );
  });

  it('stops nothing where stderr cannot be written either', async () => {
    const full = await fullDevice();
    const server = await startUnheard({ stdout: full, stderr: full });
    expect(await produceOne(server.url)).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it('because nobody reads it any more stops nothing, and nothing is said of it', async () => {
    const directory = await temporaryDirectory();
    const args = ['serve', '--http-port', '0', '--data-dir', directory];
    const running = startMillrace(args);
    await running.out.lineCount(1);
    const { url } = JSON.parse(running.out.lines[0] ?? '') as { url: string };
    running.child.stdout?.destroy();
    expect(await produceOne(url)).toBe(200);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, err: '' });
  });
});

async function fullDevice(): Promise<FileHandle> {
  const device = await open('/dev/full', 'w');
  onTestFinished(() => device.close());
  return device;
}

interface Outputs {
  readonly stdout: FileHandle;
  readonly stderr: FileHandle | Captured;
}

/** A process of its own whose first log line, with its address, reaches nobody. */
async function startUnheard({ stdout, stderr }: Outputs) {
  const sayPort = `data:text/javascript,${encodeURIComponent(`
    import { subscribe } from 'node:diagnostics_channel';
    subscribe('tracing:net.server.listen:asyncEnd', ({ server }) => {
      process.send(server.address().port);
    });
  `)}`;
  const directory = await temporaryDirectory();
  const args = ['src/main.ts', 'serve', '--http-port', '0', '--data-dir', directory];
  const child = spawn(process.execPath, ['--import', sayPort, ...args], {
    stdio: ['ignore', stdout.fd, stderr instanceof Captured ? 'pipe' : stderr.fd, 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (stderr instanceof Captured) child.stderr?.pipe(stderr);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const serving = once(child, 'message') as Promise<[number]>;
  const [port] = await Promise.race([serving, ended]);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop(): Promise<number | null> {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}

async function produceOne(url: string): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const body = '{"records": [{"value": 1}]}';
  return (await fetch(`${url}/topics/t`, { method: 'POST', headers, body })).status;
}

/** The fetch is under way when the server counts it. */
async function untilParked(url: string): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    if (/^millrace_parked_fetches 1$/m.test(metrics)) return;
  }
}
