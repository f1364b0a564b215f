/**
 * The broker that keeps the log on this machine's disk: the seam over one data directory. Each verb
 * has a file of its own; here they are put together, opened in order and closed in reverse.
 *
 * No replication, and one process to a data directory.
 */
import { InflateLine } from '../../codec/inflate-line.ts';
import { FETCH_READING_BYTES_MAX, PRODUCE_IN_FLIGHT_BYTES_MAX } from '../../model/limits.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import type { DataDirectoryOptions } from '../../storage/data-directory.ts';
import type {
  Broker,
  BrokerHealth,
  BrokerStats,
  ChangeOptions,
  ConfigChanges,
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
} from '../broker.ts';
import { shuttingDown, unknownTopic } from '../refusals.ts';
import type { RefusalFacts } from '../refusals.ts';
import { GroupDelegate } from '../group-delegate.ts';
import { BytesInFlight } from './bytes-in-flight.ts';
import { CommitLog } from './commit-log.ts';
import { describePartition, logNotOnline, partitionsNotOnline } from './descriptions.ts';
import { fetchBatches, fetchTargets } from './fetch.ts';
import { GroupCoordinator } from './group-coordinator.ts';
import { Housekeeping } from './housekeeping.ts';
import { inParallel } from './in-parallel.ts';
import { deleteRecordsOf, offsetOf } from './offsets.ts';
import { openTopics } from './open-topics.ts';
import { ParkedFetches } from './parked-fetches.ts';
import { PARTITIONS_IN_PARALLEL, PartitionOpener } from './partition-opener.ts';
import type { Partition } from './partition.ts';
import { PlaceOrder } from './place-order.ts';
import { produceParts } from './produce.ts';
import type { ProduceMeans } from './produce.ts';
import { ProducerIds } from './producer-ids.ts';
import { ReadsInFlight } from './reads-in-flight.ts';
import { TopicChanges } from './topic-changes.ts';
import type { Topics } from './topics.ts';

export interface LocalBrokerOptions extends DataDirectoryOptions {
  readonly settings: LocalBrokerSettings;
}

export interface LocalBrokerSettings {
  readonly autoCreateTopics: boolean;
  /** Of a topic that does not say. */
  readonly defaultPartitions: number;
  /** Of what is kept of a group without members. Default: Kafka's seven days. */
  readonly offsetsRetentionMs?: number;
}

interface Parts {
  readonly data: DataDirectory;
  readonly opener: PartitionOpener;
  readonly topics: Topics;
  readonly producerIds: ProducerIds;
  readonly commitLog: CommitLog;
}

export class LocalBroker extends GroupDelegate implements Broker {
  protected readonly groups: GroupCoordinator;
  readonly #settings: LocalBrokerSettings;
  readonly #data: DataDirectory;
  readonly #opener: PartitionOpener;
  readonly #topics: Topics;
  readonly #changes: TopicChanges;
  readonly #producerIds: ProducerIds;
  readonly #produceMeans: ProduceMeans;
  readonly #parked: ParkedFetches;
  readonly #reads = new ReadsInFlight(FETCH_READING_BYTES_MAX);
  readonly #commitLog: CommitLog;
  readonly #housekeeping: Housekeeping;
  #closing: Promise<void> | undefined;

  /**
   * Recovers what is there. Rejects with DATA_DIRECTORY_IN_USE or DATA_DIRECTORY_UNUSABLE; a
   * damaged partition does not reject, it is offline.
   */
  static async open(options: LocalBrokerOptions): Promise<LocalBroker> {
    const data = await DataDirectory.open(options);
    try {
      const opener = new PartitionOpener(data, options);
      const topics = await openTopics(data.catalogue, opener);
      const producerIds = new ProducerIds(data.catalogue);
      const { clock, log } = options;
      const commitLog = await CommitLog.open({ place: data, clock, log });
      return new LocalBroker(options, { data, opener, topics, producerIds, commitLog });
    } catch (error) {
      await data.close('unclean');
      throw error;
    }
  }

  private constructor(options: LocalBrokerOptions, parts: Parts) {
    super();
    const { data, opener, topics, producerIds, commitLog } = parts;
    const { settings, clock, log, randomBytes } = options;
    this.#settings = settings;
    this.#data = data;
    this.#opener = opener;
    this.#topics = topics;
    this.#producerIds = producerIds;
    this.#produceMeans = {
      checkOpen: () => this.#checkOpen({ written: 'no' }),
      topics,
      producerIds,
      inFlight: new BytesInFlight(PRODUCE_IN_FLIGHT_BYTES_MAX),
      line: new InflateLine(),
      order: new PlaceOrder(),
    };
    const { defaultPartitions } = settings;
    this.#changes = new TopicChanges({ data, opener, topics, log, randomBytes, defaultPartitions });
    this.#parked = new ParkedFetches(clock);
    this.#commitLog = commitLog;
    this.groups = new GroupCoordinator({
      clock,
      log,
      store: commitLog,
      topic: (name) => topics.find(name)?.topic,
      isComplete: () => commitLog.stats().isComplete,
      randomBytes,
      ...(settings.offsetsRetentionMs && { offsetsRetentionMs: settings.offsetsRetentionMs }),
    });
    this.#housekeeping = new Housekeeping({
      clock,
      log,
      partitions: () => [...allPartitions(topics), commitLog, this.groups],
      finishDeletions: () => this.#changes.finishDeletions(),
    });
  }

  get clusterId(): string {
    return this.#data.catalogue.clusterId;
  }

  async listTopics(): Promise<readonly Topic[]> {
    this.#checkOpen();
    return this.#topics.list().map(({ topic }) => topic);
  }

  async topic(name: string, options?: { readonly autoCreate?: boolean }): Promise<Topic> {
    this.#checkOpen();
    const found = this.#topics.find(name);
    if (found !== undefined) return found.topic;
    if (options?.autoCreate !== true || !this.#settings.autoCreateTopics) throw unknownTopic(name);
    return this.#changes.ensure(name);
  }

  async topicById(topicId: string): Promise<Topic | undefined> {
    this.#checkOpen();
    return this.#topics.findById(topicId)?.topic;
  }

  async createTopic(spec: TopicSpec, options?: ChangeOptions): Promise<Topic> {
    this.#checkOpen();
    return this.#changes.create(spec, options);
  }

  async deleteTopic(name: string, only?: { readonly topicId: string }): Promise<void> {
    this.#checkOpen();
    await this.#changes.delete(name, only);
    await this.groups.topicDeleted(name);
  }

  async addPartitions(name: string, count: number, options?: ChangeOptions): Promise<Topic> {
    this.#checkOpen();
    return this.#changes.addPartitions(name, count, options);
  }

  async alterConfigs(
    name: string,
    changes: ConfigChanges,
    options?: ChangeOptions,
  ): Promise<Topic> {
    this.#checkOpen();
    return this.#changes.alterConfigs(name, changes, options);
  }

  async describePartitions(name: string): Promise<readonly PartitionDescription[]> {
    this.#checkOpen();
    return this.#topics.get(name).partitions.map(describePartition);
  }

  produce(parts: readonly ProducePart[]): Promise<readonly ProduceOutcome[]> {
    return produceParts(this.#produceMeans, parts);
  }

  async fetch(request: FetchRequest): Promise<readonly FetchResult[]> {
    this.#checkOpen();
    const means = { parked: this.#parked, reads: this.#reads };
    return fetchBatches(request, fetchTargets(request, this.#topics), means);
  }

  async listOffset(topic: string, partition: number, at: OffsetQuery): Promise<OffsetAnswer> {
    this.#checkOpen();
    return offsetOf(this.#topics.partition(topic, partition), at);
  }

  async deleteRecords(topic: string, partition: number, beforeOffset: number): Promise<number> {
    this.#checkOpen();
    return deleteRecordsOf(this.#topics.partition(topic, partition), beforeOffset);
  }

  async initProducerId(name: string | null): Promise<ProducerIdentity> {
    this.#checkOpen();
    return this.#producerIds.init(name);
  }

  health(): BrokerHealth {
    const state = this.#closing === undefined ? 'serving' : 'stopping';
    const notOnline = [...partitionsNotOnline(this.#topics), ...logNotOnline(this.#commitLog)];
    return { state, notOnline };
  }

  stats(): BrokerStats {
    const { bytesRead, bytesReadFromTail, ...counters } = this.#opener.shared.counters;
    const groups = this.groups.stats();
    return {
      ...counters,
      topics: this.#topics.count,
      partitions: this.#topics.partitionCount,
      bytesFetched: bytesRead,
      bytesFetchedFromTail: bytesReadFromTail,
      parkedFetches: this.#parked.count,
      produceInFlightBytes: this.#produceMeans.inFlight.bytes,
      openFiles: this.#data.openFiles.openCount,
      groups: groups.groups,
      groupMembers: groups.members,
      parkedJoins: groups.parkedJoins,
      offsetsCommitted: groups.commits,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#parked.close();
    this.groups.close();
    await this.#housekeeping.stop();
    await this.#changes.close();
    try {
      const logs = [...allPartitions(this.#topics), this.#commitLog];
      await inParallel(logs, PARTITIONS_IN_PARALLEL, (each) => each.close());
    } catch (error) {
      await this.#data.close('unclean');
      throw error;
    }
    // Only now it is known that every last flush and checkpoint went well.
    await this.#data.close(this.health().notOnline.length === 0 ? 'clean' : 'unclean');
  }

  #checkOpen(facts?: RefusalFacts): void {
    if (this.#closing !== undefined) throw shuttingDown(facts);
  }
}

function allPartitions(topics: Topics): Partition[] {
  return topics.list().flatMap((each) => each.partitions);
}
