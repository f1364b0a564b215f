/** The HTTP face over a broker in memory: in process (`inject`), or listening on a free port. */
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { ConnectionPlaces } from '../../src/broker/connection-places.ts';
import { buildApp } from '../../src/http/app.ts';
import type { ConnectionLimits } from '../../src/http/connection-limits.ts';
import { CONNECTION_LIMITS } from '../../src/http/connection-limits.ts';
import type { HttpContext, HttpSettings } from '../../src/http/context.ts';
import { closeApp, listen } from '../../src/http/listen.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { Log } from '../../src/model/log.ts';
import { silentLog } from '../../src/model/log.ts';
import { httpContext, machineClock } from './http-context.ts';
import type { MemoryBroker } from './memory-broker.ts';
import { createMemoryBroker } from './memory-broker.ts';

export interface TestApp {
  readonly app: FastifyInstance;
  readonly broker: MemoryBroker;
  readonly context: HttpContext;
  /** Fires `HttpContext.stopping`. */
  readonly stop: () => void;
}

interface TestAppOptions {
  /** Default: the machine's. */
  readonly clock?: Clock;
  readonly settings?: Partial<HttpSettings>;
  readonly connections?: ConnectionPlaces;
  readonly limits?: Partial<ConnectionLimits>;
  readonly log?: Log;
  readonly moreFamilies?: HttpContext['moreFamilies'];
  /** Adds routes of the test's own. */
  readonly routes?: (app: FastifyInstance) => void;
}

export function testApp(options: TestAppOptions = {}): TestApp {
  const { clock = machineClock } = options;
  const broker = createMemoryBroker({ clock });
  const stopping = new AbortController();
  const context = httpContext({
    broker,
    clock,
    log: options.log ?? silentLog,
    stopping: stopping.signal,
    settings: options.settings ?? {},
    ...(options.connections && { connections: options.connections }),
    ...(options.moreFamilies && { moreFamilies: options.moreFamilies }),
  });
  const app = buildApp(context, { ...CONNECTION_LIMITS, ...options.limits });
  options.routes?.(app);
  return { app, broker, context, stop: () => stopping.abort() };
}

export interface ListeningApp extends TestApp, AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

/** To be declared with `await using`. */
export async function listeningApp(options: TestAppOptions = {}): Promise<ListeningApp> {
  const test = testApp(options);
  const url = await listen(test.app, test.context.settings);
  const { port } = test.app.server.address() as AddressInfo;
  return {
    ...test,
    url,
    port,
    async [Symbol.asyncDispose]() {
      test.stop();
      await closeApp(test.app, machineClock, 0);
    },
  };
}

/** Sends bytes as they are, and resolves with all that came back once the server has closed. */
export function sendRaw(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The answers in what `sendRaw` resolved with; each must carry a Content-Length. */
export function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const length = Number(headers.get('content-length') ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    answers.push({ status: Number(statusLine.split(' ')[1]), headers, body });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}
