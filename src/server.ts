/**
 * Builds the server from its settings, in order, and takes it down in reverse: data directory and
 * broker, then the HTTP face; at the stop parked requests are answered, what was acknowledged is
 * checkpointed, and the directory is freed.
 */
import { pino } from 'pino';
import { LocalBroker } from './broker/local/local-broker.ts';
import type { Settings } from './config.ts';
import { buildApp } from './http/app.ts';
import type { HttpContext } from './http/context.ts';
import { closeApp, listen } from './http/listen.ts';
import { LOG_KEPT_BYTES_MAX } from './model/limits.ts';
import type { Log } from './model/log.ts';
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
  const log = createLog(settings);
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
      return 0;
    },
  };
}

/**
 * One JSON object a line on stdout, written before the call returns. Errors keep their stack;
 * nobody's records are ever in it. A log that cannot be written stops nothing: on a full disk its
 * lines wait for room as far as they are kept; once the reader of a pipe is gone, pino drops them.
 */
function createLog(settings: Settings): Log {
  const destination = pino.destination({ dest: 1, sync: true, maxLength: LOG_KEPT_BYTES_MAX });
  destination.on('error', () => {}); // Of every further line; unheard, it would end the process.
  destination.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return; // `| head`: as it was meant.
    process.stderr.on('error', () => {}); // Often the same disk: then there is nobody to tell.
    process.stderr.write(
      `millrace: the log cannot be written, lines may be lost: ${error.message}\n`,
    );
  });
  return pino(
    { level: settings.logLevel, base: null, serializers: { error: pino.stdSerializers.err } },
    destination,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
