import { describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../src/storage/checkpoint.ts';
import { LogState, newSegment } from '../../src/storage/log-state.ts';
import { ProducerState } from '../../src/storage/producer-state.ts';
import { settle } from '../../src/storage/recovery-settle.ts';
import { logPath } from '../../src/storage/segment-files.ts';
import { SegmentIndexes } from '../../src/storage/segment.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { DIRECTORY, namesIn, overwrite, recordingLog } from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const PATH = `${DIRECTORY}/recovery.checkpoint`;
const LEFTOVER = logPath('/', 0).slice(1);

async function place(seed = 1) {
  const disk = new SimulatedFiles({ seed });
  await disk.makeDir(DIRECTORY);
  await disk.syncDir('/');
  for (const name of [LEFTOVER, 'fenced', 'recovery.checkpoint']) {
    await overwrite(disk, `${DIRECTORY}/${name}`, Buffer.from('old'));
  }
  await disk.syncDir(DIRECTORY);
  const files = new FaultyFiles(disk);
  const log = recordingLog();
  const state = new LogState({
    segments: [{ ...newSegment(40), endOffset: 45, bytes: 500 }],
    activeIndexes: SegmentIndexes.empty(40),
    logStartOffset: 42,
    producers: new ProducerState(),
  });
  return { disk, files, log, state, where: { directory: DIRECTORY, files, log } };
}

const REMAINS = { damagedCheckpoint: `${PATH}.damaged`, leftovers: [LEFTOVER] };

describe('settling a recovery', () => {
  test('leaves a checkpoint of what was recovered, and nothing that it makes superfluous', async () => {
    const { disk, state, where } = await place();
    await settle(where, state, REMAINS);
    const after = disk.crash();
    expect(await namesIn(after)).toEqual(['recovery.checkpoint', 'recovery.checkpoint.damaged']);
    expect(await readCheckpoint(after, PATH)).toMatchObject({
      kind: 'read',
      checkpoint: { durableOffset: 45, logStartOffset: 42, segments: [{ baseOffset: 40 }] },
    });
  });

  test('removes leftovers and marker only when the checkpoint is durable', async () => {
    for (let at = 1, isOver = false; !isOver; at += 1) {
      for (let seed = 0; seed < 8; seed += 1) {
        const { disk, files, state, where } = await place(seed);
        files.setFault({ kind: 'hang', at });
        const done = settle(where, state, REMAINS).then(() => true);
        isOver = await Promise.race([done, files.hanging.then(() => false)]);
        const after = disk.crash();
        const names = await namesIn(after);
        if (names.includes(LEFTOVER) && names.includes('fenced')) continue;
        expect((await readCheckpoint(after, PATH)).kind).toBe('read');
      }
    }
  });

  test('that fails is told and harms nothing', async () => {
    const { disk, files, log, state, where } = await place();
    files.setFault({ kind: 'ENOSPC', at: 1, lasts: true });
    await settle(where, state, REMAINS);
    expect(log.lines).toEqual([expect.objectContaining({ level: 'warn' })]);
    expect(await namesIn(disk)).toContain('fenced');
    expect(await namesIn(disk)).toContain(LEFTOVER);
  });

  test('passes a failed sync on', async () => {
    for (const name of ['sync', 'syncDir']) {
      const { files, state, where } = await place();
      files.setFault({ kind: 'EIO', at: 1, only: (call) => call.name === name });
      await expect(settle(where, state, REMAINS)).rejects.toMatchObject({ name: 'UncertainError' });
    }
  });
});
