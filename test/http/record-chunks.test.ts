import { describe, expect, test } from 'vitest';
import { compressedBatch } from '../support/compressed-frames.ts';
import { batchesIn } from '../support/batches.ts';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { Inflater } from '../../src/http/inflater.ts';
import { allChunks, RecordChunks, withoutFirstComma } from '../../src/http/record-chunks.ts';
import type { RecordSpan } from '../../src/http/record-chunks.ts';
import type { RecordFormat, RecordView } from '../../src/http/record-view.ts';
import { ANSWER_CHUNK_BYTES } from '../../src/model/limits.ts';
import { gzipped, storedBatch, storedValues, valued } from '../support/stored-records.ts';

const inflater = new Inflater(new FetchBudget());

/** Values with a comma behind each. */
const VALUES: RecordFormat = { write: valueOf, writeChecked: undefined };

function valueOf({ text, at }: RecordView): string {
  return `${text.slice(at.valueStart, at.valueEnd)},`;
}

interface Written {
  readonly text: string;
  readonly nextOffset: number;
  readonly recordCount: number;
}

async function write(
  span: Omit<RecordSpan, 'inflater'> & Partial<RecordSpan>,
  format = VALUES,
): Promise<Written> {
  const chunks = new RecordChunks({ inflater, ...span }, format);
  const text = Buffer.concat(await allChunks(chunks)).toString();
  return { text, nextOffset: chunks.nextOffset, recordCount: chunks.recordCount };
}

const BATCHES = storedValues(['0', '1', '2'], ['3'], ['4', '5', '6', '7']);

describe('which records are shown', () => {
  test('all of them, and the next offset is the one behind', async () => {
    expect(await write({ batches: BATCHES, from: 0 })).toEqual({
      text: '0,1,2,3,4,5,6,7,',
      nextOffset: 8,
      recordCount: 8,
    });
  });

  test('none below the offset asked for, though the batch begins below it', async () => {
    expect(await write({ batches: BATCHES, from: 2 })).toMatchObject({ text: '2,3,4,5,6,7,' });
  });

  test('none at or above the end', async () => {
    for (const [to, text] of [
      [5, '2,3,4,'],
      [4, '2,3,'],
      [3, '2,'],
      [2, ''],
    ] as const) {
      expect(await write({ batches: BATCHES, from: 2, to })).toMatchObject({
        text,
        nextOffset: to,
      });
    }
  });

  test('no more than asked for, and the next offset is right in the middle of a batch', async () => {
    for (let recordsMax = 1; recordsMax <= 6; recordsMax++) {
      const { recordCount, nextOffset } = await write({ batches: BATCHES, from: 2, recordsMax });
      expect([recordCount, nextOffset]).toEqual([recordsMax, 2 + recordsMax]);
    }
  });

  test('none of nothing, and the next offset stays', async () => {
    const span = { batches: new Uint8Array(0), from: 7 };
    expect(await write(span)).toEqual({ text: '', nextOffset: 7, recordCount: 0 });
  });

  test('none of batches that end below the offset asked for', async () => {
    expect(await write({ batches: BATCHES, from: 99 })).toMatchObject({ text: '', nextOffset: 99 });
  });

  test('those of compressed batches too', async () => {
    const values = ['a', 'b', 'c'].map((value) => valued(value));
    const batches = Buffer.concat([
      gzipped(storedBatch(values)),
      storedBatch(values, { baseOffset: 3 }),
    ]);
    expect(await write({ batches, from: 1 })).toEqual({
      text: 'b,c,a,b,c,',
      nextOffset: 6,
      recordCount: 5,
    });
  });
});

describe('chunks', () => {
  const long = 'x'.repeat(ANSWER_CHUNK_BYTES / 4);

  test('are bounded: one ends with the record that fills it', async () => {
    const batches = storedValues(
      Array.from({ length: 9 }, () => long),
      [long, long],
    );
    const chunks = await allChunks(new RecordChunks({ inflater, batches, from: 0 }, VALUES));
    expect(chunks.map((chunk) => chunk.length / (long.length + 1))).toEqual([4, 4, 3]);
  });

  test('leave the next offset right after each of them', async () => {
    const chunks = new RecordChunks(
      { inflater, batches: storedValues([long, long, long, long, long]), from: 0 },
      VALUES,
    );
    await chunks.next();
    expect([chunks.nextOffset, chunks.isOver]).toEqual([4, false]);
    await chunks.next();
    expect([chunks.nextOffset, chunks.isOver]).toEqual([5, true]);
    expect(await chunks.next()).toBeUndefined();
  });

  test('hold at least a record, however large', async () => {
    const batches = storedValues([long.repeat(9)], ['a']);
    const chunks = await allChunks(new RecordChunks({ inflater, batches, from: 0 }, VALUES));
    expect(chunks.map((chunk) => chunk.length)).toEqual([long.length * 9 + 1, 2]);
  });
});

test('an answer ends at the batch that there is no room to inflate', async () => {
  const [first, ...more] = batchesIn(BATCHES).map((each) => compressedBatch(each, 'gzip'));
  const batches = Buffer.concat([first as Buffer, ...more]);
  const small = new FetchBudget(2 * BATCHES.length - 1);
  const written = await write({ batches, from: 0, inflater: new Inflater(small) });
  expect(written).toEqual({ text: '0,1,2,3,', nextOffset: 4, recordCount: 4 });
  const rest = await write({
    batches,
    from: written.nextOffset,
    inflater: new Inflater(new FetchBudget(1)),
  });
  expect(rest).toMatchObject({ text: '4,5,6,7,', nextOffset: 8 });
});

describe('text that is not UTF-8', () => {
  const bytes = (...list: number[]) => valued(Buffer.from(list));

  function checking(): RecordFormat & { checked: number } {
    const format = {
      checked: 0,
      write: valueOf,
      writeChecked: (record: RecordView) => {
        format.checked++;
        return `(${record.offset}),`;
      },
    };
    return format;
  }

  test('makes its chunk be written once more, with every text checked', async () => {
    const format = checking();
    const batches = Buffer.concat([
      storedBatch([valued('a'), bytes(0xff)]),
      storedBatch([valued('b')], { baseOffset: 2 }),
    ]);
    expect(await write({ batches, from: 0 }, format)).toEqual({
      text: '(0),(1),(2),',
      nextOffset: 3,
      recordCount: 3,
    });
  });

  test('costs the other chunks nothing', async () => {
    const format = checking();
    const long = 'x'.repeat(ANSWER_CHUNK_BYTES);
    const batches = storedBatch([valued(long), bytes(0xff), valued('é')]);
    const chunks = await allChunks(new RecordChunks({ inflater, batches, from: 0 }, format));
    expect(chunks.map((chunk) => chunk.length)).toEqual([long.length + 1, '(1),(2),'.length]);
    expect(format.checked).toBe(2);
  });

  test('is found when two halves of a character meet across records', async () => {
    const format = checking();
    await write({ batches: storedBatch([bytes(0xc3), bytes(0xa9)]), from: 0 }, format);
    expect(format.checked).toBe(2);
  });
});

test('the first comma is taken off, and only that', () => {
  const texts = (list: readonly string[]) => list.map((text) => Buffer.from(text));
  expect(withoutFirstComma(texts([',a', ',b']))).toEqual(texts(['a', ',b']));
  expect(withoutFirstComma([])).toEqual([]);
});
