/**
 * The shape in which most messages speak of partitions:
 *
 *     topics array of
 *              name string
 *              partitions array of
 *                what is said of one
 *                tags
 *              tags
 */
import type { TopicPartition } from '../broker/groups.ts';
import type { ArrayBounds, KafkaReader } from '../codec/kafka-reader.ts';
import type { KafkaWriter } from '../codec/kafka-writer.ts';
import { TOPICS_MAX } from '../model/limits.ts';

export interface InTopic<T> {
  readonly topic: string;
  readonly partitions: readonly T[];
}

/** Every partition begins with its number. */
const NUMBER_BYTES = 4;
const TOPICS: ArrayBounds = { field: 'topics', elementBytesMin: 2, countMax: TOPICS_MAX };

/**
 * `partitionsMax` of all topics together, each of `partitionBytesMin` bytes: its number, where not
 * more is said; `read` reads what is said of a partition of `topic`.
 */
export function readTopics<T>(
  reader: KafkaReader,
  partitionsMax: number,
  read: (topic: string) => T,
  partitionBytesMin = NUMBER_BYTES,
): InTopic<T>[] {
  const bounds = { partitionsMax, partitionBytesMin };
  return reader.readArray(
    TOPICS,
    topicReader(reader, bounds, (topic) => {
      const partition = read(topic);
      reader.readTags('tags of a partition');
      return partition;
    }),
  );
}

/** The form in which partitions are bare numbers, without tags; null, where it may be, is all. */
export function readNumbers(reader: KafkaReader, partitionsMax: number): InTopic<number>[] {
  return reader.readArray(TOPICS, numberReader(reader, partitionsMax));
}

export function readNullableNumbers(
  reader: KafkaReader,
  partitionsMax: number,
): InTopic<number>[] | null {
  return reader.readNullableArray(TOPICS, numberReader(reader, partitionsMax));
}

function numberReader(reader: KafkaReader, partitionsMax: number): () => InTopic<number> {
  const bounds = { partitionsMax, partitionBytesMin: NUMBER_BYTES };
  return topicReader(reader, bounds, () => reader.readInt32('partition_index'));
}

function topicReader<T>(
  reader: KafkaReader,
  {
    partitionsMax,
    partitionBytesMin,
  }: { readonly partitionsMax: number; readonly partitionBytesMin: number },
  read: (topic: string) => T,
): () => InTopic<T> {
  let left = partitionsMax;
  return () => {
    const topic = reader.readString('name of a topic');
    const bounds = { field: 'partitions', elementBytesMin: partitionBytesMin, countMax: left };
    const partitions = reader.readArray(bounds, () => read(topic));
    left -= partitions.length;
    reader.readTags('tags of a topic');
    return { topic, partitions };
  };
}

export function writeTopics<T>(
  writer: KafkaWriter,
  topics: readonly InTopic<T>[],
  write: (partition: T) => void,
): void {
  writer.writeArray(topics, ({ topic, partitions }) => {
    writer.writeString(topic);
    writer.writeArray(partitions, (partition) => {
      write(partition);
      writer.writeTags();
    });
    writer.writeTags();
  });
}

/** The same for two that name the same partition, and for no others. */
export function placeKey({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}

/** What comes flat, and in the order of topics, put together again. */
export function byTopic<T extends { readonly topic: string }>(places: readonly T[]): InTopic<T>[] {
  const topics = new Map<string, T[]>();
  for (const place of places) {
    const there = topics.get(place.topic);
    if (there === undefined) topics.set(place.topic, [place]);
    else there.push(place);
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}
