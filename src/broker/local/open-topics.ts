/** From the catalogue to open partitions: the start of the broker. */
import { parseTopicConfig } from '../../model/topic-config.ts';
import type { Catalogue } from '../../storage/catalogue.ts';
import { inParallel } from './in-parallel.ts';
import type { PartitionOpener, PartitionPlace } from './partition-opener.ts';
import { Topics } from './topics.ts';
import type { LocalTopic } from './topics.ts';

/** Partitions opened side by side: enough to keep the disk busy, few enough for the thread pool. */
export const PARTITIONS_IN_PARALLEL = 32;

export async function openTopics(
  catalogue: Pick<Catalogue, 'topics'>,
  opener: Pick<PartitionOpener, 'open'>,
): Promise<Topics> {
  const topics = new Topics();
  const jobs: { readonly topic: LocalTopic; readonly place: PartitionPlace }[] = [];
  for (const { topicId, name, partitions, configs } of catalogue.topics()) {
    const config = parseTopicConfig(configs);
    const topic: LocalTopic = {
      topic: { name, topicId, partitionCount: partitions, config, configOverrides: configs },
      partitions: [],
    };
    topics.add(topic);
    for (let partition = 0; partition < partitions; partition += 1) {
      jobs.push({ topic, place: { topicId, partition, config } });
    }
  }
  await inParallel(jobs, PARTITIONS_IN_PARALLEL, async ({ topic, place }) => {
    topic.partitions[place.partition] = await opener.open(place);
  });
  return topics;
}
