import { expect, test } from 'vitest';
import { baseOffsetAt } from '../../src/codec/batch-header.ts';
import { findBatch } from '../../src/storage/batch-search.ts';
import type { FileHandle } from '../../src/storage/files.ts';
import { placedBatch, placedRun } from '../support/placed-batches.ts';

type IsWanted = (buffer: Buffer, at: number) => boolean;

function find(content: Buffer, from: number, isWanted: IsWanted = () => true) {
  const file: Pick<FileHandle, 'read'> = {
    read: async (into, position) => content.copy(into, 0, position, position + into.length),
  };
  return findBatch(file as FileHandle, { from, to: content.length, isWanted });
}

const GARBAGE = Buffer.alloc(1_100_000, 2);

test('the first whole batch is found, also far behind bytes that look like the middle of one', async () => {
  const content = Buffer.concat([GARBAGE, placedRun(5, 2)]);
  expect(await find(content, 0)).toBe(GARBAGE.length);
  const length = placedRun(5, 1).length;
  expect(await find(content, GARBAGE.length + 1)).toBe(GARBAGE.length + length);
  expect(await find(content, GARBAGE.length + length + 1)).toBeUndefined();
});

test('one whose bytes have changed is none, nor one that is not wanted', async () => {
  const content = placedRun(5, 2);
  const each = content.length / 2;
  content.writeUInt8(content.readUInt8(70) ^ 1, 70);
  expect(await find(content, 0)).toBe(each);
  expect(await find(content, 0, (buffer, at) => baseOffsetAt(buffer, at) > 6)).toBeUndefined();
});

test('too many imitations leave it undecided, instead of checking them all', async () => {
  // Each claims to be the rest of the file, and none has a CRC that fits.
  const header = placedBatch({ baseOffset: 1, texts: ['x'] }).subarray(0, 61);
  const content = Buffer.alloc(4_000_000);
  for (let at = 0; at + 61 < 100_000; at += 61) {
    header.copy(content, at);
    content.writeInt32BE(content.length - at - 12, at + 8);
  }
  expect(await find(content, 0)).toBe('undecided');
});
