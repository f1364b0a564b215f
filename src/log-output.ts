/**
 * Where the server's log lines go: stdout, one JSON object a line, handed over before the call
 * returns. Whatever becomes of it stops nothing:
 *
 * - A plain write into a pipe that nobody reads would stop the event loop for ever. So a pipe is
 *   written without waiting: what it does not take is kept up to a bound, then dropped and counted.
 * - A pipe whose reader is gone (`| head`) is written no more.
 * - On a full disk lines wait for room, up to the same bound.
 *
 * A terminal that is halted with Ctrl-S halts the server with it.
 */
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Clock } from './model/clock.ts';
import { LOG_FLUSH_MS, LOG_KEPT_BYTES_MAX } from './model/limits.ts';
import type { Log } from './model/log.ts';

export interface LogOutput {
  /** Errors keep their stack; nobody's records are ever in it. */
  readonly log: Log;
  /** Resolves when no line waits any more, or after `LOG_FLUSH_MS`; never rejects. */
  readonly flush: (clock: Clock) => Promise<void>;
}

export function openLogOutput(level: string): LogOutput {
  const { stdout } = process;
  const options = { level, base: null, serializers: { error: pino.stdSerializers.err } };
  if (!(stdout instanceof Socket) || stdout.isTTY) {
    return { log: pino(options, openFile()), async flush() {} };
  }
  const pipe = new PipeLines(stdout, (linesDropped) => {
    log.warn({ linesDropped }, 'nobody read the log for a while; lines are missing here');
  });
  const log = pino(options, pipe);
  return { log, flush: (clock) => pipe.flush(clock) };
}

function openFile(): ReturnType<typeof pino.destination> {
  const file = pino.destination({ dest: 1, sync: true, maxLength: LOG_KEPT_BYTES_MAX });
  file.on('error', () => {}); // Of every further line; unheard, it would end the process.
  file.once('error', (error: Error) => {
    process.stderr.on('error', () => {}); // Often the same disk: then there is nobody to tell.
    process.stderr.write(
      `millrace: the log cannot be written, lines may be lost: ${error.message}\n`,
    );
  });
  return file;
}

/** Lines for a reader that may be slow, stalled or gone. */
export class PipeLines {
  readonly #pipe: Writable;
  #linesDropped = 0;

  /** `onResumed` is told how many lines are missing as soon as the pipe has taken all others. */
  constructor(pipe: Writable, onResumed: (linesDropped: number) => void) {
    this.#pipe = pipe;
    pipe.on('error', () => {}); // The reader is gone; unheard, it would end the process.
    pipe.on('drain', () => {
      if (this.#linesDropped === 0) return;
      const linesDropped = this.#linesDropped;
      this.#linesDropped = 0;
      onResumed(linesDropped);
    });
  }

  write(line: string): void {
    if (this.#pipe.writableLength + line.length > LOG_KEPT_BYTES_MAX) this.#linesDropped += 1;
    else this.#pipe.write(line);
  }

  async flush(clock: Clock): Promise<void> {
    if (this.#pipe.writableLength === 0) return;
    await new Promise<void>((resolve) => {
      clock.after(LOG_FLUSH_MS, resolve);
      this.#pipe.write('', () => resolve());
    });
  }
}
