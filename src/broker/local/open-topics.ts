/** From the catalogue to open partitions: the start of the broker. */
import { parseTopicConfig } from '../../model/topic-config.ts';
import type { Catalogue } from '../../storage/catalogue.ts';
import type { PartitionOpener, PartitionPlace } from './partition-opener.ts';
import { Topics } from './topics.ts';
import type { LocalTopic } from './topics.ts';

export async function openTopics(
  catalogue: Pick<Catalogue, 'topics'>,
  opener: Pick<PartitionOpener, 'open'>,
): Promise<Topics> {
  const topics = new Topics();
  const owners: LocalTopic[] = [];
  const places: PartitionPlace[] = [];
  for (const { topicId, name, partitions, configs } of catalogue.topics()) {
    const config = parseTopicConfig(configs);
    const topic: LocalTopic = {
      topic: { name, topicId, partitionCount: partitions, config, configOverrides: configs },
      partitions: [],
    };
    topics.add(topic);
    for (let partition = 0; partition < partitions; partition += 1) {
      owners.push(topic);
      places.push({ topicId, partition, config });
    }
  }
  // All of them together: a thousand topics of one partition are no slower than one of a thousand.
  const opened = await opener.open(places);
  for (const [at, partition] of opened.entries()) owners[at]?.partitions.push(partition);
  return topics;
}
