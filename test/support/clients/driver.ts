/**
 * A client of another language, driven by lines of JSON over the pipes of one process. The programs
 * at the other end are test/clients/java/Driver.java, test/clients/go and
 * test/clients/python/driver.py.
 *
 *     to the driver     {"call": "produce", ...}                 one at a time
 *     from the driver   {"answer": {...}} or {"error": "..."}    to the call
 *                       {"event": "assigned", "partitions": [{topic, partition}]}
 *                       {"event": "record", "record": {...}}     while it is a member of a group
 *                       {"event": "failed", "message": "..."}    the member has given up
 *
 * An `assigned` names all that the member owns now. The driver ends with its standard input.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export interface ClientRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers?: readonly { readonly key: string; readonly value: string | null }[];
  readonly timestamp?: number;
  /** Otherwise the client chooses. */
  readonly partition?: number;
}

export interface ReadRecord extends Required<ClientRecord> {
  readonly topic: string;
  readonly offset: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Place {
  readonly partition: number;
  readonly offset: number;
}

export interface ProduceCall {
  readonly topic: string;
  readonly records: readonly ClientRecord[];
  readonly codec?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly idempotent?: boolean;
  /** The transactional id, for a producer that uses one. */
  readonly transaction?: string;
}

export interface ReadCall extends TopicPartition {
  readonly from: number;
  readonly count: number;
}

export interface SubscribeCall {
  readonly group: string;
  readonly topics: readonly string[];
  /** group.instance.id of a static member. */
  readonly instance?: string;
  /** The Java client's: class of the assignor. */
  readonly assignor?: string;
}

interface Line {
  readonly answer?: unknown;
  readonly error?: string;
  readonly event?: 'assigned' | 'record' | 'failed';
  readonly partitions?: readonly TopicPartition[];
  readonly record?: ReadRecord;
  readonly message?: string;
}

export class Driver {
  /** What the member has read so far. */
  readonly records: ReadRecord[] = [];
  /** What the member owns now. */
  assigned: readonly TopicPartition[] = [];
  readonly #child: ChildProcess;
  #log = '';
  #waiting: PromiseWithResolvers<unknown> = Promise.withResolvers();

  /** Killed with the test if it has not ended. */
  constructor(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(command, args, { env: { ...process.env, ...environment } });
    this.#child = child;
    child.stderr.on('data', (bytes: Buffer) => (this.#log += bytes.toString()));
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line));
    child.on('close', () => this.#waiting.reject(new Error(`the driver ended: ${this.#log}`)));
    // Whoever waits then is told; nobody else needs to be.
    this.#waiting.promise.catch(() => undefined);
    onTestFinished(() => this.kill());
  }

  async produce(call: ProduceCall): Promise<readonly Place[]> {
    return ((await this.call('produce', call)) as { placed: Place[] }).placed;
  }

  async read(call: ReadCall): Promise<readonly ReadRecord[]> {
    return ((await this.call('read', call)) as { records: ReadRecord[] }).records;
  }

  /** Becomes a member; what it gets is in `assigned` and `records`. */
  async subscribe(call: SubscribeCall): Promise<void> {
    await this.call('subscribe', call);
  }

  /** Commits the positions behind all that it has read. */
  async commit(): Promise<void> {
    await this.call('commit');
  }

  /** Leaves the group. */
  async leave(): Promise<void> {
    await this.call('leave');
    this.assigned = [];
  }

  async call(call: string, more: object = {}): Promise<unknown> {
    this.#waiting = Promise.withResolvers();
    this.#child.stdin?.write(`${JSON.stringify({ call, ...more })}\n`);
    return this.#waiting.promise;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'close');
  }

  #hear(text: string): void {
    const line = JSON.parse(text) as Line;
    if (line.event === 'assigned') this.assigned = line.partitions ?? [];
    else if (line.event === 'record' && line.record !== undefined) this.records.push(line.record);
    else if (line.event === 'failed') throw new Error(`the member gave up: ${line.message}`);
    else if (line.error !== undefined) this.#waiting.reject(new Error(line.error));
    else this.#waiting.resolve(line.answer);
  }
}
