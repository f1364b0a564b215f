import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrderOfArrival, inOrderOfTime } from '../../src/cli/merge.ts';
import type { RecordGroup, ReceivedRecord } from '../../src/client/record-stream.ts';

function record(partition: number, offset: number, timestamp: number): ReceivedRecord {
  return { fields: { partition, offset, timestamp }, json: `${partition}/${offset}` };
}

/** A partition whose records, in groups, have these timestamps. */
async function* source(
  partition: number,
  ...groups: readonly (readonly number[])[]
): AsyncGenerator<RecordGroup> {
  let offset = 0;
  for (const timestamps of groups) {
    yield timestamps.map((timestamp) => record(partition, offset++, timestamp));
  }
}

async function namesOf(groups: AsyncIterable<RecordGroup>): Promise<string[]> {
  const names: string[] = [];
  for await (const group of groups) names.push(...group.map(({ json }) => json));
  return names;
}

function namesIn({ value, done }: IteratorResult<RecordGroup, void>): string[] | undefined {
  return done === true ? undefined : value.map(({ json }) => json);
}

describe('in order of time', () => {
  it('the earliest comes first, and of equals the lower partition', async () => {
    const sources = [source(1, [1, 4], [5]), source(0, [2], [4, 6])];
    expect(await namesOf(inOrderOfTime(sources))).toEqual([
      '1/0',
      '0/0',
      '0/1',
      '1/1',
      '1/2',
      '0/2',
    ]);
  });

  it('a partition keeps its order, also where its own times do not rise', async () => {
    const sources = [source(0, [9, 1, 5]), source(1, [2, 8])];
    expect(await namesOf(inOrderOfTime(sources))).toEqual(['1/0', '1/1', '0/0', '0/1', '0/2']);
  });

  it('one partition passes as it is, and none gives nothing', async () => {
    expect(await namesOf(inOrderOfTime([source(3, [5, 1], [7])]))).toEqual(['3/0', '3/1', '3/2']);
    expect(await namesOf(inOrderOfTime([source(0), source(1)]))).toEqual([]);
    expect(await namesOf(inOrderOfTime([]))).toEqual([]);
  });

  it('the failure of a partition comes behind what was merged before it', async () => {
    const failing = (async function* () {
      yield [record(0, 0, 1)];
      throw new Error('gone');
    })();
    const merged = inOrderOfTime([failing, source(1, [2])]);
    expect(namesIn(await merged.next())).toEqual(['0/0']);
    await expect(merged.next()).rejects.toThrow('gone');
  });

  it('is a sort, where the times of each partition rise', async () => {
    const rising = fc
      .array(fc.nat(50), { maxLength: 20 })
      .map((all) => all.toSorted((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(
        fc.array(rising, { maxLength: 5 }),
        fc.integer({ min: 1, max: 4 }),
        async (all, size) => {
          const sources = all.map((timestamps, partition) => {
            const groups = timestamps
              .map((_, at) => timestamps.slice(at, at + size))
              .filter((_, at) => at % size === 0);
            return source(partition, ...groups);
          });
          const expected = all
            .flatMap((timestamps, partition) =>
              timestamps.map((timestamp, offset) => record(partition, offset, timestamp)),
            )
            .sort((a, b) => a.fields.timestamp - b.fields.timestamp)
            .map(({ json }) => json);
          expect(await namesOf(inOrderOfTime(sources))).toEqual(expected);
        },
      ),
      { seed: 1 },
    );
  });
});

describe('in order of arrival', () => {
  /** A partition that gives a group when the test says so. */
  function live(partition: number) {
    const waiting: ((step: { at?: number; error?: Error }) => void)[] = [];
    let offset = 0;
    const stream = (async function* (): AsyncGenerator<RecordGroup> {
      for (;;) {
        const step = await new Promise<{ at?: number; error?: Error }>((resolve) => {
          waiting.push(resolve);
        });
        if (step.error !== undefined) throw step.error;
        if (step.at === undefined) return;
        yield [record(partition, offset++, step.at)];
      }
    })();
    const asked = async () => {
      while (waiting.length === 0) await new Promise(setImmediate);
      return waiting.shift() as (step: { at?: number; error?: Error }) => void;
    };
    return {
      stream,
      give: async (at: number) => (await asked())({ at }),
      end: async () => (await asked())({}),
      fail: async (message: string) => (await asked())({ error: new Error(message) }),
    };
  }

  it('no partition waits for another', async () => {
    const [a, b] = [live(0), live(1)];
    const merged = inOrderOfArrival([a.stream, b.stream]);
    const next = async () => namesIn(await merged.next());
    const nextAfter = async (act: Promise<void>) => {
      const pending = next();
      await act;
      return pending;
    };
    expect(await nextAfter(b.give(9))).toEqual(['1/0']);
    expect(await nextAfter(b.give(9))).toEqual(['1/1']);
    expect(await nextAfter(a.give(1))).toEqual(['0/0']);
    expect(await nextAfter(a.end().then(() => b.give(9)))).toEqual(['1/2']);
    expect(await nextAfter(b.end())).toBeUndefined();
  });

  it('what arrived before a failure is given before it', async () => {
    const [a, b] = [live(0), live(1)];
    const merged = inOrderOfArrival([a.stream, b.stream]);
    const first = merged.next();
    await a.give(1);
    await b.fail('gone');
    expect(namesIn(await first)).toEqual(['0/0']);
    await expect(merged.next()).rejects.toThrow('gone');
  });

  it('a reader that leaves is not disturbed by a failure behind its back', async () => {
    const [a, b] = [live(0), live(1)];
    const merged = inOrderOfArrival([a.stream, b.stream]);
    const first = merged.next();
    await a.give(1);
    await first;
    await merged.return(undefined);
    await b.fail('ended');
    await new Promise(setImmediate);
  });

  it('a busy partition leaves nothing behind at an idle one', async () => {
    const idle = live(0);
    const busy = (async function* (): AsyncGenerator<RecordGroup> {
      for (let offset = 0; ; offset += 1) yield [record(1, offset, 0)];
    })();
    const merged = inOrderOfArrival([idle.stream, busy]);
    for (let round = 0; round < 20_000; round += 1) await merged.next();
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 200_000; round += 1) await merged.next();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
  });
});
