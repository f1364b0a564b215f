/**
 * The whole seam in memory, small and honest: it passes the same contract suite as the broker on
 * disk. For tests of the faces, which it also lets fail on command. Nothing survives it.
 */
import type {
  Broker,
  BrokerHealth,
  BrokerStats,
  ChangeOptions,
  ConfigChanges,
  FetchPartition,
  FetchRequest,
  FetchResult,
  OffsetAnswer,
  OffsetQuery,
  PartitionDescription,
  ProduceOutcome,
  ProducePart,
  ProducerIdentity,
  Topic,
  TopicSpec,
} from '../../src/broker/broker.ts';
import { GroupDelegate } from '../../src/broker/group-delegate.ts';
import { GroupCoordinator } from '../../src/broker/local/group-coordinator.ts';
import { inPart, shuttingDown } from '../../src/broker/refusals.ts';
import { checkClientBatches } from '../../src/codec/client-batches.ts';
import { InflateLine } from '../../src/codec/inflate-line.ts';
import type { Clock } from '../../src/model/clock.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { silentLog } from '../../src/model/log.ts';
import { PARKED_FETCHES_MAX } from '../../src/model/limits.ts';
import type { PartitionState } from '../../src/model/partition-state.ts';
import { MemoryGroupStore } from './memory-group-store.ts';
import { fetchFromMemory } from './memory-fetch.ts';
import type { MemoryAppend, MemoryLog } from './memory-log.ts';
import { MemoryProducers } from './memory-producers.ts';
import { MemoryTopics } from './memory-topics.ts';
import { SeededRandom } from './seeded-random.ts';

export interface MemoryBrokerOptions {
  readonly clock: Clock;
  /** Default true, as the server's. */
  readonly autoCreateTopics?: boolean;
  /** Default 1, as the server's. */
  readonly defaultPartitions?: number;
}

/** A broker, and the levers that a test of a face needs. */
export interface MemoryBroker extends Broker {
  /**
   * The next produce that passes its checks gets this error as the outcome of every part, or only
   * of those of one partition. Nothing is stored for these parts.
   */
  failNextProduce(error: MillraceError, partition?: number): void;
  setPartitionState(
    at: { readonly topic: string; readonly partition: number },
    state: PartitionState,
    reason?: string,
  ): void;
}

export function createMemoryBroker(options: MemoryBrokerOptions): MemoryBroker {
  return new InMemory(options);
}

class InMemory extends GroupDelegate implements MemoryBroker {
  readonly clusterId = 'bWVtb3J5LWNsdXN0ZXItMQ';
  protected readonly groups: GroupCoordinator;
  readonly #clock: Clock;
  readonly #autoCreateTopics: boolean;
  readonly #topics: MemoryTopics;
  readonly #producers = new MemoryProducers();
  /** Each looks whether its fetch can be answered now. */
  readonly #parked = new Set<() => void>();
  readonly #line = new InflateLine();
  /** One after the other, so each finds what those before it have left. */
  #produced: Promise<unknown> = Promise.resolve();
  #records = 0;
  #duplicates = 0;
  #bytesFetched = 0;
  #isClosed = false;
  #failure: { error: MillraceError; partition: number | undefined } | undefined;

  constructor({ clock, autoCreateTopics = true, defaultPartitions = 1 }: MemoryBrokerOptions) {
    super();
    this.#clock = clock;
    this.#autoCreateTopics = autoCreateTopics;
    this.#topics = new MemoryTopics(clock, defaultPartitions);
    const random = new SeededRandom(1);
    this.groups = new GroupCoordinator({
      clock,
      log: silentLog,
      store: new MemoryGroupStore(),
      topic: (name) => this.#topics.find(name)?.topic,
      randomBytes: (count) => random.bytes(count),
    });
  }

  failNextProduce(error: MillraceError, partition?: number): void {
    this.#failure = { error, partition };
  }

  setPartitionState(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    state: PartitionState,
    reason?: string,
  ): void {
    const log = this.#log(topic, partition);
    log.state = state;
    log.reason = state === 'online' ? undefined : (reason ?? 'a test says so');
    this.#wake();
  }

  async listTopics(): Promise<readonly Topic[]> {
    this.#checkOpen();
    return this.#topics.list().map((each) => each.topic);
  }

  async topic(name: string, options?: { readonly autoCreate?: boolean }): Promise<Topic> {
    this.#checkOpen();
    const found = this.#topics.find(name);
    if (found !== undefined) return found.topic;
    const isWanted = options?.autoCreate === true && this.#autoCreateTopics;
    return isWanted ? this.#topics.create({ name }) : this.#topics.get(name).topic;
  }

  async topicById(topicId: string): Promise<Topic | undefined> {
    this.#checkOpen();
    return this.#topics.list().find(({ topic }) => topic.topicId === topicId)?.topic;
  }

  async createTopic(spec: TopicSpec, options?: ChangeOptions): Promise<Topic> {
    this.#checkOpen();
    return this.#topics.create(spec, options);
  }

  async deleteTopic(name: string, only?: { readonly topicId: string }): Promise<void> {
    this.#checkOpen();
    this.#topics.delete(name, only);
    this.#wake();
    await this.groups.topicDeleted(name);
  }

  async addPartitions(name: string, count: number, options?: ChangeOptions): Promise<Topic> {
    this.#checkOpen();
    return this.#topics.addPartitions(name, count, options);
  }

  async alterConfigs(
    name: string,
    changes: ConfigChanges,
    options?: ChangeOptions,
  ): Promise<Topic> {
    this.#checkOpen();
    return this.#topics.alterConfigs(name, changes, options);
  }

  async describePartitions(name: string): Promise<readonly PartitionDescription[]> {
    this.#checkOpen();
    return this.#topics.describe(name);
  }

  produce(parts: readonly ProducePart[]): Promise<readonly ProduceOutcome[]> {
    const outcomes = this.#produced.then(() => this.#produce(parts));
    this.#produced = outcomes.catch(() => {});
    return outcomes;
  }

  async #produce(parts: readonly ProducePart[]): Promise<readonly ProduceOutcome[]> {
    const appends = await Promise.all(parts.map((part) => this.#appendOf(part)));
    // From here on all happens in one turn: what was checked still holds when it is appended.
    if (new Set(parts.map((part) => `${part.partition} ${part.topic}`)).size < parts.length) {
      throw new MillraceError('INVALID_REQUEST', 'two parts name the same partition', {
        written: 'no',
      });
    }
    parts.forEach((part, index) => {
      this.#checkEpoch(appends[index] as MemoryAppend);
      const log = this.#log(part.topic, part.partition, 'no');
      try {
        log.check(appends[index] as MemoryAppend);
      } catch (error) {
        throw inPart(error, part);
      }
    });
    const failure = this.#failure;
    this.#failure = undefined;
    const outcomes = parts.map((part, index): ProduceOutcome => {
      const log = this.#log(part.topic, part.partition);
      if (failure !== undefined && (failure.partition ?? part.partition) === part.partition) {
        const count = countOf(appends[index] as MemoryAppend);
        const { error } = failure;
        const { logStartOffset } = log;
        const none = { baseOffset: undefined, logAppendTimeMs: -1, duplicate: false };
        return { ...none, count, logStartOffset, error };
      }
      const outcome = log.append(appends[index] as MemoryAppend);
      if (outcome.duplicate) this.#duplicates += 1;
      else this.#records += outcome.count;
      return outcome;
    });
    this.#wake();
    return outcomes;
  }

  async fetch(request: FetchRequest): Promise<readonly FetchResult[]> {
    this.#checkOpen();
    // Looked up once: a topic that is made again meanwhile is another one.
    const logs = new Map(request.partitions.map((asked) => [asked, this.#find(asked)]));
    const look = (): ReturnType<typeof fetchFromMemory> =>
      fetchFromMemory(
        request,
        (asked) => logs.get(asked) ?? this.#log(asked.topic, asked.partition),
      );
    const isPatient = request.maxWaitMs > 0 && request.signal?.aborted !== true;
    if (isPatient && !look().isEnough) await this.#parkUntil(() => look().isEnough, request);
    const { results } = look();
    for (const each of results) this.#bytesFetched += each.batches.length;
    return results;
  }

  async listOffset(topic: string, partition: number, at: OffsetQuery): Promise<OffsetAnswer> {
    const log = this.#log(topic, partition);
    if (at === 'earliest') return { offset: log.logStartOffset, timestamp: -1 };
    if (at === 'latest') return { offset: log.endOffset, timestamp: -1 };
    if (at === 'largest-timestamp') return log.offsetOfLargestTimestamp();
    return log.offsetForTimestamp(at.timestamp);
  }

  async deleteRecords(topic: string, partition: number, beforeOffset: number): Promise<number> {
    const log = this.#log(topic, partition);
    const before = beforeOffset === -1 ? log.endOffset : beforeOffset;
    if (before < 0 || before > log.endOffset) {
      throw new MillraceError(
        'OFFSET_OUT_OF_RANGE',
        `records before offset ${before} cannot be deleted: the high watermark is ${log.endOffset}`,
        { details: { offset: before, high_watermark: log.endOffset } },
      );
    }
    const logStartOffset = log.deleteRecords(before);
    this.#wake();
    return logStartOffset;
  }

  async initProducerId(name: string | null): Promise<ProducerIdentity> {
    this.#checkOpen();
    return this.#producers.init(name);
  }

  health(): BrokerHealth {
    const state = this.#isClosed ? 'stopping' : 'serving';
    return { state, notOnline: this.#topics.notOnline() };
  }

  stats(): BrokerStats {
    const topics = this.#topics.list();
    const logs = topics.flatMap((each) => each.logs);
    const groups = this.groups.stats();
    return {
      topics: topics.length,
      partitions: logs.length,
      recordsAppended: this.#records,
      bytesAppended: logs.reduce((sum, log) => sum + log.bytes, 0),
      flushes: 0,
      flushErrors: 0,
      duplicateBatches: this.#duplicates,
      bytesFetched: this.#bytesFetched,
      bytesFetchedFromTail: this.#bytesFetched,
      parkedFetches: this.#parked.size,
      produceInFlightBytes: 0,
      segmentsDeleted: 0,
      openFiles: 0,
      groups: groups.groups,
      groupMembers: groups.members,
      parkedJoins: groups.parkedJoins,
      offsetsCommitted: groups.commits,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    this.groups.close();
  }

  async #appendOf({ topic, partition, payload, producer }: ProducePart): Promise<MemoryAppend> {
    const { config } = this.#log(topic, partition, 'no');
    if (payload.kind === 'records') {
      if (payload.records.length > 0) return { ...payload, producer };
      throw new MillraceError('INVALID_REQUEST', 'a part has no records', { written: 'no' });
    }
    const { buffer, byteOffset, byteLength } = payload.bytes;
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    const limits = { maxMessageBytes: config.maxMessageBytes, line: this.#line };
    const batches = await checkClientBatches(bytes, limits);
    return { kind: 'batches', bytes, batches };
  }

  #checkEpoch(append: MemoryAppend): void {
    const producers = append.kind === 'batches' ? append.batches : [append.producer];
    for (const producer of producers) if (producer !== undefined) this.#producers.check(producer);
  }

  /** Resolves when `isDue` says so, the time is over or the caller is gone. */
  #parkUntil(isDue: () => boolean, { maxWaitMs, signal }: FetchRequest): Promise<void> {
    if (this.#parked.size >= PARKED_FETCHES_MAX) {
      throw new MillraceError('THROTTLING_QUOTA_EXCEEDED', 'too many fetches wait', {
        retriable: true,
      });
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.#isClosed) reject(shuttingDown());
      else if (isDue()) resolve();
    };
    const over = (): void => resolve();
    const cancelTimer = this.#clock.after(maxWaitMs, over);
    signal?.addEventListener('abort', over);
    this.#parked.add(look);
    return promise.finally(() => {
      cancelTimer();
      signal?.removeEventListener('abort', over);
      this.#parked.delete(look);
    });
  }

  #find({ topic, partition }: FetchPartition): MemoryLog | undefined {
    return this.#topics.find(topic)?.logs[partition];
  }

  #log(topic: string, partition: number, written?: 'no'): MemoryLog {
    this.#checkOpen(written);
    return this.#topics.log(topic, partition, written);
  }

  #checkOpen(written?: 'no'): void {
    if (this.#isClosed) throw shuttingDown(written === undefined ? {} : { written });
  }

  #wake(): void {
    for (const look of [...this.#parked]) look();
  }
}

function countOf(append: MemoryAppend): number {
  if (append.kind === 'records') return append.records.length;
  return append.batches.reduce((sum, batch) => sum + batch.recordCount, 0);
}
