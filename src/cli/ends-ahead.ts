/**
 * How far a member of a group still has to read until it stands where its partitions ended when
 * it got them: what comes meanwhile does not keep it for ever.
 */
import type { Client } from '../client/client.ts';
import type { JoinWish, TopicPartitions } from '../client/group-answers.ts';

export interface PartitionAhead {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to read. */
  readonly from: number;
  /** The first offset behind what is to be read. */
  readonly end: number;
}

export class EndsAhead {
  readonly #ends = new Map<string, number>();

  constructor(partitions: readonly PartitionAhead[]) {
    for (const each of partitions) {
      if (each.from < each.end) this.#ends.set(keyOf(each), each.end);
    }
  }

  get areReached(): boolean {
    return this.#ends.size === 0;
  }

  /** The next offset to read is `next` now. */
  moved(place: Pick<PartitionAhead, 'topic' | 'partition'>, next: number): void {
    const key = keyOf(place);
    if (next >= (this.#ends.get(key) ?? Infinity)) this.#ends.delete(key);
  }
}

export interface Seat {
  readonly group: string;
  readonly assignment: readonly TopicPartitions[];
  /** Where it begins without a committed offset. */
  readonly begins: JoinWish['auto_offset_reset'];
}

/** Asks the server where the assigned partitions end, and where the group is in them. */
export async function endsAhead(
  client: Pick<Client, 'describeTopic' | 'groups'>,
  { group, assignment, begins }: Seat,
): Promise<EndsAhead> {
  if (assignment.length === 0) return new EndsAhead([]);
  const committed = new Map(
    (await client.groups.committed(group)).map((each) => [keyOf(each), each.offset]),
  );
  const ahead: PartitionAhead[] = [];
  for (const { topic, partitions } of assignment) {
    const { partitions: described } = await client.describeTopic(topic);
    for (const each of described) {
      const { partition, beginning_offset: start, end_offset: end } = each;
      if (!partitions.includes(partition)) continue;
      const withoutCommit = begins === 'latest' ? end : start;
      const from = committed.get(keyOf({ topic, partition })) ?? withoutCommit;
      ahead.push({ topic, partition, from, end });
    }
  }
  return new EndsAhead(ahead);
}

function keyOf({ topic, partition }: Pick<PartitionAhead, 'topic' | 'partition'>): string {
  // A topic name never holds a slash.
  return `${partition}/${topic}`;
}
