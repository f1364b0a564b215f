import { unpack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { Inflater } from '../../src/http/inflater.ts';
import { memberAnswer } from '../../src/http/member-answers.ts';
import type { MemberAnswerWish, MemberReadType } from '../../src/http/member-answers.ts';
import { MEMBER_READ_TYPES } from '../../src/http/member-answers.ts';
import type { PartitionRead } from '../../src/membership/assigned-read.ts';
import type { Cursor } from '../../src/membership/cursor.ts';
import { decodeCursor } from '../../src/membership/cursor.ts';
import type { MemberRead } from '../../src/membership/read.ts';
import { ANSWER_CHUNK_BYTES, CURSOR_LENGTH_MAX } from '../../src/model/limits.ts';
import { storedValues } from '../support/stored-records.ts';

const inflater = new Inflater(new FetchBudget());

const TOPIC_ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const CURSOR: Cursor = {
  group: 'g',
  subscription: { kind: 'topics', topics: ['t'] },
  autoOffsetReset: 'earliest',
  fingerprint: 7,
  assigned: [],
  generation: 3,
  positions: [],
};

/** Partition 0 has three records, partition 1 two. */
function partition(number: number, more: Partial<PartitionRead> = {}): PartitionRead {
  return {
    topic: 't',
    topicId: TOPIC_ID,
    partition: number,
    offset: 0,
    committed: undefined,
    batches: number === 0 ? storedValues(['0'], ['1', '2']) : storedValues(['3', '4']),
    logStartOffset: 0,
    highWatermark: 3,
    ...more,
  };
}

function readOf(
  partitions: readonly PartitionRead[] = [partition(0), partition(1)],
  reset: MemberRead['reset'] = [],
): MemberRead {
  return { partitions, reset, cursor: CURSOR, assignment: [{ topic: 't', partitions: [0, 1] }] };
}

interface Shown {
  readonly records: readonly { readonly partition: number; readonly offset: number }[];
  readonly cursor: string;
  readonly generation?: number;
  readonly reset?: unknown;
}

async function shown(
  type: MemberReadType,
  read: MemberRead,
  wish: Partial<MemberAnswerWish> = {},
): Promise<Shown> {
  const whole = { generation: 4, recordsMax: 100, inflater, format: 'json', ...wish } as const;
  const answer = await memberAnswer(type, read, whole);
  expect(answer.contentType.split(';')[0]).toBe(type);
  const bytes = Buffer.concat(answer.parts);
  return (type === 'application/json' ? JSON.parse(bytes.toString()) : unpack(bytes)) as Shown;
}

function placesOf({ records }: Shown): (readonly [number, number])[] {
  return records.map((each) => [each.partition, each.offset]);
}

/** Partition and offset of what the cursor carries. */
function positionsOf({ cursor }: Shown): (readonly [number, number])[] {
  const { positions } = decodeCursor(cursor, { group: 'g', lengthMax: CURSOR_LENGTH_MAX });
  return positions.map((each) => [each.partition, each.offset]);
}

describe.each(MEMBER_READ_TYPES)('an answer of %s', (type) => {
  test('has the records of all partitions, and a cursor behind them', async () => {
    const answer = await shown(type, readOf());
    expect(placesOf(answer)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
    ]);
    expect(positionsOf(answer)).toEqual([
      [0, 3],
      [1, 2],
    ]);
  });

  test.each<[number, number[]]>([
    [1, [1, 0]],
    [2, [2, 0]],
    [3, [3, 0]],
    [4, [3, 1]],
    [5, [3, 2]],
  ])('of at most %i records stands at %j', async (recordsMax, expected) => {
    const answer = await shown(type, readOf(), { recordsMax });
    expect(answer.records).toHaveLength(recordsMax);
    expect(positionsOf(answer).map(([, offset]) => offset)).toEqual(expected);
  });

  test('carries no position that is the committed one', async () => {
    const still = partition(0, { offset: 3, committed: 3, batches: new Uint8Array(0) });
    expect(positionsOf(await shown(type, readOf([partition(1), still])))).toEqual([[1, 2]]);
  });

  test('keeps what the cursor said, with the share and the generation of now', async () => {
    const { cursor } = await shown(type, readOf());
    const made = decodeCursor(cursor, { group: 'g', lengthMax: CURSOR_LENGTH_MAX });
    const assigned = [{ topic: 't', partitions: [0, 1] }];
    expect(made).toMatchObject({ ...CURSOR, assigned, generation: 4, positions: made.positions });
  });

  test('may be empty', async () => {
    const answer = await shown(type, readOf([]));
    expect(answer).toEqual({ records: [], cursor: expect.any(String), generation: 4 });
  });

  test('says where the read jumped', async () => {
    const reset = [
      { topic: 't', partition: 1, from: 0, to: 70_000 },
      { topic: 'u', partition: 200, from: 2 ** 20, to: 5 },
    ];
    expect((await shown(type, readOf([partition(0)], reset))).reset).toEqual(reset);
  });

  test('has two members where nobody is a member and nothing jumped', async () => {
    const answer = await shown(type, readOf(), { generation: undefined });
    expect(Object.keys(answer)).toEqual(['records', 'cursor']);
    const jumped = readOf([], [{ topic: 't', partition: 0, from: 0, to: 1 }]);
    expect(Object.keys(await shown(type, jumped, { generation: undefined }))).toEqual([
      'records',
      'cursor',
      'reset',
    ]);
  });

  test('of many chunks is whole', async () => {
    const long = JSON.stringify('x'.repeat(ANSWER_CHUNK_BYTES / 3));
    const batches = storedValues([long, long, long, long], [long, long, long]);
    const answer = await shown(type, readOf([partition(0, { batches }), partition(1)]));
    expect(answer.records).toHaveLength(9);
  });
});
