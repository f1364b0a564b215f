/**
 * Partitions of a data directory as Kafka's tools are given them: the files of each, by topic. Names
 * of directories tell nothing, so the names come from what stands beside the partitions.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Full paths of the segment and index files of a topic's partition 0, sorted. */
export async function filesOf(dataDirectory: string, topic: string): Promise<string[]> {
  const topics = join(dataDirectory, 'topics');
  for (const id of await readdir(topics)) {
    const about = await readFile(join(topics, id, 'topic.json'), 'utf8');
    if ((JSON.parse(about) as { name: string }).name !== topic) continue;
    const partition = join(topics, id, '0');
    const names = (await readdir(partition)).filter((name) =>
      /\.(log|index|timeindex)$/.test(name),
    );
    return names.toSorted().map((name) => join(partition, name));
  }
  throw new Error(`no topic ${topic}`);
}
