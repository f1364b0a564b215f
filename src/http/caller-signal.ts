/** A signal for waits on a caller's behalf: it fires when the caller vanishes or `stopping` does. */
import type { ServerResponse } from 'node:http';

export interface CallerSignal {
  readonly signal: AbortSignal;
  /** To be called when the wait is over, so that nothing is left behind. */
  readonly dispose: () => void;
}

export function callerSignal(response: ServerResponse, stopping?: AbortSignal): CallerSignal {
  const controller = new AbortController();
  const fire = (): void => controller.abort();
  // The response's, not the request's: a request is closed as soon as it was read.
  response.once('close', fire);
  stopping?.addEventListener('abort', fire);
  if (stopping?.aborted === true || response.destroyed) fire();
  return {
    signal: controller.signal,
    dispose() {
      response.removeListener('close', fire);
      stopping?.removeEventListener('abort', fire);
    },
  };
}
