import { describe, expect, test } from 'vitest';
import { examineSegment } from '../../../src/storage/doctor/examine-segment.ts';
import type { FileHandle } from '../../../src/storage/files.ts';
import { placedBatch, placedRun } from '../../support/placed-batches.ts';

const EACH = placedRun(0, 1).length;

async function examine(content: Buffer, offsetEnd?: number) {
  const file: Pick<FileHandle, 'read'> = {
    read: async (into, from) => content.copy(into, 0, from, from + into.length),
  };
  const visited: number[] = [];
  const question = { from: 0, to: content.length, offset: 0, offsetEnd };
  const reading = await examineSegment(file as FileHandle, question, ({ baseOffset }) => {
    visited.push(baseOffset);
  });
  const sound = reading.sound.map(({ from, to, facts }) => [
    from,
    to,
    facts.baseOffset,
    facts.endOffset,
  ]);
  const bad = reading.bad.map(({ from, to, offsets }) => [from, to, offsets.from, offsets.to]);
  return { sound, bad, visited, fields: reading.bad.map(({ fault }) => fault.field) };
}

function spoiled(content: Buffer, ...at: number[]): Buffer {
  for (const each of at) content.writeUInt8(content.readUInt8(each) ^ 1, each);
  return content;
}

describe('a segment', () => {
  test('that is sound is one stretch, and an empty one is none', async () => {
    expect(await examine(placedRun(0, 3))).toMatchObject({ sound: [[0, 3 * EACH, 0, 3]], bad: [] });
    expect(await examine(Buffer.alloc(0))).toMatchObject({ sound: [], bad: [] });
  });

  test('with a bad batch is read on behind it', async () => {
    const found = await examine(spoiled(placedRun(0, 4), EACH + 70, 3 * EACH + 70), 4);
    expect(found.sound).toEqual([
      [0, EACH, 0, 1],
      [2 * EACH, 3 * EACH, 2, 3],
    ]);
    expect(found.bad).toEqual([
      [EACH, 2 * EACH, 1, 2],
      [3 * EACH, 4 * EACH, 3, 4],
    ]);
    expect(found.visited).toEqual([0, 2]);
  });

  test('whose bad batch has lost its length, is searched for the next', async () => {
    const content = placedRun(0, 3).fill(0, EACH, EACH + 40);
    expect((await examine(content)).sound).toEqual([
      [0, EACH, 0, 1],
      [2 * EACH, 3 * EACH, 2, 3],
    ]);
  });

  test('whose bad batch claims a length that leads to no batch, too', async () => {
    const content = placedRun(0, 4);
    content.writeInt32BE(EACH, EACH + 8);
    expect((await examine(content)).sound).toHaveLength(2);
  });

  test('that imitates a batch in a value is not taken in by it while the length is there', async () => {
    const inner = placedRun(1, 1).toString('latin1');
    const outer = placedBatch({ baseOffset: 0, texts: [inner] });
    const content = Buffer.concat([spoiled(outer, 30), placedRun(1, 1, 20)]);
    expect((await examine(content)).sound).toEqual([[outer.length, content.length, 1, 2]]);
  });

  test('with batches that belong elsewhere has none that are sound', async () => {
    expect(await examine(placedRun(7, 2), 5)).toMatchObject({
      sound: [],
      bad: [[0, 2 * EACH, 0, 5]],
      fields: ['baseOffset'],
    });
    expect((await examine(placedRun(7, 3))).sound).toEqual([]);
  });

  test('with a whole batch under a wrong offset has lost that one only', async () => {
    const content = placedRun(0, 3);
    content.writeBigInt64BE(9n, EACH);
    expect((await examine(content)).sound).toEqual([
      [0, EACH, 0, 1],
      [2 * EACH, 3 * EACH, 2, 3],
    ]);
  });

  test('with a batch that names a flush it cannot be of has lost no record', async () => {
    const content = placedRun(0, 3);
    content.writeInt32BE(9, 2 * EACH + 12);
    const found = await examine(content);
    expect(found.sound).toEqual([
      [0, 2 * EACH, 0, 2],
      [2 * EACH, 3 * EACH, 2, 3],
    ]);
    expect(found.bad).toEqual([[2 * EACH, 2 * EACH, 2, 2]]);
  });

  test('that is nothing but bad batches ends, after a bounded number of them', async () => {
    const batch = placedRun(0, 1);
    const count = 1_500;
    const content = Buffer.concat(
      Array.from({ length: count }, (_, at) => {
        // Every other one is sound, so that each bad one costs a search.
        const one = placedRun(at, 1);
        return at % 2 === 0 ? one : spoiled(one, batch.length - 1);
      }),
    );
    const found = await examine(content);
    expect(found.bad.length).toBeLessThanOrEqual(1_001);
    const longer = await examine(
      Buffer.concat([content, Buffer.concat(alternating(count, 2_000))]),
    );
    expect(longer.bad).toHaveLength(1_001);
    expect(longer.bad.at(-1)?.[3]).toBeUndefined();
  });
});

function alternating(from: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, at) => {
    const one = placedRun(from + at, 1);
    return at % 2 === 0 ? one : spoiled(one, one.length - 1);
  });
}
