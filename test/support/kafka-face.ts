/** The Kafka face over a broker in memory, listening on a free port, and what a test gives it. */
import type { Broker } from '../../src/broker/broker.ts';
import { ConnectionPlaces } from '../../src/broker/connection-places.ts';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import type { KafkaReader } from '../../src/codec/kafka-reader.ts';
import type { Caller } from '../../src/kafka-protocol/answer-frame.ts';
import { answerFrame } from '../../src/kafka-protocol/answer-frame.ts';
import { API_VERSION_TABLE } from '../../src/kafka-protocol/registry.ts';
import type { Call } from '../../src/kafka-protocol/api.ts';
import { authenticateAll } from '../../src/kafka-protocol/authentication.ts';
import type { KafkaContext, KafkaSettings } from '../../src/kafka-protocol/context.ts';
import { KafkaCounters } from '../../src/kafka-protocol/kafka-counters.ts';
import { KafkaListener } from '../../src/kafka-protocol/listener.ts';
import { Turns } from '../../src/kafka-protocol/turns.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { Log, LogFacts } from '../../src/model/log.ts';
import { machineClock } from './http-context.ts';
import type { WireRequest } from './kafka-wire.ts';
import { answerBody, KafkaWire, requestFrame, wholeFrame } from './kafka-wire.ts';
import type { MemoryBroker } from './memory-broker.ts';
import { createMemoryBroker } from './memory-broker.ts';

const KAFKA_SETTINGS: KafkaSettings = Object.freeze({
  host: '127.0.0.1',
  port: 0,
  advertised: undefined,
  requestBytesMax: 16_777_216,
  dataDirectory: '/millrace',
  autoCreateTopics: true,
  defaultPartitions: 1,
  offsetsRetentionMs: 604_800_000,
});

/** What was logged, one line each: level, message, facts. */
export type LogLines = [level: 'info' | 'warn' | 'error', message: string, facts: LogFacts][];

interface FaceOptions {
  readonly clock?: Clock;
  readonly settings?: Partial<KafkaSettings>;
  readonly connections?: ConnectionPlaces;
  /** Puts something in front of the broker. */
  readonly wrap?: (broker: MemoryBroker) => Broker;
}

export interface KafkaParts {
  readonly context: KafkaContext;
  readonly broker: MemoryBroker;
  readonly lines: LogLines;
}

export function kafkaParts({
  clock = machineClock,
  settings,
  connections = new ConnectionPlaces(100),
  wrap,
}: FaceOptions = {}): KafkaParts {
  const broker = createMemoryBroker({ clock });
  const lines: LogLines = [];
  const context: KafkaContext = {
    broker: wrap?.(broker) ?? broker,
    clock,
    log: logTo(lines),
    settings: { ...KAFKA_SETTINGS, ...settings },
    counters: new KafkaCounters(),
    fetchBudget: new FetchBudget(),
    connections,
  };
  return { context, broker, lines };
}

const NEVER = new AbortController().signal;
const LOCAL = { host: '127.0.0.1', port: 9092 };
const REMOTE = { host: '127.0.0.1', port: 50_000 };

/** A request's connection, where there is none. */
export function callerOf(context: KafkaContext, more: Partial<Caller> = {}): Caller {
  const peer = { local: LOCAL, remote: REMOTE };
  const authentication = authenticateAll();
  const fetchTurns = new Turns();
  return { context, peer, authentication, signal: NEVER, gone: NEVER, fetchTurns, ...more };
}

/** A request for an API's `handle`. */
export function callOf(context: KafkaContext, more: Partial<Call> = {}): Call {
  return { ...callerOf(context), version: 0, clientId: 'test', apis: API_VERSION_TABLE, ...more };
}

/** Sends one request past the socket and answers a reader of the answer's body. */
export async function askFace(context: KafkaContext, request: WireRequest): Promise<KafkaReader> {
  const frame = await answerFrame(requestFrame(request).subarray(4), callerOf(context));
  return answerBody(wholeFrame(frame), request);
}

export interface KafkaFace extends KafkaParts, AsyncDisposable {
  readonly port: number;
  readonly listener: KafkaListener;
  /** Another connection, closed with the face. */
  connect(): Promise<KafkaWire>;
}

/** To be declared with `await using`. */
export async function kafkaFace(options: FaceOptions = {}): Promise<KafkaFace> {
  const parts = kafkaParts(options);
  const listener = await KafkaListener.open(parts.context);
  const { port } = listener.address;
  const wires: KafkaWire[] = [];
  return {
    ...parts,
    port,
    listener,
    async connect() {
      const wire = await KafkaWire.connect(port);
      wires.push(wire);
      return wire;
    },
    async [Symbol.asyncDispose]() {
      for (const wire of wires) wire.destroy();
      await listener.close(0);
    },
  };
}

function logTo(lines: LogLines): Log {
  return {
    debug() {},
    info: (facts, message) => void lines.push(['info', message, facts]),
    warn: (facts, message) => void lines.push(['warn', message, facts]),
    error: (facts, message) => void lines.push(['error', message, facts]),
  };
}
