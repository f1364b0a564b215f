/** Several partitions as one sequence. Within a partition the order is never changed. */
import type { ReceivedRecord, RecordGroup } from '../client/record-stream.ts';

type Source = AsyncIterator<RecordGroup, void>;

/** By timestamp, the lower partition first among equals: for reading what is there and ends. */
export async function* inOrderOfTime(
  streams: readonly AsyncIterable<RecordGroup>[],
): AsyncGenerator<RecordGroup, void> {
  let heads = await Promise.all(streams.map((stream) => nextHead(iterate(stream))));
  for (;;) {
    heads = heads.filter(({ group }) => group.length > 0);
    const [only] = heads;
    if (only === undefined) return;
    const { merged, emptied } = mergeUntilOneIsEmpty(heads);
    yield merged;
    heads[heads.indexOf(emptied)] = await nextHead(emptied.source);
  }
}

/** What was read of a source and not yet given: `group` from `at` on, empty at its end. */
interface Head {
  readonly source: Source;
  readonly group: RecordGroup;
  at: number;
}

async function nextHead(source: Source): Promise<Head> {
  const { value, done } = await source.next();
  return { source, group: done === true ? [] : value, at: 0 };
}

function mergeUntilOneIsEmpty(heads: readonly Head[]): { merged: RecordGroup; emptied: Head } {
  const merged: ReceivedRecord[] = [];
  for (;;) {
    let first = heads[0] as Head;
    for (const head of heads) if (isBefore(recordOf(head), recordOf(first))) first = head;
    merged.push(recordOf(first));
    first.at += 1;
    if (first.at === first.group.length) return { merged, emptied: first };
  }
}

function recordOf({ group, at }: Head): ReceivedRecord {
  return group[at] as ReceivedRecord;
}

function isBefore({ fields: a }: ReceivedRecord, { fields: b }: ReceivedRecord): boolean {
  return a.timestamp === b.timestamp ? a.partition < b.partition : a.timestamp < b.timestamp;
}

/**
 * As they come: for following. The first source that fails ends it. One group of each source is
 * read ahead. (`Promise.race` in a loop would add a listener to every idle source for each group
 * of a busy one, and never drop it.)
 */
export async function* inOrderOfArrival(
  streams: readonly AsyncIterable<RecordGroup>[],
): AsyncGenerator<RecordGroup, void> {
  const arrived: Head[] = [];
  let failure: { readonly error: unknown } | undefined;
  let open = streams.length;
  let wake = (): void => {};
  /** Never rejects: a failure is kept for the reader. */
  const readAhead = async (source: Source): Promise<void> => {
    try {
      const head = await nextHead(source);
      if (head.group.length > 0) arrived.push(head);
      else open -= 1;
    } catch (error) {
      failure ??= { error };
    }
    wake();
  };
  for (const stream of streams) void readAhead(iterate(stream));
  for (;;) {
    const head = arrived.shift();
    if (head !== undefined) {
      yield head.group;
      void readAhead(head.source);
    } else if (failure !== undefined) {
      throw failure.error;
    } else if (open === 0) {
      return;
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}

function iterate(stream: AsyncIterable<RecordGroup>): Source {
  return stream[Symbol.asyncIterator]();
}
