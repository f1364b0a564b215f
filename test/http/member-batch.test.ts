import { expect, test } from 'vitest';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { Inflater } from '../../src/http/inflater.ts';
import { MemberBatch } from '../../src/http/member-batch.ts';
import type { PartitionRead } from '../../src/membership/assigned-read.ts';
import { ANSWER_CHUNK_BYTES } from '../../src/model/limits.ts';
import { storedValues } from '../support/stored-records.ts';

const inflater = new Inflater(new FetchBudget());

function batchOf(...partitions: readonly Partial<PartitionRead>[]): MemberBatch {
  const read = partitions.map((each, partition) => ({
    topic: 't',
    topicId: '0f8fad5b-d9cb-469f-a165-70867728950e',
    partition,
    offset: 0,
    committed: undefined,
    batches: new Uint8Array(0),
    logStartOffset: 0,
    highWatermark: 9,
    ...each,
  }));
  const cursor = {
    group: 'g',
    subscription: { kind: 'topics', topics: ['t'] },
    autoOffsetReset: 'earliest',
    fingerprint: 0,
    assigned: [],
    generation: 1,
    positions: [],
  } as const;
  return new MemberBatch({ partitions: read, reset: [], assignment: [], cursor }, 'json', inflater);
}

async function chunksOf(batch: MemberBatch): Promise<string[]> {
  const chunks: string[] = [];
  for (let chunk = await batch.next(); chunk !== undefined; chunk = await batch.next()) {
    chunks.push(chunk.toString());
  }
  return chunks;
}

function placesOf(chunks: readonly string[]): [number, number][] {
  const frames = chunks.join('').split('\n\n').slice(0, -1);
  return frames.map((frame) => {
    const [event, data = ''] = frame.split('\n');
    expect(event).toBe('event: record');
    const { partition, offset } = JSON.parse(data.slice('data: '.length)) as {
      partition: number;
      offset: number;
    };
    return [partition, offset];
  });
}

test('each record is an event of its own, partition by partition, and has no id', async () => {
  const batch = batchOf({ batches: storedValues(['1', '2']) }, { batches: storedValues(['3']) });
  const chunks = await chunksOf(batch);
  expect(placesOf(chunks)).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
  ]);
  expect(chunks.join('')).not.toContain('id:');
});

test('the positions stand behind what was shown, and where nothing was they stay', async () => {
  const batch = batchOf({ batches: storedValues(['1', '2']) }, { offset: 5 });
  await chunksOf(batch);
  expect(batch.positions.map(({ partition, offset }) => [partition, offset])).toEqual([
    [0, 2],
    [1, 5],
  ]);
});

test('nothing below the offset or the log start is shown', async () => {
  const batches = storedValues(['1', '2', '3']);
  const batch = batchOf({ batches, offset: 1 }, { batches, logStartOffset: 2 });
  expect(placesOf(await chunksOf(batch))).toEqual([
    [0, 1],
    [0, 2],
    [1, 2],
  ]);
});

test('a value with line breaks stays one line of data', async () => {
  const [frame = ''] = await chunksOf(batchOf({ batches: storedValues(['{\n "a":\n1}']) }));
  expect(frame.split('\n')).toHaveLength(4);
});

test('much comes in bounded chunks', async () => {
  const long = JSON.stringify('x'.repeat(ANSWER_CHUNK_BYTES / 2));
  const chunks = await chunksOf(batchOf({ batches: storedValues([long, long], [long, long]) }));
  expect(placesOf(chunks)).toHaveLength(4);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(2 * ANSWER_CHUNK_BYTES);
});

test('an empty read is over at once', async () => {
  expect(await batchOf().next()).toBeUndefined();
  expect(await batchOf({}).next()).toBeUndefined();
});
