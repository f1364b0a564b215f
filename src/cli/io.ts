/** The world of the command line tool, handed in so that tests can play every part of it. */
import type { Readable, Writable } from 'node:stream';

export interface CliIo {
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Fires at Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Milliseconds, for progress and pauses. */
  now(): number;
}

/** A terminal, a file, a pipe, or a buffer in a test. */
export type Output = Writable & { readonly isTTY?: boolean };

/** Resolves when the reader has taken it or has room; rejects with EPIPE when it is gone. */
export function write(output: Writable, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const hasRoom = output.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
    // Errors of a later write still come to that write; waiting for each would be slow.
    if (hasRoom) resolve();
  });
}
