/** What every sentence of the contract begins with: a broker, a clock, and short words for both. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type {
  Broker,
  FetchPartition,
  FetchRequest,
  FetchResult,
  ProduceOutcome,
  ProducerSequence,
} from '../../src/broker/broker.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { Record } from '../../src/model/record.ts';
import { recordsIn, textRecord, textsOf } from '../support/batches.ts';
import { ManualClock } from '../support/manual-clock.ts';

export interface ContractSettings {
  readonly clock: ManualClock;
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
}

/** Makes an empty broker. What it stands on is removed by its maker when the test is over. */
export type CreateBroker = (settings: ContractSettings) => Promise<Broker>;

export class Scene {
  readonly broker: Broker;
  readonly clock: ManualClock;

  constructor(broker: Broker, clock: ManualClock) {
    this.broker = broker;
    this.clock = clock;
  }

  static async open(
    createBroker: CreateBroker,
    settings: Partial<ContractSettings> = {},
  ): Promise<Scene> {
    const clock = settings.clock ?? new ManualClock();
    const broker = await createBroker({
      autoCreateTopics: true,
      defaultPartitions: 1,
      ...settings,
      clock,
    });
    onTestFinished(() => broker.close());
    return new Scene(broker, clock);
  }

  /** A scene with one topic, `t`. */
  static async withTopic(
    createBroker: CreateBroker,
    {
      partitions = 1,
      configs = {},
    }: { partitions?: number; configs?: { [name: string]: string } } = {},
  ): Promise<Scene> {
    const scene = await Scene.open(createBroker);
    const configOverrides = new Map(Object.entries(configs));
    await scene.broker.createTopic({ name: 't', partitionCount: partitions, configOverrides });
    return scene;
  }

  /** A record of now. */
  record(value: string, more: Partial<Record> = {}): Record {
    return textRecord(value, { timestamp: this.clock.wallMs(), ...more });
  }

  /** Produces one request of text records to topic `t` and answers its only outcome. */
  async produce(
    values: readonly string[],
    { partition = 0, producer }: { partition?: number; producer?: ProducerSequence } = {},
  ): Promise<ProduceOutcome> {
    const records = values.map((value) => this.record(value));
    return this.produceRecords(records, { partition, producer });
  }

  async produceRecords(
    records: readonly Record[],
    {
      partition = 0,
      producer,
    }: { partition?: number; producer?: ProducerSequence | undefined } = {},
  ): Promise<ProduceOutcome> {
    const payload = { kind: 'records' as const, records };
    return only(await this.broker.produce([{ topic: 't', partition, payload, producer }]));
  }

  async produceBatches(bytes: Uint8Array, partition = 0): Promise<ProduceOutcome> {
    const payload = { kind: 'batches' as const, bytes };
    return only(await this.broker.produce([{ topic: 't', partition, payload }]));
  }

  /** Fetches topic `t` from one place, without waiting unless told to. */
  async fetch(from: Partial<FetchPartition> & Partial<FetchRequest> = {}): Promise<FetchResult> {
    const { topic = 't', partition = 0, offset = 0, maxBytes = 1_000_000, ...bounds } = from;
    const partitions = [{ topic, partition, offset, maxBytes }];
    const request = { partitions, minBytes: 1, maxBytes, maxWaitMs: 0, ...bounds };
    return only(await this.broker.fetch(request));
  }

  /** The text values of partition `partition` from its log start on. */
  async values(partition = 0, topic = 't'): Promise<(string | null)[]> {
    const { offset } = await this.broker.listOffset(topic, partition, 'earliest');
    const values: (string | null)[] = [];
    for (let next = offset; ;) {
      const { batches, error } = await this.fetch({ topic, partition, offset: next });
      if (error !== undefined) throw error;
      const records = await recordsIn(batches);
      if (records.length === 0) return values;
      const wanted = records.filter((record) => record.offset >= next);
      values.push(...textsOf(wanted));
      next = (wanted.at(-1)?.offset ?? next) + 1;
    }
  }

  /** Resolves when exactly `count` fetches are parked. */
  async untilParked(count: number): Promise<void> {
    while (this.broker.stats().parkedFetches !== count) await nextTurn();
  }
}

/** The error that a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<MillraceError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

function only<T>(all: readonly T[]): T {
  if (all.length !== 1) throw new Error(`${all.length} instead of 1`);
  return all[0] as T;
}
