/** Several partitions as one sequence. Within a partition the order is never changed. */
import type { ReceivedRecord } from '../client/client.ts';

type Source = AsyncGenerator<ReceivedRecord>;

interface Head {
  readonly source: Source;
  readonly record: ReceivedRecord;
}

/** By timestamp, the lower partition first among equals: for reading what is there and ends. */
export async function* inOrderOfTime(sources: readonly Source[]): AsyncGenerator<ReceivedRecord> {
  const heads: Head[] = [];
  for (const head of await Promise.all(sources.map(nextOf)))
    if (head !== undefined) heads.push(head);
  while (heads.length > 0) {
    let first = 0;
    for (let at = 1; at < heads.length; at += 1) {
      if (isBefore((heads[at] as Head).record, (heads[first] as Head).record)) first = at;
    }
    const { source, record } = heads[first] as Head;
    yield record;
    const next = await nextOf(source);
    if (next === undefined) heads.splice(first, 1);
    else heads[first] = next;
  }
}

/** As they come: for following. The first source that fails ends it. */
export async function* inOrderOfArrival(
  sources: readonly Source[],
): AsyncGenerator<ReceivedRecord> {
  const waiting = new Map(sources.map((source) => [source, taggedNext(source)]));
  while (waiting.size > 0) {
    const { source, head } = await Promise.race(waiting.values());
    if (head === undefined) {
      waiting.delete(source);
      continue;
    }
    yield head.record;
    waiting.set(source, taggedNext(source));
  }
}

async function taggedNext(source: Source): Promise<{ source: Source; head: Head | undefined }> {
  return { source, head: await nextOf(source) };
}

async function nextOf(source: Source): Promise<Head | undefined> {
  const { value, done } = await source.next();
  return done === true ? undefined : { source, record: value };
}

function isBefore({ fields: a }: ReceivedRecord, { fields: b }: ReceivedRecord): boolean {
  return a.timestamp === b.timestamp ? a.partition < b.partition : a.timestamp < b.timestamp;
}
