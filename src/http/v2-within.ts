/** Waits for something that goes on whether or not anybody waits for it. */
import type { Clock } from '../model/clock.ts';

interface Bounds {
  readonly clock: Clock;
  readonly ms: number;
  readonly signal?: AbortSignal;
}

/** undefined: the time is over, or `signal` fired. Rejects like `promise` before that. */
export async function within<T>(
  promise: Promise<T>,
  { clock, ms, signal }: Bounds,
): Promise<T | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const end = (): void => resolve(undefined);
  const cancel = clock.after(ms, end);
  signal?.addEventListener('abort', end);
  if (signal?.aborted === true) end();
  try {
    return await Promise.race([promise, over]);
  } finally {
    cancel();
    signal?.removeEventListener('abort', end);
  }
}
