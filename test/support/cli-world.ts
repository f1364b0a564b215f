/** A world for the command line tool: streams in memory, a clock and a Ctrl-C in the test's hand. */
import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { runCli } from '../../src/cli/cli.ts';
import { Interruption } from '../../src/cli/exit.ts';
import type { StopSignal } from '../../src/cli/exit.ts';
import type { CliIo, Output } from '../../src/cli/io.ts';

export interface CliWorldOptions {
  /** All of the input, or a stream to write to while the command runs. Default: none. */
  readonly stdin?: string | Uint8Array | Readable;
  readonly environment?: NodeJS.ProcessEnv;
  /** Which of the streams are terminals. */
  readonly terminals?: readonly ('stdin' | 'stdout' | 'stderr')[];
  /** Takes what is printed, instead of memory. */
  readonly stdout?: Writable;
}

export interface CliWorld extends CliIo {
  readonly out: Captured;
  readonly err: Captured;
  /** What the command has paused for; every pause is over at once. */
  readonly pauses: number[];
  nowMs: number;
  /** What happens in every pause. */
  onPause: () => unknown;
  interrupt(signal?: StopSignal): void;
}

export function cliWorld(options: CliWorldOptions = {}): CliWorld {
  const { stdin = '', environment = {}, terminals = [] } = options;
  const interrupted = new AbortController();
  const out = new Captured();
  const err = new Captured();
  const world: CliWorld = {
    stdin: terminal(asReadable(stdin), terminals.includes('stdin')),
    stdout: terminal(options.stdout ?? out, terminals.includes('stdout')),
    stderr: terminal(err, terminals.includes('stderr')),
    environment,
    interrupted: interrupted.signal,
    out,
    err,
    pauses: [],
    nowMs: 0,
    onPause() {},
    now: () => world.nowMs,
    wallMs: () => 1_700_000_000_000,
    async pause(delayMs) {
      world.pauses.push(delayMs);
      await world.onPause();
    },
    randomBytes: (count) => Buffer.alloc(count, 0xab),
    interrupt: (signal = 'SIGINT') => interrupted.abort(new Interruption(signal)),
  };
  return world;
}

/** Everything that was written, and a way to wait for it. */
export class Captured extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    this.emit('captured');
    done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }

  /** Resolves when there are so many lines. */
  async lineCount(count: number): Promise<void> {
    while (this.lines.length < count) await once(this, 'captured');
  }
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command to its end. `args` as one would type them, split at spaces, or apart. */
export async function runIn(world: CliWorld, args: string | readonly string[]): Promise<Ran> {
  const code = await runCli(typeof args === 'string' ? args.split(' ') : args, world);
  return { code, out: world.out.text, err: world.err.text };
}

/** The same against a server, in a new world. */
export function run(
  { url }: { readonly url: string },
  args: string | readonly string[],
  options: CliWorldOptions = {},
): Promise<Ran> {
  const environment = { MILLRACE_SERVER: url, ...options.environment };
  return runIn(cliWorld({ ...options, environment }), args);
}

/** An input that a test feeds by hand. */
export function slowInput(): PassThrough {
  return new PassThrough();
}

function asReadable(stdin: string | Uint8Array | Readable): Readable {
  return stdin instanceof Readable ? stdin : Readable.from([Buffer.from(stdin)]);
}

function terminal<T extends Readable | Output>(stream: T, isTTY: boolean): T & { isTTY: boolean } {
  return Object.assign(stream, { isTTY });
}
