/**
 * How topics come, change and go. Every change is durable before it is seen, and changes run one
 * at a time, so that names and bounds are checked without races.
 *
 * What a crash within a change leaves, the data directory clears away at the next start.
 */
import { MillraceError } from '../../model/errors.ts';
import { PARTITIONS_MAX, TOPICS_MAX } from '../../model/limits.ts';
import type { Log } from '../../model/log.ts';
import { quote } from '../../model/names.ts';
import { Pace } from '../../model/pace.ts';
import { parseTopicConfig } from '../../model/topic-config.ts';
import type { DataDirectory } from '../../storage/data-directory.ts';
import { isDiskError } from '../../storage/disk-errors.ts';
import type { ChangeOptions, ConfigChanges, Topic, TopicSpec } from '../broker.ts';
import { shuttingDown, tooMany, topicExists, unknownTopic } from '../refusals.ts';
import { alteredConfigs, checkedTopic, checkPartitionCount } from '../topic-rules.ts';
import type { NewTopic } from '../topic-rules.ts';
import { inParallel } from './in-parallel.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { PARTITIONS_IN_PARALLEL } from './partition-opener.ts';
import type { PartitionOpener } from './partition-opener.ts';
import type { Partition } from './partition.ts';
import { takenBack } from './storage-errors.ts';
import { topicIdFrom } from './topic-id.ts';
import type { Topics } from './topics.ts';

export interface TopicChangesMeans {
  readonly data: Pick<
    DataDirectory,
    'catalogue' | 'createTopic' | 'createPartitions' | 'deleteTopic'
  >;
  readonly opener: Pick<PartitionOpener, 'openNew'>;
  readonly topics: Topics;
  readonly log: Log;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Of a topic that does not say. */
  readonly defaultPartitions: number;
}

export class TopicChanges {
  readonly #means: TopicChangesMeans;
  readonly #changes = new OneAtATime();
  #isClosed = false;

  constructor(means: TopicChangesMeans) {
    this.#means = means;
  }

  async create(spec: TopicSpec, { validateOnly }: ChangeOptions = {}): Promise<Topic> {
    const wanted = checkedTopic(spec, this.#means.defaultPartitions);
    return this.#inTurn(async () => {
      if (this.#means.topics.find(wanted.name) !== undefined) throw topicExists(wanted.name);
      return validateOnly === true ? this.#planned(wanted) : this.#create(wanted);
    });
  }

  /** The topic of that name, made if it is missing: all who ask at once get the same one. */
  async ensure(name: string): Promise<Topic> {
    const wanted = checkedTopic({ name }, this.#means.defaultPartitions);
    return this.#inTurn(async () => {
      return this.#means.topics.find(name)?.topic ?? this.#create(wanted);
    });
  }

  delete(name: string, only?: { readonly topicId: string }): Promise<void> {
    return this.#inTurn(async () => {
      const { data, topics } = this.#means;
      const { topic, partitions } = topics.get(name);
      if (only !== undefined && only.topicId !== topic.topicId) throw unknownTopic(name);
      data.catalogue.setTopicState(topic.topicId, 'deleting');
      // From here on it is gone for everybody, whatever becomes of its files.
      topics.remove(name);
      const pace = new Pace(PARTITIONS_IN_PARALLEL);
      await inParallel(partitions, PARTITIONS_IN_PARALLEL, async (each) => {
        await this.#discard(each);
        await pace.did(1);
      });
      await this.#removeFiles(topic.topicId);
    });
  }

  addPartitions(
    name: string,
    partitionCount: number,
    { validateOnly }: ChangeOptions = {},
  ): Promise<Topic> {
    return this.#inTurn(async () => {
      const { data, topics } = this.#means;
      const found = topics.get(name);
      const { topicId, config, partitionCount: before } = found.topic;
      checkPartitionCount(name, { partitionCount, atLeast: before });
      if (partitionCount === before) return found.topic;
      this.#checkRoom(partitionCount - before);
      if (validateOnly === true) return { ...found.topic, partitionCount };
      try {
        await data.createPartitions(topicId, before, partitionCount);
      } catch (error) {
        throw takenBack(`no partitions were added to topic ${quote(name)}`, error);
      }
      data.catalogue.setPartitions(topicId, partitionCount);
      const added = await this.#openNew({ topicId, config, from: before, to: partitionCount });
      found.partitions.push(...added);
      found.topic = { ...found.topic, partitionCount };
      return found.topic;
    });
  }

  alterConfigs(
    name: string,
    changes: ConfigChanges,
    { validateOnly }: ChangeOptions = {},
  ): Promise<Topic> {
    return this.#inTurn(async () => {
      const { data, topics } = this.#means;
      const found = topics.get(name);
      const configOverrides = alteredConfigs(found.topic.configOverrides, changes);
      const config = parseTopicConfig(configOverrides);
      const topic = { ...found.topic, config, configOverrides };
      if (validateOnly === true) return topic;
      data.catalogue.setConfigs(topic.topicId, configOverrides);
      found.topic = topic;
      for (const partition of found.partitions) partition.setConfig(config);
      return topic;
    });
  }

  /** Tries again to clear away what deleted topics, and failed creations, left. */
  finishDeletions(): Promise<void> {
    return this.#inTurn(async () => {
      const unfinished = this.#means.data.catalogue.unfinishedTopics();
      for (const { topicId } of unfinished) await this.#removeFiles(topicId);
    });
  }

  /** Refuses changes from now on; resolves when the one on its way is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#changes.idle();
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    return this.#changes.run(async () => {
      if (this.#isClosed) throw shuttingDown();
      return change();
    });
  }

  /** What it is to be, where there is room for it. */
  #planned(wanted: NewTopic): Topic {
    const { topics, randomBytes } = this.#means;
    const received = topics.count + 1;
    if (received > TOPICS_MAX) throw tooMany('topics', { received, allowed: TOPICS_MAX });
    this.#checkRoom(wanted.partitionCount);
    const topicId = topicIdFrom(randomBytes(16));
    return { ...wanted, topicId, config: parseTopicConfig(wanted.configOverrides) };
  }

  async #create(wanted: NewTopic): Promise<Topic> {
    const { data, topics } = this.#means;
    const topic = this.#planned(wanted);
    const { name, topicId, partitionCount, config, configOverrides } = topic;
    try {
      const partitions = partitionCount;
      await data.createTopic({ topicId, name, partitions, configs: configOverrides });
    } catch (error) {
      throw takenBack(`topic ${quote(name)} was not created`, error);
    }
    const partitions = await this.#openNew({ topicId, config, from: 0, to: partitionCount });
    topics.add({ topic, partitions });
    return topic;
  }

  #openNew(of: {
    readonly topicId: string;
    readonly config: Topic['config'];
    readonly from: number;
    readonly to: number;
  }): Promise<Partition[]> {
    const { topicId, config, from, to } = of;
    const numbers = Array.from({ length: to - from }, (_, index) => from + index);
    return this.#means.opener.openNew(numbers.map((partition) => ({ topicId, partition, config })));
  }

  #checkRoom(more: number): void {
    const received = this.#means.topics.partitionCount + more;
    if (received > PARTITIONS_MAX)
      throw tooMany('partitions', { received, allowed: PARTITIONS_MAX });
  }

  async #discard(partition: Partition): Promise<void> {
    try {
      await partition.discard();
    } catch (error) {
      // Its files are about to go; that one of them would not close changes nothing.
      if (!isDiskError(error)) throw error;
      this.#means.log.warn({ error }, 'a file of a deleted topic was not closed in order');
    }
  }

  /** Now or, where the disk refuses, another time: its row says that it is on its way out. */
  async #removeFiles(topicId: string): Promise<void> {
    const { data, log } = this.#means;
    try {
      await data.deleteTopic(topicId);
    } catch (error) {
      if (!isDiskError(error) && !(error instanceof MillraceError)) throw error;
      log.warn({ topicId, error }, 'a deleted topic still takes room: trying again later');
    }
  }
}
