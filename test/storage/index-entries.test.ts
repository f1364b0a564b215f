import { describe, expect, test } from 'vitest';
import { IndexEntries } from '../../src/storage/index-entries.ts';

/** Entries of four bytes that say their own number. */
function entriesOf(count: number): IndexEntries {
  const entries = new IndexEntries(4, Buffer.alloc(0));
  addUpTo(entries, count);
  return entries;
}

function addUpTo(entries: IndexEntries, count: number): void {
  for (let number = entries.count; number < count; number += 1) {
    const at = entries.add();
    entries.buffer.writeUInt32BE(number, at);
  }
}

function numbersIn(stored: Buffer): number[] {
  return Array.from({ length: stored.length / 4 }, (_, index) => stored.readUInt32BE(index * 4));
}

describe('index entries', () => {
  test('stand one behind the other, however often their buffer grows', () => {
    const entries = entriesOf(100);
    expect(entries).toMatchObject({ count: 100, bytes: 400 });
    expect(numbersIn(entries.stored)).toEqual([...Array(100).keys()]);
  });

  test('are none at first', () => {
    const entries = entriesOf(0);
    expect(entries).toMatchObject({ count: 0, bytes: 0 });
    expect(entries.stored).toHaveLength(0);
  });

  test('go on behind those that were stored', () => {
    const entries = new IndexEntries(4, Buffer.from(entriesOf(3).stored));
    addUpTo(entries, 5);
    expect(numbersIn(entries.stored)).toEqual([0, 1, 2, 3, 4]);
  });

  test('never change a file form that was given out, while there is room and when there is none', () => {
    const entries = entriesOf(1);
    const { buffer, stored } = entries;
    addUpTo(entries, 2);
    expect(entries.buffer).toBe(buffer);
    addUpTo(entries, 1_000);
    expect(entries.buffer).not.toBe(buffer);
    expect(numbersIn(stored)).toEqual([0]);
  });

  test('are whole: half of one is refused', () => {
    expect(() => new IndexEntries(4, Buffer.alloc(6))).toThrow();
  });
});
