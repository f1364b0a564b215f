/**
 * The whole seam in memory, small and honest: it passes the same contract suite as the broker on
 * disk. For tests of the faces, which it also lets fail on command. Nothing survives it.
 */
import type {
  Broker,
  BrokerHealth,
  BrokerStats,
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
import { checkProducerName } from '../../src/broker/producer-rules.ts';
import {
  shuttingDown,
  staleProducerEpoch,
  tooMany,
  topicExists,
  unknownPartition,
  unknownTopic,
} from '../../src/broker/refusals.ts';
import { alteredConfigs, checkedTopic, checkPartitionCount } from '../../src/broker/topic-rules.ts';
import type { Clock } from '../../src/model/clock.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { PARKED_FETCHES_MAX, PARTITIONS_MAX, TOPICS_MAX } from '../../src/model/limits.ts';
import type { PartitionState } from '../../src/model/partition-state.ts';
import { parseTopicConfig } from '../../src/model/topic-config.ts';
import { MemoryLog } from './memory-log.ts';
import type { MemoryAppend } from './memory-log.ts';

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

interface StoredTopic {
  topic: Topic;
  readonly logs: MemoryLog[];
}

interface Answer {
  readonly results: readonly FetchResult[];
  readonly isEnough: boolean;
}

class InMemory implements MemoryBroker {
  readonly #clock: Clock;
  readonly #autoCreateTopics: boolean;
  readonly #defaultPartitions: number;
  readonly #topics = new Map<string, StoredTopic>();
  readonly #producerNames = new Map<string, ProducerIdentity>();
  readonly #epochs = new Map<number, number>();
  /** Each looks whether its fetch can be answered now. */
  readonly #parked = new Set<() => void>();
  #topicsMade = 0;
  #producersMade = 0;
  #records = 0;
  #duplicates = 0;
  #bytesFetched = 0;
  #isClosed = false;
  #failure: { error: MillraceError; partition: number | undefined } | undefined;

  constructor({ clock, autoCreateTopics = true, defaultPartitions = 1 }: MemoryBrokerOptions) {
    this.#clock = clock;
    this.#autoCreateTopics = autoCreateTopics;
    this.#defaultPartitions = defaultPartitions;
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
    const topics = [...this.#topics.values()].map((each) => each.topic);
    return topics.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async topic(name: string, options?: { readonly autoCreate?: boolean }): Promise<Topic> {
    this.#checkOpen();
    const found = this.#topics.get(name);
    if (found !== undefined) return found.topic;
    if (options?.autoCreate === true && this.#autoCreateTopics) return this.createTopic({ name });
    throw unknownTopic(name);
  }

  async createTopic(spec: TopicSpec): Promise<Topic> {
    this.#checkOpen();
    const { name, partitionCount, configOverrides } = checkedTopic(spec, this.#defaultPartitions);
    if (this.#topics.has(name)) throw topicExists(name);
    const topics = this.#topics.size + 1;
    if (topics > TOPICS_MAX) throw tooMany('topics', { received: topics, allowed: TOPICS_MAX });
    this.#checkRoom(partitionCount);
    this.#topicsMade += 1;
    const topicId = `00000000-0000-4000-8000-${String(this.#topicsMade).padStart(12, '0')}`;
    const config = parseTopicConfig(configOverrides);
    const logs = Array.from({ length: partitionCount }, () => new MemoryLog(config, this.#clock));
    const topic = { name, topicId, partitionCount, config, configOverrides };
    this.#topics.set(name, { topic, logs });
    return topic;
  }

  async deleteTopic(name: string): Promise<void> {
    this.#checkOpen();
    if (!this.#topics.delete(name)) throw unknownTopic(name);
    this.#wake();
  }

  async addPartitions(name: string, partitions: number): Promise<Topic> {
    const stored = this.#stored(name);
    const { partitionCount, config } = stored.topic;
    checkPartitionCount(name, { partitionCount: partitions, atLeast: partitionCount });
    this.#checkRoom(partitions - partitionCount);
    while (stored.logs.length < partitions) stored.logs.push(new MemoryLog(config, this.#clock));
    stored.topic = { ...stored.topic, partitionCount: partitions };
    return stored.topic;
  }

  async alterConfigs(name: string, changes: ReadonlyMap<string, string | null>): Promise<Topic> {
    const stored = this.#stored(name);
    const configOverrides = alteredConfigs(stored.topic.configOverrides, changes);
    const config = parseTopicConfig(configOverrides);
    stored.topic = { ...stored.topic, config, configOverrides };
    for (const log of stored.logs) log.config = config;
    return stored.topic;
  }

  async describePartitions(name: string): Promise<readonly PartitionDescription[]> {
    return this.#stored(name).logs.map((log, partition) => ({
      partition,
      logStartOffset: log.logStartOffset,
      highWatermark: log.endOffset,
      durableOffset: log.endOffset,
      bytes: log.bytes,
      segmentCount: 1,
      state: log.state,
      reason: log.reason,
    }));
  }

  async produce(parts: readonly ProducePart[]): Promise<readonly ProduceOutcome[]> {
    const appends = await Promise.all(parts.map((part) => this.#appendOf(part)));
    // From here on all happens in one turn: what was checked still holds when it is appended.
    if (new Set(parts.map((part) => `${part.partition} ${part.topic}`)).size < parts.length) {
      throw new MillraceError('INVALID_REQUEST', 'two parts name the same partition', {
        written: 'no',
      });
    }
    parts.forEach((part, index) => {
      this.#checkEpoch(appends[index] as MemoryAppend);
      this.#log(part.topic, part.partition, 'no').check(appends[index] as MemoryAppend);
    });
    const failure = this.#failure;
    this.#failure = undefined;
    const outcomes = parts.map((part, index): ProduceOutcome => {
      if (failure !== undefined && (failure.partition ?? part.partition) === part.partition) {
        const count = countOf(appends[index] as MemoryAppend);
        const { error } = failure;
        return { baseOffset: undefined, count, logAppendTimeMs: -1, duplicate: false, error };
      }
      const log = this.#log(part.topic, part.partition);
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
    const now = this.#read(request);
    if (now.isEnough || request.maxWaitMs <= 0 || request.signal?.aborted === true) {
      return this.#fetched(now);
    }
    if (this.#parked.size >= PARKED_FETCHES_MAX) {
      throw new MillraceError('THROTTLING_QUOTA_EXCEEDED', 'too many fetches wait', {
        retriable: true,
      });
    }
    return new Promise((resolve, reject) => {
      const end = (): void => {
        cancelTimer();
        request.signal?.removeEventListener('abort', answer);
        this.#parked.delete(look);
      };
      const answer = (): void => {
        end();
        resolve(this.#fetched(this.#read(request)));
      };
      const look = (): void => {
        if (this.#isClosed) {
          end();
          reject(shuttingDown());
        } else if (this.#read(request).isEnough) {
          answer();
        }
      };
      const cancelTimer = this.#clock.after(request.maxWaitMs, answer);
      request.signal?.addEventListener('abort', answer);
      this.#parked.add(look);
    });
  }

  async listOffset(topic: string, partition: number, at: OffsetQuery): Promise<OffsetAnswer> {
    const log = this.#log(topic, partition);
    if (at === 'earliest') return { offset: log.logStartOffset, timestamp: -1 };
    if (at === 'latest') return { offset: log.endOffset, timestamp: -1 };
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
    if (name !== null) checkProducerName(name);
    const before = name === null ? undefined : this.#producerNames.get(name);
    const identity =
      before === undefined
        ? { producerId: this.#producersMade++, producerEpoch: 0 }
        : { ...before, producerEpoch: before.producerEpoch + 1 };
    if (name !== null) {
      this.#producerNames.set(name, identity);
      this.#epochs.set(identity.producerId, identity.producerEpoch);
    }
    return identity;
  }

  health(): BrokerHealth {
    const notOnline = [...this.#topics.values()].flatMap(({ topic, logs }) =>
      logs.flatMap(({ state, reason = '' }, partition) =>
        state === 'online' ? [] : [{ topic: topic.name, partition, state, reason }],
      ),
    );
    return { state: this.#isClosed ? 'stopping' : 'serving', notOnline };
  }

  stats(): BrokerStats {
    const logs = [...this.#topics.values()].flatMap((each) => each.logs);
    return {
      topics: this.#topics.size,
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
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
  }

  async #appendOf({ topic, partition, payload, producer }: ProducePart): Promise<MemoryAppend> {
    const { config } = this.#log(topic, partition, 'no');
    if (payload.kind === 'records') {
      if (payload.records.length > 0) return { ...payload, producer };
      throw new MillraceError('INVALID_REQUEST', 'a part has no records', { written: 'no' });
    }
    const { buffer, byteOffset, byteLength } = payload.bytes;
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    const { checkClientBatches } = await import('../../src/codec/client-batches.ts');
    const batches = await checkClientBatches(bytes, { maxMessageBytes: config.maxMessageBytes });
    return { kind: 'batches', bytes, batches };
  }

  #checkEpoch(append: MemoryAppend): void {
    const producers = append.kind === 'batches' ? append.batches : [append.producer];
    for (const producer of producers) {
      const current = producer && this.#epochs.get(producer.producerId);
      if (producer === undefined || current === undefined) continue;
      if (producer.producerEpoch < current) throw staleProducerEpoch(producer, current);
    }
  }

  /** One result for each partition asked, in that order; only the very first batch may exceed. */
  #read(request: FetchRequest): Answer {
    let left = request.maxBytes;
    let total = 0;
    // Also: an error to tell, or an answer that waiting would not make longer.
    let isEnough = false;
    const results = request.partitions.map(({ topic, partition, offset, maxBytes }) => {
      let bounds = { logStartOffset: -1, highWatermark: -1 };
      let batches: Uint8Array = new Uint8Array(0);
      try {
        const log = this.#log(topic, partition);
        bounds = { logStartOffset: log.logStartOffset, highWatermark: log.endOffset };
        const bytes = log.read(offset, Math.min(maxBytes, left));
        if (total === 0 || bytes.length <= left) batches = bytes;
        total += batches.length;
        left -= batches.length;
        if (batches.length < log.bytesFrom(offset)) isEnough = true;
        return { topic, partition, ...bounds, batches, error: undefined };
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error;
        isEnough = true;
        return { topic, partition, ...bounds, batches, error };
      }
    });
    return { results, isEnough: isEnough || total >= request.minBytes };
  }

  #fetched({ results }: Answer): readonly FetchResult[] {
    for (const each of results) this.#bytesFetched += each.batches.length;
    return results;
  }

  #log(topic: string, partition: number, written?: 'no'): MemoryLog {
    const facts = written === undefined ? {} : { written };
    const { logs } = this.#stored(topic, written);
    const log = logs[partition];
    if (log !== undefined) return log;
    throw unknownPartition(topic, { partition, partitionCount: logs.length }, facts);
  }

  #stored(name: string, written?: 'no'): StoredTopic {
    this.#checkOpen(written);
    const found = this.#topics.get(name);
    if (found === undefined) throw unknownTopic(name, written === undefined ? {} : { written });
    return found;
  }

  #checkRoom(more: number): void {
    let partitions = more;
    for (const each of this.#topics.values()) partitions += each.logs.length;
    if (partitions <= PARTITIONS_MAX) return;
    throw tooMany('partitions', { received: partitions, allowed: PARTITIONS_MAX });
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
