/**
 * A client of Kafka as the tests of the clients tier use it: assembled and ready, or not there, with
 * the reason. A test without its client is skipped, and both the run and docs/compatibility.md say
 * why.
 */
import type { TestContext } from 'vitest';
import { inject, test } from 'vitest';

/** What an assembly came to. */
export interface Assembled {
  readonly version: string;
  /** Where its files are; '' when it needs none. */
  readonly directory: string;
}

export interface ReadyClient extends Assembled {
  /** As docs/compatibility.md has it. */
  readonly name: string;
}

export interface MissingClient {
  readonly name: string;
  /** Why it is not there. */
  readonly skip: string;
}

export type Client = ReadyClient | MissingClient;

export type ClientName =
  | 'java'
  | 'franz-go'
  | 'sarama'
  | 'kafka-python'
  | 'kafkajs'
  | 'platformatic'
  | 'kcat';

declare module 'vitest' {
  interface ProvidedContext {
    readonly clients: Readonly<Record<ClientName, Client>>;
  }
  interface TaskMeta {
    /** What the results page says of the test. */
    client?: { readonly name: string; readonly version?: string; readonly behaviour: string };
  }
}

/** The client as its assembly left it; undefined when it is missing. */
export function readyClient(name: ClientName): ReadyClient | undefined {
  const client = inject('clients')[name];
  return 'skip' in client ? undefined : client;
}

/** A test that needs one client; without it, it is skipped with the reason. */
export function clientTest(
  name: ClientName,
  behaviour: string,
  run: (client: ReadyClient, context: Pick<TestContext, 'skip'>) => Promise<void>,
): void {
  test(`${name} ${behaviour}`, async (context) => {
    const client = inject('clients')[name];
    context.task.meta.client = { name: client.name, behaviour };
    if ('skip' in client) return context.skip(client.skip);
    context.task.meta.client = { name: client.name, version: client.version, behaviour };
    await run(client, context);
  });
}
