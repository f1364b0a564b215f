/**
 * Watches whether a peer takes what was written to it. A socket forgets a write only when all of
 * it is with the kernel, and an answer can be large; so what libuv has left is asked for, too.
 */
import type { Socket } from 'node:net';

/** Of Node's own: TCP and TLS sockets have it while they are open. */
interface WithHandle {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

export class UntakenAnswers {
  readonly #socket: Socket;
  #seenWritten = 0;
  #seenQueued = 0;
  #seenMs = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** For how long nothing was taken of what is there to take; as fine as the calls are frequent. */
  stalledMs(nowMs: number): number {
    const { writableLength, bytesWritten } = this.#socket;
    const queued = (this.#socket as WithHandle)._handle?.writeQueueSize ?? writableLength;
    if (writableLength > 0 && bytesWritten === this.#seenWritten && queued === this.#seenQueued) {
      return nowMs - this.#seenMs;
    }
    this.#seenWritten = bytesWritten;
    this.#seenQueued = queued;
    this.#seenMs = nowMs;
    return 0;
  }
}
