/**
 * Builds the server from its settings, in order, and takes it down in reverse: data directory and
 * broker, then the faces; at the stop parked requests are answered, what was acknowledged is
 * checkpointed, and the directory is freed.
 */
import { ConnectionPlaces } from './broker/connection-places.ts';
import { FetchBudget } from './broker/fetch-budget.ts';
import { LocalBroker } from './broker/local/local-broker.ts';
import type { Settings } from './config.ts';
import { buildApp } from './http/app.ts';
import type { HttpContext } from './http/context.ts';
import { closeApp, listen } from './http/listen.ts';
import { KafkaCounters } from './kafka-protocol/kafka-counters.ts';
import type { KafkaContext } from './kafka-protocol/context.ts';
import { kafkaFamilies } from './kafka-protocol/kafka-families.ts';
import { KafkaListener } from './kafka-protocol/listener.ts';
import { addressText } from './kafka-protocol/peer.ts';
import { openLogOutput } from './log-output.ts';
import { descriptorShares } from './model/descriptor-shares.ts';
import type { DescriptorShares } from './model/descriptor-shares.ts';
import type { Log } from './model/log.ts';
import { VERSION } from './model/version.ts';
import { readDescriptorLimit } from './storage/descriptor-limit.ts';
import { readHostFacts } from './storage/host.ts';
import { realFiles } from './storage/real-files.ts';
import { systemClock, systemRandomBytes } from './system.ts';

export interface Server {
  /** Such as http://127.0.0.1:8082. */
  readonly url: string;
  /** Such as 127.0.0.1:9092; undefined when it is off. */
  readonly kafka: string | undefined;
  /** Serves until the signal, then stops in order; answers the exit code. */
  runUntil(signal: Promise<NodeJS.Signals>): Promise<number>;
}

/** Rejects with MillraceError for the data directory and with Node's error for a port. */
export async function startServer(settings: Settings): Promise<Server> {
  const startedAt = systemClock.monotonicMs();
  const { log, flush } = openLogOutput(settings.logLevel);
  const descriptors = await shareDescriptors(settings, log);
  const broker = await LocalBroker.open({
    directory: settings.dataDirectory,
    files: realFiles,
    clock: systemClock,
    log,
    host: await readHostFacts(realFiles),
    randomBytes: systemRandomBytes,
    descriptors,
    settings,
  });
  const stopping = new AbortController();
  const kafkaCounters = new KafkaCounters();
  const context: HttpContext = {
    broker,
    clock: systemClock,
    log,
    settings: { ...settings, port: settings.httpPort, version: VERSION },
    fetchBudget: new FetchBudget(),
    connections: new ConnectionPlaces(descriptors.connections, descriptors.refusedConnections),
    moreFamilies: () => kafkaFamilies(kafkaCounters),
    stopping: stopping.signal,
  };
  const app = buildApp(context);
  let url: string;
  let kafka: KafkaListener | undefined;
  try {
    url = await listen(app, context.settings);
    kafka = await listenKafka(context, settings, kafkaCounters);
  } catch (error) {
    await closeApp(app, systemClock);
    await broker.close();
    throw error;
  }
  const kafkaAddress = kafka && addressText(kafka.address);
  const startMs = Math.round(systemClock.monotonicMs() - startedAt);
  log.info(
    {
      url,
      kafka: kafkaAddress ?? 'off',
      docs: `${url}/docs`,
      dataDirectory: settings.dataDirectory,
      startMs,
    },
    `Millrace ${VERSION} serves ${url}` + (kafka ? ` and Kafka clients at ${kafkaAddress}` : ''),
  );
  if (!isLoopback(settings.host)) {
    log.warn(
      { host: settings.host },
      'there is no login: whoever reaches this address may do everything',
    );
  }
  return {
    url,
    kafka: kafkaAddress,
    async runUntil(signal) {
      log.info({ signal: await signal }, 'stopping');
      stopping.abort();
      await Promise.all([closeApp(app, systemClock), kafka?.close()]);
      await broker.close();
      log.info({}, 'stopped');
      await flush(systemClock);
      return 0;
    },
  };
}

async function listenKafka(
  { broker, clock, log, fetchBudget, connections }: HttpContext,
  settings: Settings,
  counters: KafkaCounters,
): Promise<KafkaListener | undefined> {
  const { kafkaPort, kafkaAdvertised, bodyBytesMax } = settings;
  if (kafkaPort === undefined) return undefined;
  const context: KafkaContext = {
    broker,
    clock,
    log,
    fetchBudget,
    connections,
    settings: {
      ...settings,
      port: kafkaPort,
      advertised: kafkaAdvertised,
      requestBytesMax: bodyBytesMax,
    },
    counters,
  };
  return KafkaListener.open(context);
}

async function shareDescriptors({ connectionsMax }: Settings, log: Log): Promise<DescriptorShares> {
  const limit = await readDescriptorLimit(realFiles);
  const shares = descriptorShares(limit, connectionsMax);
  const { connections } = shares;
  if (connections < connectionsMax) {
    log.warn(
      { descriptors: limit, ...shares },
      `at most ${connections} connections, not ${connectionsMax}: this process may have ${limit} ` +
        'files and connections open (ulimit -n), and the files come first',
    );
  }
  return shares;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
