/** What every route is given: the broker, time, the log, its settings, and the signal to stop. */
import type { Broker } from '../broker/broker.ts';
import type { ConnectionPlaces } from '../broker/connection-places.ts';
import type { FetchBudget } from '../broker/fetch-budget.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Family } from '../model/metric-family.ts';

export interface HttpContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: HttpSettings;
  /** Of all who read, by whatever face. */
  readonly fetchBudget: FetchBudget;
  /** Metrics of what is not HTTP. */
  readonly moreFamilies: () => readonly Family[];
  /** Of all peers, by whatever face. */
  readonly connections: ConnectionPlaces;
  /** Fires when the server begins to stop: parked requests answer and streams end. */
  readonly stopping: AbortSignal;
}

/** Read once by `config.ts` and frozen. */
export interface HttpSettings {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Origins of web pages that may call (CORS), or `*`. */
  readonly corsOrigins: readonly string[];
  /** Values of `Host` accepted beside loopback names while bound to loopback. */
  readonly allowedHosts: readonly string[];
  readonly bodyBytesMax: number;
  /** Shown by `GET /`. */
  readonly version: string;
}
