/**
 * Builds the server from its settings, in order, and takes it down in reverse: data directory and
 * broker, then the HTTP face; at the stop parked requests are answered, what was acknowledged is
 * checkpointed, and the directory is freed.
 */
import { LocalBroker } from './broker/local/local-broker.ts';
import type { Settings } from './config.ts';
import { buildApp } from './http/app.ts';
import type { HttpContext } from './http/context.ts';
import { closeApp, listen } from './http/listen.ts';
import { openLogOutput } from './log-output.ts';
import { VERSION } from './model/version.ts';
import { readHostFacts } from './storage/host.ts';
import { realFiles } from './storage/real-files.ts';
import { systemClock, systemRandomBytes } from './system.ts';

export interface Server {
  /** Such as http://127.0.0.1:8082. */
  readonly url: string;
  /** Serves until the signal, then stops in order; answers the exit code. */
  runUntil(signal: Promise<NodeJS.Signals>): Promise<number>;
}

/** Rejects with MillraceError for the data directory and with Node's error for the port. */
export async function startServer(settings: Settings): Promise<Server> {
  const startedAt = systemClock.monotonicMs();
  const { log, flush } = openLogOutput(settings.logLevel);
  const broker = await LocalBroker.open({
    directory: settings.dataDirectory,
    files: realFiles,
    clock: systemClock,
    log,
    host: await readHostFacts(realFiles),
    randomBytes: systemRandomBytes,
    settings,
  });
  const stopping = new AbortController();
  const context: HttpContext = {
    broker,
    clock: systemClock,
    log,
    settings: { ...settings, port: settings.httpPort, version: VERSION },
    stopping: stopping.signal,
  };
  const app = buildApp(context);
  let url: string;
  try {
    url = await listen(app, context.settings);
  } catch (error) {
    await broker.close();
    throw error;
  }
  const startMs = Math.round(systemClock.monotonicMs() - startedAt);
  log.info(
    { url, docs: `${url}/docs`, dataDirectory: settings.dataDirectory, startMs },
    `Millrace ${VERSION} serves ${url}`,
  );
  if (!isLoopback(settings.host)) {
    log.warn(
      { host: settings.host },
      'there is no login: whoever reaches this address may do everything',
    );
  }
  return {
    url,
    async runUntil(signal) {
      log.info({ signal: await signal }, 'stopping');
      stopping.abort();
      await closeApp(app, systemClock);
      await broker.close();
      log.info({}, 'stopped');
      await flush(systemClock);
      return 0;
    },
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
