/** The topics of the memory broker: names, numbers and configs, and a log for each partition. */
import type {
  BrokerHealth,
  ChangeOptions,
  ConfigChanges,
  PartitionDescription,
  Topic,
  TopicSpec,
} from '../../src/broker/broker.ts';
import { tooMany, topicExists, unknownPartition, unknownTopic } from '../../src/broker/refusals.ts';
import { alteredConfigs, checkedTopic, checkPartitionCount } from '../../src/broker/topic-rules.ts';
import type { Clock } from '../../src/model/clock.ts';
import { PARTITIONS_MAX, TOPICS_MAX } from '../../src/model/limits.ts';
import { parseTopicConfig } from '../../src/model/topic-config.ts';
import { MemoryLog } from './memory-log.ts';

export interface MemoryTopic {
  topic: Topic;
  readonly logs: MemoryLog[];
}

export class MemoryTopics {
  readonly #clock: Clock;
  readonly #defaultPartitions: number;
  readonly #byName = new Map<string, MemoryTopic>();
  #made = 0;

  constructor(clock: Clock, defaultPartitions: number) {
    this.#clock = clock;
    this.#defaultPartitions = defaultPartitions;
  }

  find(name: string): MemoryTopic | undefined {
    return this.#byName.get(name);
  }

  get(name: string, written?: 'no'): MemoryTopic {
    const found = this.#byName.get(name);
    if (found === undefined) throw unknownTopic(name, written && { written });
    return found;
  }

  log(name: string, partition: number, written?: 'no'): MemoryLog {
    const { logs } = this.get(name, written);
    const log = logs[partition];
    if (log !== undefined) return log;
    const place = { partition, partitionCount: logs.length };
    throw unknownPartition(name, place, written && { written });
  }

  list(): MemoryTopic[] {
    return [...this.#byName.values()].toSorted((a, b) => (a.topic.name < b.topic.name ? -1 : 1));
  }

  describe(name: string): PartitionDescription[] {
    return this.get(name).logs.map((log, partition) => ({
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

  notOnline(): BrokerHealth['notOnline'] {
    return this.list().flatMap(({ topic, logs }) =>
      logs.flatMap(({ state, reason = '' }, partition) =>
        state === 'online' ? [] : [{ topic: topic.name, partition, state, reason }],
      ),
    );
  }

  create(spec: TopicSpec, { validateOnly }: ChangeOptions = {}): Topic {
    const { name, partitionCount, configOverrides } = checkedTopic(spec, this.#defaultPartitions);
    if (this.#byName.has(name)) throw topicExists(name);
    const received = this.#byName.size + 1;
    if (received > TOPICS_MAX) throw tooMany('topics', { received, allowed: TOPICS_MAX });
    this.#checkRoom(partitionCount);
    this.#made += 1;
    const topicId = `00000000-0000-4000-8000-${String(this.#made).padStart(12, '0')}`;
    const config = parseTopicConfig(configOverrides);
    const topic = { name, topicId, partitionCount, config, configOverrides };
    if (validateOnly === true) return topic;
    const logs = Array.from({ length: partitionCount }, () => new MemoryLog(config, this.#clock));
    this.#byName.set(name, { topic, logs });
    return topic;
  }

  delete(name: string, only?: { readonly topicId: string }): void {
    const { topic, logs } = this.get(name);
    if (only !== undefined && only.topicId !== topic.topicId) throw unknownTopic(name);
    for (const log of logs) log.isDeleted = true;
    this.#byName.delete(name);
  }

  addPartitions(name: string, partitionCount: number, { validateOnly }: ChangeOptions = {}): Topic {
    const stored = this.get(name);
    const { partitionCount: before, config } = stored.topic;
    checkPartitionCount(name, { partitionCount, atLeast: before });
    this.#checkRoom(partitionCount - before);
    if (validateOnly === true) return { ...stored.topic, partitionCount };
    for (let n = before; n < partitionCount; n += 1) {
      stored.logs.push(new MemoryLog(config, this.#clock));
    }
    stored.topic = { ...stored.topic, partitionCount };
    return stored.topic;
  }

  alterConfigs(name: string, changes: ConfigChanges, { validateOnly }: ChangeOptions = {}): Topic {
    const stored = this.get(name);
    const configOverrides = alteredConfigs(stored.topic.configOverrides, changes);
    const config = parseTopicConfig(configOverrides);
    const topic = { ...stored.topic, config, configOverrides };
    if (validateOnly === true) return topic;
    stored.topic = topic;
    for (const log of stored.logs) log.config = config;
    return topic;
  }

  #checkRoom(more: number): void {
    let received = more;
    for (const { logs } of this.#byName.values()) received += logs.length;
    if (received > PARTITIONS_MAX)
      throw tooMany('partitions', { received, allowed: PARTITIONS_MAX });
  }
}
