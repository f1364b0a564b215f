/** What a test of the HTTP face gives `buildApp`, each part of it to be replaced. */
import type { Broker } from '../../src/broker/broker.ts';
import { ConnectionPlaces } from '../../src/broker/connection-places.ts';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import type { HttpContext, HttpSettings } from '../../src/http/context.ts';
import type { Clock } from '../../src/model/clock.ts';
import { BODY_BYTES_MAX, CONNECTIONS_MAX } from '../../src/model/limits.ts';
import { silentLog } from '../../src/model/log.ts';

export const HTTP_SETTINGS: HttpSettings = Object.freeze({
  host: '127.0.0.1',
  port: 0,
  corsOrigins: [],
  allowedHosts: [],
  bodyBytesMax: BODY_BYTES_MAX,
  version: '0.0.0-test',
});

type Parts = Partial<Omit<HttpContext, 'settings'>> & {
  readonly broker: Broker;
  readonly settings?: Partial<HttpSettings>;
};

export function httpContext(parts: Parts): HttpContext {
  return {
    clock: machineClock,
    log: silentLog,
    fetchBudget: new FetchBudget(),
    connections: new ConnectionPlaces(CONNECTIONS_MAX),
    moreFamilies: () => [],
    stopping: new AbortController().signal,
    ...parts,
    settings: { ...HTTP_SETTINGS, ...parts.settings },
  };
}

/** For tests over real sockets, where time passes by itself. */
export const machineClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
