import { expect, test } from 'vitest';
import { readBatchHeader } from '../../src/codec/batch-header.ts';
import { OpenFiles } from '../../src/storage/open-files.ts';
import { rebuildIndexes } from '../../src/storage/rebuild-indexes.ts';
import { logPath } from '../../src/storage/segment-files.ts';
import { addBatch, emptySegment, SegmentIndexes } from '../../src/storage/segment.ts';
import { batchesIn } from '../support/batches.ts';
import { overwrite, recordingLog } from '../support/partition-fixture.ts';
import { placedRun } from '../support/placed-batches.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

async function segmentOf(content: Buffer, bytes = content.length) {
  const files = new SimulatedFiles({ seed: 1 });
  await overwrite(files, logPath('/', 40), content);
  const openFiles = new OpenFiles(files, 4);
  const place = { directory: '/', openFiles, log: recordingLog() };
  return rebuildIndexes(place, { ...emptySegment(40), bytes });
}

test('rebuilt indexes are those that grew with the segment', async () => {
  const content = placedRun(40, 100, 700);
  const facts = emptySegment(40);
  const grown = SegmentIndexes.empty(40);
  for (const bytes of batchesIn(content)) {
    const batch = readBatchHeader(bytes, 0);
    addBatch(facts, batch, 0);
    grown.add(facts, batch);
  }
  grown.seal(facts);
  const rebuilt = await segmentOf(content);
  expect(rebuilt.offsets.stored).toEqual(grown.offsets.stored);
  expect(rebuilt.times.stored).toEqual(grown.times.stored);
  expect([rebuilt.logBytes, rebuilt.bytesSinceEntry]).toEqual([
    grown.logBytes,
    grown.bytesSinceEntry,
  ]);
});

test('damage ends the indexing, and the indexes say how far they reach', async () => {
  const content = placedRun(40, 100, 700);
  const size = content.length / 100;
  content[50 * size + 30] = 0x55;
  const rebuilt = await segmentOf(content);
  expect(rebuilt.logBytes).toBe(50 * size);
  expect(rebuilt.offsets.lastPosition).toBeLessThan(50 * size);
});

test('only the part that is known to be there is indexed', async () => {
  const content = placedRun(40, 100, 700);
  const half = content.length / 2;
  expect((await segmentOf(content, half)).logBytes).toBe(half);
});
