/**
 * The life of the listening socket. `closeApp` promises that requests in flight get their answer
 * within the grace, and that nothing keeps the server open after it.
 */
import type { FastifyInstance } from 'fastify';
import type { CancelTimer, Clock } from '../model/clock.ts';
import { CLOSE_GRACE_MS, CLOSE_SWEEP_MS } from '../model/limits.ts';
import type { HttpSettings } from './context.ts';

/** The address in use, as a URL. Rejects with Node's error (EADDRINUSE, EACCES, ...). */
export function listen(
  app: FastifyInstance,
  settings: Pick<HttpSettings, 'host' | 'port'>,
): Promise<string> {
  // For this one name Fastify would open a second server on the other loopback address, which has
  // none of the limits of the first. Clients that try ::1 before go on to this one.
  const host = settings.host.toLowerCase() === 'localhost' ? '127.0.0.1' : settings.host;
  return app.listen({ host, port: settings.port });
}

/**
 * Takes no new connection, waits for requests in flight, and cuts what is left after `graceMs`.
 * `HttpContext.stopping` must have fired, so that parked requests answer and streams end.
 */
export async function closeApp(
  app: FastifyInstance,
  clock: Clock,
  graceMs = CLOSE_GRACE_MS,
): Promise<void> {
  const cancelCut = clock.after(graceMs, () => app.server.closeAllConnections());
  // Node closes the connections that idle now; one whose last request ends a little later would
  // idle on for its whole keep-alive time.
  let cancelSweep: CancelTimer;
  const sweep = (): void => {
    app.server.closeIdleConnections();
    cancelSweep = clock.after(CLOSE_SWEEP_MS, sweep);
  };
  cancelSweep = clock.after(CLOSE_SWEEP_MS, sweep);
  try {
    await app.close();
  } finally {
    cancelCut();
    cancelSweep();
  }
}
