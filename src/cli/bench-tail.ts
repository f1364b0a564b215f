/** Follows a load while it is written, and measures how long a record takes to come out again. */
import type { Ends, ReadMeans } from './bench-read.ts';
import { writtenBy } from './bench-records.ts';
import type { Latencies } from './latencies.ts';

export interface Tail {
  /** Resolves when every acknowledged record has been read, or no more will be. */
  readonly done: (to: Ends) => Promise<void>;
  readonly stop: () => void;
}

export function followLoad(means: ReadMeans, from: Ends, latencies: Latencies): Tail {
  const { client, io, topic, run, check } = means;
  const ending = new AbortController();
  const signal = AbortSignal.any([io.interrupted, ending.signal]);
  let wanted: Ends | undefined;
  const positions = new Map(from);
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const look = (): void => {
    const isThere = ([partition, end]: [number, number]): boolean =>
      (positions.get(partition) ?? 0) >= end;
    if (wanted !== undefined && [...wanted].every(isThere)) arrive();
  };
  const follow = async (partition: number, offset: number): Promise<void> => {
    const query = { offset: String(offset), follow: true, format: 'json', signal } as const;
    for await (const group of client.records(topic, partition, query)) {
      const nowMs = io.now();
      for (const { fields } of group) {
        const record = writtenBy(run, (fields as { value?: unknown }).value);
        positions.set(partition, fields.offset + 1);
        if (record === undefined) continue;
        check.read(partition, fields.offset, record);
        latencies.add(nowMs - record.sentMs);
      }
      look();
    }
  };
  const readers = Promise.all([...from].map(([partition, offset]) => follow(partition, offset)));
  // A reader that fails must not go unheard before anybody waits for it.
  readers.catch(() => {});
  return {
    done: async (to) => {
      wanted = to;
      look();
      await Promise.race([arrived, readers]);
    },
    stop: () => ending.abort(),
  };
}
