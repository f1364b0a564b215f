import { describe, expect, test } from 'vitest';
import { OpenFiles } from '../../src/storage/open-files.ts';
import { readTail } from '../../src/storage/recovery-tail.ts';
import { logPath } from '../../src/storage/segment-files.ts';
import { DIRECTORY, overwrite } from '../support/partition-fixture.ts';
import { placedRun } from '../support/placed-batches.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

/** The tail behind a checkpoint that ends after so many of the first segment's batches. */
async function tailOf(
  segments: readonly { readonly base: number; readonly content: Buffer }[],
  known = 0,
  isSplit = false,
) {
  const disk = new SimulatedFiles({ seed: 1 });
  await disk.makeDir(DIRECTORY);
  for (const { base, content } of segments) {
    await overwrite(disk, logPath(DIRECTORY, base), content);
  }
  const [first, ...later] = segments.map(({ base }) => base) as [number, ...number[]];
  const visited: [number, number][] = [];
  const tail = await readTail(
    {
      directory: DIRECTORY,
      openFiles: new OpenFiles(disk, 4),
      segment: first,
      position: known * SIZE,
      offset: first + known,
      isSplit,
      later,
    },
    ({ baseOffset }, segment) => visited.push([baseOffset, segment]),
  );
  return { ...tail, visited };
}

const SIZE = placedRun(0, 1).length;

function run(base: number, count: number): Buffer {
  return placedRun(base, count);
}

function spoiled(content: Buffer, batch: number): Buffer {
  const copy = Buffer.from(content);
  copy[batch * SIZE + 40] = 0x55;
  return copy;
}

describe('a tail', () => {
  test('goes on where the checkpoint ends', async () => {
    const { pieces, torn, damage, visited } = await tailOf([{ base: 0, content: run(0, 5) }], 3);
    expect(pieces).toEqual([
      { segment: 0, from: 3 * SIZE, to: 5 * SIZE, startOffset: 3, endOffset: 5 },
    ]);
    expect([torn, damage]).toEqual([undefined, undefined]);
    expect(visited).toEqual([
      [3, 0],
      [4, 0],
    ]);
  });

  test('goes on in the segments that begin where the one before ends', async () => {
    const { pieces, damage, visited } = await tailOf([
      { base: 0, content: run(0, 2) },
      { base: 2, content: run(2, 2) },
      { base: 4, content: Buffer.alloc(0) },
    ]);
    expect(damage).toBeUndefined();
    expect(pieces.map(({ segment, from, to }) => [segment, from, to])).toEqual([
      [0, 0, 2 * SIZE],
      [2, 0, 2 * SIZE],
      [4, 0, 0],
    ]);
    expect(visited.map(([, segment]) => segment)).toEqual([0, 0, 2, 2]);
  });

  test('ends torn when what is wrong stands at its very end', async () => {
    const content = Buffer.concat([run(0, 3), run(3, 1).subarray(0, 50)]);
    const { pieces, torn, damage } = await tailOf([{ base: 0, content }]);
    expect(torn).toEqual({ segment: 0, from: 3 * SIZE, to: 3 * SIZE + 50 });
    expect([pieces[0]?.endOffset, damage]).toEqual([3, undefined]);
  });

  test('is damaged when something behind proves that it had been durable', async () => {
    const { torn, damage, pieces } = await tailOf([{ base: 0, content: spoiled(run(0, 4), 2) }]);
    expect(damage).toMatchObject({ segment: 0, position: 2 * SIZE, field: 'crc' });
    expect([torn, pieces[0]?.endOffset]).toEqual([undefined, 2]);
  });

  test('is damaged when it ends before a later segment begins', async () => {
    const cut = await tailOf([
      { base: 0, content: spoiled(run(0, 2), 1) },
      { base: 2, content: run(2, 1) },
    ]);
    expect(cut.damage).toMatchObject({ segment: 0, position: SIZE });
    const gap = await tailOf([
      { base: 0, content: run(0, 2) },
      { base: 3, content: run(3, 1) },
    ]);
    expect(gap.damage).toEqual({
      segment: 3,
      position: 0,
      field: 'first offset',
      expected: '2',
      found: '3',
    });
    const behind = await tailOf([
      { base: 0, content: run(0, 4) },
      { base: 2, content: run(2, 1) },
    ]);
    expect(behind.damage).toMatchObject({ segment: 2, expected: '4' });
  });

  test('does not look at what was already written anew elsewhere', async () => {
    const segments = [
      { base: 0, content: run(0, 5) },
      { base: 3, content: run(3, 2) },
    ];
    const { pieces, damage, visited } = await tailOf(segments, 3, true);
    expect(damage).toBeUndefined();
    expect(pieces.map(({ segment, from, to }) => [segment, from, to])).toEqual([
      [0, 3 * SIZE, 3 * SIZE],
      [3, 0, 2 * SIZE],
    ]);
    expect(visited).toEqual([
      [3, 3],
      [4, 3],
    ]);
  });
});
