/**
 * The topics there are now and their open partitions, by name. Lookups are synchronous and without
 * I/O. How topics come, change and go is in topic-changes.ts.
 */
import type { Topic } from '../broker.ts';
import { unknownPartition, unknownTopic } from '../refusals.ts';
import type { RefusalFacts } from '../refusals.ts';
import type { Partition } from './partition.ts';

export interface LocalTopic {
  /** Replaced as a whole when it changes. */
  topic: Topic;
  /** By their numbers; only ever grows. */
  readonly partitions: Partition[];
}

export class Topics {
  /** A Map, because names are the users'. */
  readonly #byName = new Map<string, LocalTopic>();
  readonly #byId = new Map<string, LocalTopic>();

  get count(): number {
    return this.#byName.size;
  }

  get partitionCount(): number {
    let count = 0;
    for (const { partitions } of this.#byName.values()) count += partitions.length;
    return count;
  }

  find(name: string): LocalTopic | undefined {
    return this.#byName.get(name);
  }

  findById(topicId: string): LocalTopic | undefined {
    return this.#byId.get(topicId);
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION. */
  get(name: string, facts?: RefusalFacts): LocalTopic {
    const found = this.#byName.get(name);
    if (found === undefined) throw unknownTopic(name, facts);
    return found;
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION. */
  partition(name: string, partition: number, facts?: RefusalFacts): Partition {
    const { partitions } = this.get(name, facts);
    const found = partitions[partition];
    if (found !== undefined) return found;
    throw unknownPartition(name, { partition, partitionCount: partitions.length }, facts);
  }

  /** In the order of their names. */
  list(): LocalTopic[] {
    return [...this.#byName.values()].sort((a, b) => (a.topic.name < b.topic.name ? -1 : 1));
  }

  add(topic: LocalTopic): void {
    this.#byName.set(topic.topic.name, topic);
    this.#byId.set(topic.topic.topicId, topic);
  }

  remove(name: string): void {
    const topicId = this.#byName.get(name)?.topic.topicId;
    this.#byName.delete(name);
    if (topicId !== undefined) this.#byId.delete(topicId);
  }
}
