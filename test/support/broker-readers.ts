/** Clients of a simulated broker that read records and offsets, here and there or everything. */
import { batchBytesAt } from '../../src/codec/batch-header.ts';
import { recordsOf } from '../../src/codec/batch-reader.ts';
import { crc32c } from '../../src/codec/crc32c.ts';
import { batchesIn } from './batches.ts';
import { GROUPS } from './broker-members.ts';
import { TOPICS } from './broker-plan.ts';
import type { Step } from './broker-plan.ts';
import { knownTopic } from './broker-world.ts';
import type { World } from './broker-world.ts';
import type { Answer, Place, ShownRecord } from './history.ts';

const MAX_BYTES = 1_000_000;

/** From somewhere between the first offset kept and the end. */
export async function fetchSomewhere(world: World, step: Step): Promise<void> {
  const { logStartOffset, highWatermark } = await boundsOf(world, step);
  const span = highWatermark - logStartOffset;
  const offset = logStartOffset + Math.floor(step.draw * (span + 1));
  await fetch(world, step.client, { ...step, offset, maxBytes: step.bytes * 10 });
}

/** At the end, where there is nothing yet. */
export async function waitForRecords(world: World, step: Step): Promise<void> {
  const { highWatermark: offset } = await boundsOf(world, step);
  await fetch(world, step.client, { ...step, offset, maxWaitMs: 500 });
}

export async function deleteRecords(world: World, step: Step): Promise<void> {
  const { logStartOffset, highWatermark } = await boundsOf(world, step);
  const span = highWatermark - logStartOffset;
  const before = step.draw < 0.1 ? -1 : logStartOffset + Math.floor(step.draw * (span + 1));
  await world.askAt(step.client, step, (place) => ({
    ask: { kind: 'delete records', place, before },
    call: async () => ({
      kind: 'log start',
      offset: await world.broker.deleteRecords(place.topic, place.partition, before),
    }),
  }));
}

export async function listTopics(world: World, client: string): Promise<Answer> {
  return world.ask(client, { kind: 'list topics' }, async () => ({
    kind: 'topics',
    topics: (await world.broker.listTopics()).map(knownTopic),
  }));
}

export async function fetchOffsets(world: World, client: string, group: string): Promise<void> {
  await world.ask(client, { kind: 'fetch offsets', group }, async () => {
    const before = await Promise.all(TOPICS.map((topic) => world.seen(topic)));
    const found = await world.broker.fetchOffsets(group);
    const after = await Promise.all(TOPICS.map((topic) => world.seen(topic)));
    const places = TOPICS.flatMap((topic, at) => {
      const { topicId = '', partitionCount = 0 } = before[at] ?? {};
      if (topicId === '' || after[at]?.topicId !== topicId) return [];
      return Array.from({ length: partitionCount }, (_, partition) => {
        const isIt = (each: Omit<Place, 'topicId'>): boolean =>
          each.topic === topic && each.partition === partition;
        return { place: { topic, topicId, partition }, value: found.find(isIt)?.metadata };
      });
    });
    return { kind: 'offsets', places };
  });
}

/** Everything there is. */
export async function look(world: World): Promise<void> {
  const listed = await listTopics(world, 'look');
  for (const { topic, partitions } of listed.kind === 'topics' ? listed.topics : []) {
    for (let partition = 0; partition < partitions; partition += 1) {
      await readAll(world, { topic, partition });
    }
  }
  for (const group of GROUPS) await fetchOffsets(world, 'look', group);
}

async function readAll(
  world: World,
  at: { readonly topic: string; readonly partition: number },
): Promise<void> {
  let { logStartOffset: offset } = await boundsOf(world, at);
  for (;;) {
    const answer = await fetch(world, 'look', { ...at, offset, maxBytes: MAX_BYTES });
    const last = answer.kind === 'fetched' ? answer.records.at(-1) : undefined;
    if (last === undefined) return;
    offset = last.offset + 1;
  }
}

interface Wanted {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes?: number;
  readonly maxWaitMs?: number;
}

function fetch(world: World, client: string, wanted: Wanted): Promise<Answer> {
  const { offset, maxBytes = MAX_BYTES, maxWaitMs = 0 } = wanted;
  return world.askAt(client, wanted, (place) => ({
    ask: { kind: 'fetch', place, offset },
    call: async () => {
      const wasOnline = world.isOnline(place);
      const [result] = await world.broker.fetch({
        partitions: [{ topic: place.topic, partition: place.partition, offset, maxBytes }],
        minBytes: 1,
        maxBytes,
        maxWaitMs,
      });
      if (result === undefined) return { kind: 'broken', reason: 'no result' };
      const { logStartOffset, highWatermark, batches, error } = result;
      const isOnline = wasOnline && world.isOnline(place);
      const records = await shownIn(batches);
      const code = error?.code;
      if (code === 'UNKNOWN_TOPIC_OR_PARTITION') return { kind: 'refused', code };
      const bounds = { logStartOffset, highWatermark, isOnline, records };
      return { kind: 'fetched', ...bounds, ...(code !== undefined && { code }) };
    },
  }));
}

async function shownIn(batches: Uint8Array): Promise<ShownRecord[]> {
  const shown: ShownRecord[] = [];
  for (const batch of batchesIn(batches)) {
    const crc = crc32c(batch.subarray(0, batchBytesAt(batch, 0)));
    const read = recordsOf(batch);
    for (const { offset, value } of read instanceof Promise ? await read : read) {
      shown.push({ offset, text: String(value), crc });
    }
  }
  return shown;
}

async function boundsOf(
  { broker }: World,
  { topic, partition }: { readonly topic: string; readonly partition: number },
): Promise<{ readonly logStartOffset: number; readonly highWatermark: number }> {
  try {
    const described = await broker.describePartitions(topic);
    return described[partition % described.length] ?? { logStartOffset: 0, highWatermark: 0 };
  } catch {
    return { logStartOffset: 0, highWatermark: 0 };
  }
}
