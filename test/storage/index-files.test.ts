import { beforeEach, describe, expect, test } from 'vitest';
import { readBatchHeader } from '../../src/codec/batch-header.ts';
import type { SegmentRow } from '../../src/storage/checkpoint.ts';
import { loadIndexes, NO_INDEX_FILES, saveIndexes } from '../../src/storage/index-files.ts';
import { offsetIndexPath, timeIndexPath } from '../../src/storage/segment-files.ts';
import { addBatch, emptySegment, SegmentIndexes } from '../../src/storage/segment.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { contentOf, overwrite } from '../support/partition-fixture.ts';
import { placedBatch } from '../support/placed-batches.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const BASE = 30;

let files: SimulatedFiles;
let facts: SegmentRow & { endOffset: number; bytes: number };
let indexes: SegmentIndexes;

beforeEach(() => {
  files = new SimulatedFiles({ seed: 1 });
  facts = { ...emptySegment(BASE), index: NO_INDEX_FILES };
  indexes = SegmentIndexes.empty(BASE);
});

/** Batches of 2,000 bytes: every fourth one has an entry. */
function grow(count: number): void {
  for (let at = 0; at < count; at += 1) {
    const { endOffset } = facts;
    const texts = ['x'.repeat(1_930)];
    const bytes = placedBatch({ baseOffset: endOffset, texts, timestamp: endOffset });
    const batch = readBatchHeader(bytes, 0);
    addBatch(facts, batch, 0);
    indexes.add(facts, batch);
  }
}

async function save(): Promise<void> {
  const saving = saveIndexes(files, '/', BASE, indexes, facts.index);
  await saving.written;
  facts = { ...facts, index: saving.facts };
}

function load(): Promise<SegmentIndexes | undefined> {
  return loadIndexes(files, '/', facts);
}

describe('index files', () => {
  test('give back the very indexes that were saved', async () => {
    grow(20);
    await save();
    const loaded = (await load()) as SegmentIndexes;
    expect(loaded.offsets.stored).toEqual(indexes.offsets.stored);
    expect(loaded.times.stored).toEqual(indexes.times.stored);
    expect(loaded.offsets.bytes).toBeGreaterThan(0);
    expect([loaded.logBytes, loaded.bytesSinceEntry]).toEqual([
      indexes.logBytes,
      indexes.bytesSinceEntry,
    ]);
  });

  test('are only added to when the indexes have grown', async () => {
    grow(20);
    await save();
    const early = await contentOf(files, offsetIndexPath('/', BASE));
    grow(20);
    await save();
    const later = await contentOf(files, offsetIndexPath('/', BASE));
    expect(later.subarray(0, early.length)).toEqual(early);
    expect(later).toEqual(indexes.offsets.stored);
    expect(await load()).toBeDefined();
  });

  test('of a segment without entries cost nothing', async () => {
    grow(1);
    const counting = new FaultyFiles(files);
    const saving = saveIndexes(counting, '/', BASE, indexes, facts.index);
    await saving.written;
    facts = { ...facts, index: saving.facts };
    const loaded = await loadIndexes(counting, '/', facts);
    expect(loaded?.bytesSinceEntry).toBe(facts.bytes);
    expect(counting.callCount).toBe(0);
  });

  test('that are not known do not pass for empty ones', async () => {
    grow(1);
    expect(await load()).toBeUndefined();
  });

  test('that do not reach the end of the segment are not used', async () => {
    grow(20);
    await save();
    grow(1);
    expect(await load()).toBeUndefined();
  });

  test('that know more than the segment has are used up to its end, or not at all', async () => {
    grow(19);
    const durable = { ...facts };
    const bytesSinceEntry = indexes.bytesSinceEntry;
    grow(1);
    await save();
    const loaded = await loadIndexes(files, '/', { ...durable, index: facts.index });
    expect([loaded?.logBytes, loaded?.bytesSinceEntry]).toEqual([durable.bytes, bytesSinceEntry]);
    grow(20);
    await save();
    expect(await loadIndexes(files, '/', { ...durable, index: facts.index })).toBeUndefined();
  });

  test('that know the batch right behind the segment are not used: another takes its place', async () => {
    grow(1);
    let durable = { ...facts };
    for (grow(1); indexes.offsets.lastPosition !== durable.bytes; grow(1)) durable = { ...facts };
    await save();
    expect(await loadIndexes(files, '/', { ...durable, index: facts.index })).toBeUndefined();
  });

  test('of an empty segment need not exist', async () => {
    expect((await load())?.logBytes).toBe(0);
  });

  test.each(['offset', 'time'] as const)('with a doubtful %s index are not used', async (which) => {
    grow(30);
    await save();
    const path = which === 'offset' ? offsetIndexPath('/', BASE) : timeIndexPath('/', BASE);
    const content = await contentOf(files, path);
    const flipped = Buffer.from(content);
    flipped[5] = (flipped[5] as number) ^ 1;
    for (const doubtful of [flipped, content.subarray(1), Buffer.alloc(0), content.subarray(12)]) {
      await overwrite(files, path, doubtful);
      expect(await load()).toBeUndefined();
    }
    await overwrite(files, path, Buffer.concat([content, Buffer.from('behind it')]));
    expect(await load()).toBeDefined();
    await files.remove(path);
    expect(await load()).toBeUndefined();
  });

  test('replace longer ones of indexes that were given up', async () => {
    grow(30);
    await save();
    facts = { ...emptySegment(BASE), index: NO_INDEX_FILES };
    indexes = SegmentIndexes.empty(BASE);
    grow(10);
    await save();
    expect(await contentOf(files, offsetIndexPath('/', BASE))).toEqual(indexes.offsets.stored);
    expect(await load()).toBeDefined();
  });

  test('that cannot be read count as missing, but for want of a descriptor', async () => {
    grow(30);
    await save();
    const failing = (kind: 'EIO' | 'EMFILE') =>
      loadIndexes(new FaultyFiles(files, { kind, at: 1 }), '/', facts);
    expect(await failing('EIO')).toBeUndefined();
    // The segment, from which they would be rebuilt, could not be opened either.
    await expect(failing('EMFILE')).rejects.toMatchObject({ code: 'EMFILE' });
  });

  test('that are not written whole are a failure', async () => {
    grow(30);
    const full = new FaultyFiles(files, { kind: 'short-write', at: 1 });
    const saving = saveIndexes(full, '/', BASE, indexes, facts.index);
    await expect(saving.written).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(files.openCount).toBe(0);
  });
});
