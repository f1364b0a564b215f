import { expect, test } from 'vitest';
import { readCheckpoint } from '../../src/storage/checkpoint.ts';
import { createPartition, emptyCheckpoint } from '../../src/storage/new-partition.ts';
import { contentOf, namesIn } from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

test('a new partition is one empty segment and a checkpoint that knows it, durably', async () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const files = new SimulatedFiles({ seed });
    await createPartition(files, '/topics/ab/3');
    // The names above it are its caller's.
    await files.syncDir('/topics/ab');
    await files.syncDir('/topics');
    await files.syncDir('/');
    const after = files.crash();
    expect(await namesIn(after, '/topics/ab/3')).toEqual([
      '00000000000000000000.log',
      'recovery.checkpoint',
    ]);
    expect((await contentOf(after, '/topics/ab/3/00000000000000000000.log')).length).toBe(0);
    expect(await readCheckpoint(after, '/topics/ab/3/recovery.checkpoint')).toEqual({
      kind: 'read',
      checkpoint: emptyCheckpoint(0),
    });
  }
});

test('making it again over what a crash left of the first time is fine', async () => {
  const files = new SimulatedFiles({ seed: 1 });
  await createPartition(files, '/3');
  await createPartition(files, '/3');
  expect(await namesIn(files, '/3')).toEqual(['00000000000000000000.log', 'recovery.checkpoint']);
});

test('an empty checkpoint begins and ends at its first offset', () => {
  expect(emptyCheckpoint(70)).toMatchObject({
    durableOffset: 70,
    logStartOffset: 70,
    segments: [{ baseOffset: 70, endOffset: 70, bytes: 0 }],
    producers: [],
  });
});
