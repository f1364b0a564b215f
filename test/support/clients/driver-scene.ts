/** What the scenarios of one client share: a server of their own, and the client's driver. */
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { ServerProcess, ServerProcessOptions } from '../server-process.ts';
import { startServerProcess } from '../server-process.ts';
import { temporaryDirectoryForFile } from '../temporary-directory.ts';
import type { ClientName, ReadyClient } from './client.ts';
import type { Driver, ProduceCall } from './driver.ts';

export interface DriverScene {
  readonly name: ClientName;
  readonly server: MillraceScene;
  /** Ended with the test; of the scene's server without another address. */
  start(client: ReadyClient, address?: string): Driver;
}

/** A server for all tests of a file: called at its top, outside of any test. */
export async function driverScene(
  name: ClientName,
  startDriver: (client: ReadyClient, address: string) => Driver,
): Promise<DriverScene> {
  const server = await millraceScene();
  return {
    name,
    server,
    start: (client, address = server.kafka) => startDriver(client, address),
  };
}

/**
 * A real server, which can be killed and started again at the same addresses. Started inside a test
 * it ends with that test.
 */
export class MillraceScene {
  readonly #directory: string;
  #process: ServerProcess | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async start(options: Pick<ServerProcessOptions, 'ports'> = {}): Promise<void> {
    this.#process = await startServerProcess(join(this.#directory, 'data'), options);
  }

  /** Of the HTTP interface. */
  get url(): string {
    return this.#running.url;
  }

  /** Where Kafka clients connect, `host:port`. */
  get kafka(): string {
    const facts = this.#running.log.find(({ kafka }) => typeof kafka === 'string');
    return String(facts?.['kafka']);
  }

  async killAndStart(): Promise<void> {
    const { url, kafka } = this;
    await this.stop('SIGKILL');
    await this.start({ ports: { http: portOf(url), kafka: portOf(kafka) } });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#process?.stop(signal);
  }

  get #running(): ServerProcess {
    if (this.#process === undefined) throw new Error('the server has not been started');
    return this.#process;
  }
}

export async function millraceScene(): Promise<MillraceScene> {
  const server = new MillraceScene(await temporaryDirectoryForFile());
  beforeAll(() => server.start());
  afterAll(() => server.stop());
  return server;
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

/** Not every client can send headers without a value. */
export function withoutNullHeaders(call: ProduceCall): ProduceCall {
  const records = call.records.map((record) => ({
    ...record,
    headers: record.headers?.filter(({ value }) => value !== null) ?? [],
  }));
  return { ...call, records };
}
