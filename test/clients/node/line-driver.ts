/**
 * What the drivers of the npm clients share: the protocol of test/support/clients/driver.ts. They run
 * in processes of their own like all others, so that a client's timers and sockets end with it.
 */
import { createInterface } from 'node:readline';
import type {
  ClientRecord,
  Place,
  ProduceCall,
  ReadCall,
  ReadRecord,
  SubscribeCall,
  TopicPartition,
} from '../../support/clients/driver.ts';

export interface LineClient {
  produce(call: ProduceCall): Promise<readonly Place[]>;
  read(call: ReadCall): Promise<readonly ReadRecord[]>;
  subscribe(call: SubscribeCall): Promise<void>;
  commit(): Promise<void>;
  leave(): Promise<void>;
  admin(request: AdminRequest): Promise<object>;
}

export interface AdminRequest {
  readonly call: string;
  readonly topic: string;
  readonly partition: number;
  readonly partitions: number;
  readonly configs?: Readonly<Record<string, string>>;
  readonly timestamp: number;
  readonly before: number;
  readonly group: string;
}

/** Answers the calls on standard input until it ends, and then ends the process. */
export async function serveLines(client: LineClient): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { readonly call: string };
    try {
      say({ answer: await answerTo(client, request) });
    } catch (error) {
      say({ error: String(error) });
    }
  }
  process.exit(0);
}

async function answerTo(client: LineClient, request: { readonly call: string }): Promise<object> {
  switch (request.call) {
    case 'produce':
      return { placed: await client.produce(request as unknown as ProduceCall) };
    case 'read':
      return { records: await client.read(request as unknown as ReadCall) };
    case 'subscribe':
      await client.subscribe(request as unknown as SubscribeCall);
      return {};
    case 'commit':
      await client.commit();
      return {};
    case 'leave':
      await client.leave();
      return {};
    default:
      return client.admin(request as AdminRequest);
  }
}

export function sayAssigned(partitions: readonly TopicPartition[]): void {
  say({ event: 'assigned', partitions });
}

export function sayRecord(record: ReadRecord): void {
  say({ event: 'record', record });
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export function textOf(bytes: Uint8Array | null | undefined): string | null {
  return bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString();
}

export type Headers = NonNullable<ClientRecord['headers']>;
