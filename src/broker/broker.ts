/**
 * THE SEAM between the faces (HTTP, the Kafka protocol) and whatever keeps the log.
 *
 * It is shaped like Kafka's own protocol, because that shape is proven and because another
 * implementation may be a gateway to a real Kafka cluster. It knows nothing of HTTP and nothing
 * of files. Records go in as `Record` objects or as encoded record batches (format v2); encoded
 * batches come out, and `codec/` reads them.
 *
 * Its other half, about consumer groups, is in groups.ts.
 *
 * Every method rejects with `MillraceError` for operating errors. One suite, `test/contract/`,
 * says what each implementation must do.
 */
import type { MillraceError } from '../model/errors.ts';
import type { PartitionState } from '../model/partition-state.ts';
import type { Record } from '../model/record.ts';
import type { ConfigTexts, TopicConfig } from '../model/topic-config.ts';
import type { Groups } from './groups.ts';

export interface Broker extends Groups {
  /** Which cluster this is: 16 random bytes as Kafka writes them, for as long as its data lives. */
  readonly clusterId: string;

  // --- topics -----------------------------------------------------------------------------
  /** All topics, sorted by name. */
  listTopics(): Promise<readonly Topic[]>;
  /**
   * One topic; cheap enough for every request (no I/O when it exists). Rejects with
   * UNKNOWN_TOPIC_OR_PARTITION; with `autoCreate`, and if the broker's setting allows it, a
   * missing topic is created with the default partition count instead.
   */
  topic(name: string, options?: { readonly autoCreate?: boolean }): Promise<Topic>;
  /** The topic that has this id now; as cheap as `topic`. Undefined when none has. */
  topicById(topicId: string): Promise<Topic | undefined>;
  /** INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_CONFIG, POLICY_VIOLATION. */
  createTopic(spec: TopicSpec, options?: ChangeOptions): Promise<Topic>;
  /**
   * Readers and writers in flight end with UNKNOWN_TOPIC_OR_PARTITION. With an id it is unknown, too,
   * when another topic has taken the name meanwhile.
   */
  deleteTopic(name: string, only?: { readonly topicId: string }): Promise<void>;
  /** Grows to `partitions` in all; INVALID_PARTITIONS when that is fewer than there are. */
  addPartitions(name: string, partitions: number, options?: ChangeOptions): Promise<Topic>;
  /** All or none of them. */
  alterConfigs(name: string, changes: ConfigChanges, options?: ChangeOptions): Promise<Topic>;
  /** The state of every partition, in order of its number. */
  describePartitions(name: string): Promise<readonly PartitionDescription[]>;

  // --- log --------------------------------------------------------------------------------
  /**
   * Appends each part to its partition; at most one part names a partition.
   *
   * Everything is checked before anything is written: a fault in any part rejects the whole call
   * with `written: 'no'` (for faults of single records `details.bad_records` lists up to ten
   * `BadRecord`s of one part, which `details.topic` and `details.partition` name). Once writing has begun each part has an outcome of its own, in the order given.
   * An outcome without error means: on stable storage (or written, where the topic asks for the
   * weaker mode).
   *
   * Calls need not wait for each other: batches for one partition take their places in the order
   * of the calls, however long any of them takes to be checked.
   */
  produce(parts: readonly ProducePart[]): Promise<readonly ProduceOutcome[]>;
  /**
   * Reads whole batches below the high watermark, in the order asked; the first batch of a
   * partition contains the offset asked for, so it may begin below it, and is given however large.
   * When fewer than `minBytes` are there the call is parked until they are, `maxWaitMs` is over,
   * `signal` fires, a partition fails or the broker closes (SHUTTING_DOWN). Errors of single
   * partitions stand in their result: OFFSET_OUT_OF_RANGE with the bounds,
   * UNKNOWN_TOPIC_OR_PARTITION, KAFKA_STORAGE_ERROR. Rejects with THROTTLING_QUOTA_EXCEEDED when
   * too many are parked. After `signal` it resolves with what is there.
   */
  fetch(request: FetchRequest): Promise<readonly FetchResult[]>;
  /**
   * Where a partition begins, ends, first holds a timestamp at or above one given, or holds the
   * largest one.
   */
  listOffset(topic: string, partition: number, at: OffsetQuery): Promise<OffsetAnswer>;
  /**
   * Moves the log start of a partition up to `beforeOffset` (-1 = the high watermark), durably;
   * answers the new log start offset. OFFSET_OUT_OF_RANGE above the high watermark.
   */
  deleteRecords(topic: string, partition: number, beforeOffset: number): Promise<number>;
  /**
   * A producer id for idempotent producing. Without a name it is a new one with epoch 0; with a
   * name it is that name's, its epoch one higher, and older epochs are fenced at once.
   */
  initProducerId(name: string | null): Promise<ProducerIdentity>;

  // --- life -------------------------------------------------------------------------------
  health(): BrokerHealth;
  /** Plain counters since the start, for `/metrics`. */
  stats(): BrokerStats;
  /**
   * Ends parked calls, flushes, and leaves everything durable. From the call on all others but
   * `health` and `stats` reject with SHUTTING_DOWN. Idempotent.
   */
  close(): Promise<void>;
}

export interface Topic {
  readonly name: string;
  /** UUID, lower-case with hyphens; a re-created topic has another. */
  readonly topicId: string;
  readonly partitionCount: number;
  readonly config: TopicConfig;
  /** Only what was set, by name. */
  readonly configOverrides: ConfigTexts;
}

export interface TopicSpec {
  readonly name: string;
  /** Undefined = the broker's default. */
  readonly partitionCount?: number | undefined;
  readonly configOverrides?: ConfigTexts | undefined;
}

/** name -> text; null returns a config to its default. */
export type ConfigChanges = ReadonlyMap<string, string | null>;

export interface ChangeOptions {
  /** Everything is checked and the answer is that of a change, but nothing changes. */
  readonly validateOnly?: boolean;
}

export interface PartitionDescription {
  readonly partition: number;
  /** First offset still kept. */
  readonly logStartOffset: number;
  /** End of what readers see. */
  readonly highWatermark: number;
  /** End of what is on stable storage. */
  readonly durableOffset: number;
  /** Bytes of its segments. */
  readonly bytes: number;
  readonly segmentCount: number;
  readonly state: PartitionState;
  /** Why it is not online, in words for people; undefined while it is. */
  readonly reason?: string | undefined;
}

export interface ProducePart {
  readonly topic: string;
  readonly partition: number;
  readonly payload: ProducePayload;
  /** With records only; an encoded batch carries its own. */
  readonly producer?: ProducerSequence | undefined;
}

export type ProducePayload =
  | { readonly kind: 'records'; readonly records: readonly Record[] }
  /** Record batches v2 back to back. The buffer now belongs to the broker, which writes into it. */
  | { readonly kind: 'batches'; readonly bytes: Uint8Array };

export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface ProducerSequence extends ProducerIdentity {
  /** Sequence of the first record; wraps after 2^31-1. */
  readonly baseSequence: number;
}

export interface ProduceOutcome {
  /** First offset given; undefined with `written: 'no'` or unknown. */
  readonly baseOffset: number | undefined;
  readonly count: number;
  /** The server's append time in a LogAppendTime topic, else -1; -1 for a duplicate, too. */
  readonly logAppendTimeMs: number;
  /** First offset still kept in the partition. */
  readonly logStartOffset: number;
  /** The same batch of the same producer was stored before; offsets are those of then. */
  readonly duplicate: boolean;
  /** Carries `written`. */
  readonly error: MillraceError | undefined;
}

/** A record that is refused, by its index in its part. */
export interface BadRecord {
  readonly record: number;
  readonly field: 'key' | 'value' | 'headers' | 'timestamp' | 'record';
  readonly message: string;
}

export interface FetchRequest {
  readonly partitions: readonly FetchPartition[];
  /** Bytes of batches, over all partitions, worth answering for; 1 = anything, 0 = never park. */
  readonly minBytes: number;
  /** Bound on the answer, over all partitions; the very first batch may exceed it. */
  readonly maxBytes: number;
  /** 0 = never park. */
  readonly maxWaitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface FetchPartition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
}

export interface FetchResult {
  readonly topic: string;
  readonly partition: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
  /** Whole batches back to back, possibly none. Read-only: other readers may share the bytes. */
  readonly batches: Uint8Array;
  readonly error: MillraceError | undefined;
}

export type OffsetQuery =
  | 'earliest'
  | 'latest'
  | 'largest-timestamp'
  | { readonly timestamp: number };

export interface OffsetAnswer {
  /**
   * For a timestamp later than every record: the high watermark. For the largest timestamp where
   * there is no record, or it was deleted before the segment that held it: -1.
   */
  readonly offset: number;
  /** Of the record found by timestamp, else -1. */
  readonly timestamp: number;
}

export interface BrokerHealth {
  readonly state: 'serving' | 'stopping';
  readonly notOnline: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly state: PartitionState;
    readonly reason: string;
  }[];
}

export interface BrokerStats {
  readonly topics: number;
  readonly partitions: number;
  readonly recordsAppended: number;
  readonly bytesAppended: number;
  readonly flushes: number;
  readonly flushErrors: number;
  readonly duplicateBatches: number;
  readonly bytesFetched: number;
  /** Of which were served from memory. */
  readonly bytesFetchedFromTail: number;
  readonly parkedFetches: number;
  readonly produceInFlightBytes: number;
  readonly segmentsDeleted: number;
  readonly openFiles: number;
  readonly groups: number;
  readonly groupMembers: number;
  /** Joins and syncs that wait for the other members. */
  readonly parkedJoins: number;
  readonly offsetsCommitted: number;
}
