import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PipeLines } from '../src/log-output.ts';
import { LOG_FLUSH_MS, LOG_KEPT_BYTES_MAX } from '../src/model/limits.ts';
import { startMillrace } from './support/cli-process.ts';
import { Captured } from './support/cli-world.ts';
import { ManualClock } from './support/manual-clock.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

describe('lines for a pipe', () => {
  it('are handed over at once while it takes them', () => {
    const { lines, reader } = pipeLines();
    lines.write('one');
    expect(reader.taken).toEqual(['one']);
  });

  it('are kept in order up to the bound; what is dropped is counted, and told when it takes them again', async () => {
    const { lines, reader, toldDropped } = pipeLines();
    const line = 'x'.repeat(LOG_KEPT_BYTES_MAX / 4);
    for (let count = 0; count < 6; count += 1) lines.write(`${line.slice(1)}${count}`);
    expect(reader.taken).toHaveLength(1);
    expect(toldDropped).toEqual([]);
    await reader.takeAll();
    expect(reader.taken.map((each) => each.at(-1))).toEqual(['0', '1', '2', '3']);
    expect(toldDropped).toEqual([2]);
    for (let count = 0; count < 5; count += 1) lines.write(line);
    await reader.takeAll();
    expect(toldDropped).toEqual([2, 1]);
  });

  it('that were all taken leave nothing to tell', async () => {
    const { lines, reader, toldDropped } = pipeLines();
    lines.write('x'.repeat(LOG_KEPT_BYTES_MAX));
    await reader.takeAll();
    expect(toldDropped).toEqual([]);
  });

  it('go nowhere when its reader is gone', async () => {
    const { lines, reader } = pipeLines();
    lines.write('one');
    const gone = once(reader, 'error');
    reader.destroy(new Error('EPIPE'));
    await gone;
    lines.write('two');
    await lines.flush(new ManualClock());
    expect(reader.taken).toEqual(['one']);
  });

  it('are waited for at the stop, but not for ever', async () => {
    const clock = new ManualClock();
    const { lines, reader } = pipeLines();
    await lines.flush(clock);
    lines.write('one');
    const [taken, untaken] = [lines.flush(clock), lines.flush(clock)];
    await reader.takeAll();
    await taken;
    await untaken;
    lines.write('two');
    const stalled = lines.flush(clock);
    clock.advance(LOG_FLUSH_MS);
    await stalled;
    expect(reader.writableLength).toBeGreaterThan(0);
  });
});

/** A pipe that takes a line and then no other until it is told to. */
class StalledReader extends Writable {
  readonly taken: string[] = [];
  #next: (() => void) | undefined;

  constructor() {
    super({ decodeStrings: false });
  }

  override _write(line: string, _encoding: string, done: () => void): void {
    if (line !== '') this.taken.push(line);
    this.#next = done;
  }

  /** All that is kept, one after the other. */
  async takeAll(): Promise<void> {
    while (this.#next !== undefined) {
      const next = this.#next;
      this.#next = undefined;
      next();
      await new Promise(setImmediate);
    }
  }
}

function pipeLines() {
  const reader = new StalledReader();
  const toldDropped: number[] = [];
  const lines = new PipeLines(reader, (linesDropped) => toldDropped.push(linesDropped));
  return { lines, reader, toldDropped };
}

describe('a pipe that is full because its reader has stalled', () => {
  it('does not keep the server from serving, nor from stopping', async () => {
    const { stdout } = await fullPipe();
    const server = await startUnheard({ stdout, stderr: new Captured() });
    expect(await produceOne(server.url)).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it('gets every line when it is read again', async () => {
    const { stdout, read } = await fullPipe();
    const server = await startUnheard({ stdout, stderr: new Captured() });
    const heard = read();
    expect(await produceOne(server.url)).toBe(200);
    expect(await server.stop()).toBe(0);
    await heard.lineCount(3);
    const messages = heard.lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages).toEqual([
      expect.stringContaining('serves'),
      expect.stringContaining('stopping'),
      expect.stringContaining('stopped'),
    ]);
  });
});

/** Full of blanks and a line's end; `read` begins to read it. */
async function fullPipe() {
  const path = join(await temporaryDirectory(), 'log');
  execFileSync('mkfifo', [path]);
  // A description of its own: not to wait is its flag alone, the server's is a common pipe.
  const filling = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(filling, `${' '.repeat(4_095)}\n`);
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
  const stdout = await open(path, 'r+');
  onTestFinished(() => stdout.close());
  /** To be called at the most once. */
  const read = (): Captured => {
    const heard = new Captured();
    const ours = new Socket({ fd: filling, readable: true, writable: false });
    onTestFinished(() => void ours.destroy());
    ours.on('data', (bytes: Buffer) => heard.write(bytes.toString().replace(/^[ \n]+/, '')));
    return heard;
  };
  return { stdout, read };
}

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
    const args = ['serve', '--http-port', '0', '--kafka-port', 'off', '--data-dir', directory];
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
  const args = [
    'src/main.ts',
    'serve',
    '--http-port',
    '0',
    '--kafka-port',
    'off',
    '--data-dir',
    directory,
  ];
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
