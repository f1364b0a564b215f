import { describe, expect, test } from 'vitest';
import { batchFault, leaderEpochAt } from '../../src/codec/batch-header.ts';
import { BatchCopies } from '../../src/codec/batch-copies.ts';
import { BATCH_COPY_BYTES } from '../../src/model/limits.ts';
import { batchesIn, recordsIn, textsOf } from '../support/batches.ts';
import { storedBatch, storedValues, valued } from '../support/stored-records.ts';

function all(copies: BatchCopies): Buffer {
  const parts: Buffer[] = [];
  for (let part = copies.next(); part !== undefined; part = copies.next()) parts.push(part);
  return Buffer.concat(parts);
}

const BATCHES = storedValues(['0', '1', '2'], ['3'], ['4', '5']);

test('whole batches leave, the first from below the offset, and the next offset is behind them', async () => {
  const copies = new BatchCopies(BATCHES, 2);
  const bytes = all(copies);
  expect(bytes.equals(BATCHES)).toBe(true);
  expect(copies).toMatchObject({ bytes: BATCHES.length, nextOffset: 6 });
  expect(textsOf(await recordsIn(bytes))).toEqual(['0', '1', '2', '3', '4', '5']);
});

describe('the number of records', () => {
  test.each([
    [1, 3],
    [2, 4],
    [3, 6],
    [99, 6],
  ])('%d from offset 2 on ends the answer before offset %d', (recordsMax, nextOffset) => {
    expect(new BatchCopies(BATCHES, 2, recordsMax).nextOffset).toBe(nextOffset);
  });
});

test('nothing is nothing, and the next offset stays', () => {
  const copies = new BatchCopies(new Uint8Array(0), 7);
  expect(copies).toMatchObject({ bytes: 0, nextOffset: 7 });
  expect(copies.next()).toBeUndefined();
});

test('every copy that leaves has leader epoch 0, and what is shared stays as it is', () => {
  const shared = Buffer.concat([
    storedBatch([valued('a')], { leaderEpoch: 0 }),
    storedBatch([valued('b')], { baseOffset: 1, leaderEpoch: 1 }),
    storedBatch([valued('c')], { baseOffset: 2, leaderEpoch: 2 }),
  ]);
  const before = Buffer.from(shared);
  const copies = batchesIn(all(new BatchCopies(shared, 0)));
  expect(copies.map((copy) => leaderEpochAt(copy, 0))).toEqual([0, 0, 0]);
  for (const copy of copies) expect(batchFault(copy, 0, copy.length)).toBeUndefined();
  expect(shared.equals(before)).toBe(true);
});

test('a turn copies whole batches of about a bounded size', () => {
  const large = 'x'.repeat(BATCH_COPY_BYTES / 2);
  const copies = new BatchCopies(storedValues([large], [large], [large], ['a']), 0);
  expect(batchesIn(copies.next() as Buffer)).toHaveLength(2);
  expect(batchesIn(copies.next() as Buffer)).toHaveLength(2);
  expect(copies.next()).toBeUndefined();
});
