/**
 * The reading half of a load: every partition from where the load began, each over a stream of its
 * own, and each record is shown to the check.
 */
import type { Client, PartitionAnswer } from '../client/client.ts';
import type { BenchCheck } from './bench-check.ts';
import { writtenBy } from './bench-records.ts';
import type { CliIo } from './io.ts';
import { Progress } from './progress.ts';

export interface ReadMeans {
  readonly client: Client;
  readonly io: CliIo;
  readonly topic: string;
  readonly run: string;
  readonly check: BenchCheck;
}

/** The end offset of each partition, by its number. */
export type Ends = ReadonlyMap<number, number>;

export function endsOf(partitions: readonly PartitionAnswer[]): Ends {
  return new Map(partitions.map(({ partition, end_offset: end }) => [partition, end]));
}

/** Reads all records between two looks at a topic; resolves with how long that took. */
export async function readLoad(
  means: ReadMeans,
  { from, to }: { readonly from: Ends; readonly to: Ends },
): Promise<number> {
  const { io } = means;
  const progress = new Progress(io, sizeBetween(from, to));
  const beganMs = io.now();
  let read = 0;
  const ending = new AbortController();
  const signal = AbortSignal.any([io.interrupted, ending.signal]);
  try {
    await Promise.all(
      [...to].map(([partition, end]) =>
        readPartition(
          means,
          { partition, from: from.get(partition) ?? 0, end, signal },
          (count) => {
            read += count;
            progress.update(read, read);
          },
        ),
      ),
    );
  } finally {
    ending.abort();
    progress.clear();
  }
  return io.now() - beganMs;
}

/** Records between two looks. */
export function sizeBetween(from: Ends, to: Ends): number {
  let size = 0;
  for (const [partition, end] of to) size += end - (from.get(partition) ?? 0);
  return size;
}

interface PartRead {
  readonly partition: number;
  readonly from: number;
  readonly end: number;
  readonly signal: AbortSignal;
}

async function readPartition(
  { client, topic, run, check }: ReadMeans,
  { partition, from, end, signal }: PartRead,
  took: (count: number) => void,
): Promise<void> {
  if (from >= end) return;
  const query = { offset: String(from), follow: false, format: 'json', signal } as const;
  for await (const group of client.records(topic, partition, query)) {
    for (const { fields } of group) {
      const record = writtenBy(run, (fields as { value?: unknown }).value);
      if (record !== undefined) check.read(partition, fields.offset, record);
    }
    took(group.length);
    if ((group.at(-1)?.fields.offset ?? 0) + 1 >= end) return;
  }
}
