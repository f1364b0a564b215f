/** The world of the command line tool, handed in so that tests can play every part of it. */
import type { Readable, Writable } from 'node:stream';

export interface CliIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Fires at the first Ctrl-C or SIGTERM; its reason is an Interruption. */
  readonly interrupted: AbortSignal;
  /** Milliseconds that never go back, for progress. */
  now(): number;
  /** Milliseconds since 1970, by the machine's clock. */
  wallMs(): number;
  /** Resolves after so many milliseconds, or as soon as `interrupted` fires. */
  pause(delayMs: number): Promise<void>;
  randomBytes(count: number): Uint8Array;
}

/** A terminal, a file, a pipe, or a buffer in a test. */
export type Output = Writable & { readonly isTTY?: boolean };

/** Resolves when it is written; rejects with EPIPE when the reader is gone. */
export function write(output: Writable, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
