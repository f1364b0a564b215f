/** What every API is given: the broker, time, the log, settings, and what has been counted. */
import type { Broker } from '../broker/broker.ts';
import type { ConnectionPlaces } from '../broker/connection-places.ts';
import type { FetchBudget } from '../broker/fetch-budget.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { KafkaCounters } from './kafka-counters.ts';

export interface KafkaContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: KafkaSettings;
  readonly counters: KafkaCounters;
  /** Of all who read, by whatever face. */
  readonly fetchBudget: FetchBudget;
  /** Of all peers, by whatever face. */
  readonly connections: ConnectionPlaces;
}

/** Read once by `config.ts` and frozen. */
export interface KafkaSettings {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Where clients are told to find the server; by default where they already found it. */
  readonly advertised: HostAndPort | undefined;
  /** Of any request. */
  readonly requestBytesMax: number;
  // Of the server, shown to administrators.
  readonly dataDirectory: string;
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
  readonly offsetsRetentionMs: number;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}
