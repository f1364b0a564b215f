/**
 * Many partitions over few connections: each is read up to its end, one after another, and to
 * follow them those that have grown are read again, after a pause. Following all of them at once
 * would take a connection for each, from the server as well.
 */
import type { PartitionAnswer } from '../client/client.ts';
import type { ReceivedRecord, RecordGroup } from '../client/record-stream.ts';

const POLL_MS = 500;

export interface Partitions {
  /** As they are now; rejects when the following should end. */
  list(): Promise<readonly Pick<PartitionAnswer, 'partition' | 'end_offset'>[]>;
  /** Up to the end that it has now. */
  read(partition: number, offset: string): AsyncIterable<RecordGroup>;
  /** Resolves after so many milliseconds, or when the following should end. */
  pause(delayMs: number): Promise<void>;
}

/** Partitions that are added later are followed from their beginning. */
export async function* oneAfterAnother(
  partitions: Partitions,
  { start, follow }: { readonly start: string; readonly follow: boolean },
): AsyncGenerator<RecordGroup> {
  const positions = new Map<number, number>();
  let from = start;
  for (;;) {
    for (const { partition, end_offset: end } of await partitions.list()) {
      const position = positions.get(partition);
      if (position !== undefined && position >= end) continue;
      // Where there is nothing to give now, what comes from here on is to be given later.
      let next = end;
      for await (const group of partitions.read(partition, String(position ?? from))) {
        yield group;
        next = (group.at(-1) as ReceivedRecord).fields.offset + 1;
      }
      positions.set(partition, next);
    }
    if (!follow) return;
    from = 'earliest';
    await partitions.pause(POLL_MS);
  }
}
