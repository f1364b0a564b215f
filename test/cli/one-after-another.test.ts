import { beforeEach, describe, expect, it } from 'vitest';
import { oneAfterAnother } from '../../src/cli/one-after-another.ts';
import type { Partitions } from '../../src/cli/one-after-another.ts';
import type { RecordGroup } from '../../src/client/record-stream.ts';

/** The end offset of each partition. */
let ends: number[];
let reads: string[];
/** What happens in each pause, in turn; the following ends when there is nothing left. */
let pauses: (() => void)[];

beforeEach(() => {
  ends = [];
  reads = [];
  pauses = [];
});

const partitions: Partitions = {
  async list() {
    return ends.map((end, partition) => ({ partition, end_offset: end }));
  },
  async *read(partition, offset): AsyncGenerator<RecordGroup> {
    reads.push(`${partition} from ${offset}`);
    const end = ends[partition] as number;
    const tail = /^-(\d+)$/.exec(offset)?.[1];
    let next = offset === 'earliest' ? 0 : offset === 'latest' ? end : Number(offset);
    if (tail !== undefined) next = Math.max(0, end - Number(tail));
    for (; next < end; next += 1) {
      const fields = { partition, offset: next, timestamp: 0 };
      yield [{ fields, json: `${partition}/${next}` }];
    }
  },
  async pause(delayMs) {
    expect(delayMs).toBe(500);
    const act = pauses.shift();
    if (act === undefined) throw new Error('interrupted');
    act();
  },
};

async function read(start: string, follow: boolean): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const group of oneAfterAnother(partitions, { start, follow })) {
      names.push(...group.map(({ json }) => json));
    }
  } catch (error) {
    names.push((error as Error).message);
  }
  return names;
}

it('reads each partition to its end, in turn', async () => {
  ends = [2, 0, 1];
  expect(await read('earliest', false)).toEqual(['0/0', '0/1', '2/0']);
});

it('begins where it is told to in each', async () => {
  ends = [3, 5];
  expect(await read('-2', false)).toEqual(['0/1', '0/2', '1/3', '1/4']);
});

describe('to follow', () => {
  it('reads again only what has grown, from where it was', async () => {
    ends = [1, 2];
    pauses = [() => {}, () => (ends = [1, 4])];
    expect(await read('earliest', true)).toEqual([
      '0/0',
      '1/0',
      '1/1',
      '1/2',
      '1/3',
      'interrupted',
    ]);
    expect(reads).toEqual(['0 from earliest', '1 from earliest', '1 from 2']);
  });

  it('misses nothing that came while a partition had nothing to give', async () => {
    ends = [3];
    pauses = [() => (ends = [5])];
    expect(await read('latest', true)).toEqual(['0/3', '0/4', 'interrupted']);
  });

  it('takes a partition that was added from its beginning', async () => {
    ends = [1];
    pauses = [() => (ends = [1, 2])];
    expect(await read('latest', true)).toEqual(['1/0', '1/1', 'interrupted']);
  });
});
