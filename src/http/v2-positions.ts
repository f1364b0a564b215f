/**
 * Where a consumer instance stands in each of its partitions: the one thing about a reader that
 * this server keeps in memory. The offsets here are the next ones to read.
 */
import type { TopicPartition } from '../broker/groups.ts';
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import type { Cursor } from '../membership/cursor.ts';
import type { Position } from '../membership/positions.ts';

export interface V2Position extends Omit<Position, 'offset'> {
  /** undefined: nothing is committed and the instance asked for no starting point instead. */
  readonly offset: number | undefined;
}

export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

export class V2Positions {
  readonly #positions = new Map<string, V2Position>();

  constructor(positions: readonly V2Position[]) {
    for (const each of positions) this.#positions.set(partitionKey(each), each);
  }

  get all(): readonly V2Position[] {
    return [...this.#positions.values()];
  }

  get assignment(): readonly TopicPartitions[] {
    const partitionsByTopic = new Map<string, number[]>();
    for (const { topic, partition } of this.#positions.values()) {
      const partitions = partitionsByTopic.get(topic);
      if (partitions === undefined) partitionsByTopic.set(topic, [partition]);
      else partitions.push(partition);
    }
    return [...partitionsByTopic].map(([topic, partitions]) => ({ topic, partitions }));
  }

  /** All that are known, also those at the committed offset: a commit must not move a reader. */
  get known(): Cursor['positions'] {
    return this.all.flatMap(({ topic, topicId, partition, offset }) =>
      offset === undefined ? [] : [{ topic, topicId, partition, offset }],
    );
  }

  /** undefined: the instance does not have this partition. */
  of(place: TopicPartition): V2Position | undefined {
    return this.#positions.get(partitionKey(place));
  }

  /** To where a read came. What is not assigned any more is passed over. */
  reach(positions: readonly Position[]): void {
    for (const each of positions) {
      if (this.of(each) !== undefined) this.#positions.set(partitionKey(each), each);
    }
  }

  /** To where the caller said; only of partitions that it has. */
  move(to: PartitionOffset): void {
    const position = this.of(to);
    if (position !== undefined)
      this.#positions.set(partitionKey(to), { ...position, offset: to.offset });
  }

  /** What a commit of all that was read has to say. */
  get uncommitted(): readonly PartitionOffset[] {
    return this.all.flatMap(({ topic, partition, offset, committed }) =>
      offset === undefined || offset === committed ? [] : [{ topic, partition, offset }],
    );
  }

  wereCommitted(offsets: readonly PartitionOffset[]): void {
    for (const { offset, ...place } of offsets) {
      const position = this.of(place);
      if (position === undefined) continue;
      this.#positions.set(partitionKey(place), { ...position, committed: offset });
    }
  }
}

/** One text for a partition, by which Maps find it. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  // A topic name never holds a slash.
  return `${partition}/${topic}`;
}
