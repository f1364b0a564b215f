import { describe, expect, test } from 'vitest';
import { readBatchHeader } from '../../src/codec/batch-header.ts';
import { readCheckpoint } from '../../src/storage/checkpoint.ts';
import { UncertainError } from '../../src/storage/disk-errors.ts';
import { loadIndexes } from '../../src/storage/index-files.ts';
import { LogState, newSegment } from '../../src/storage/log-state.ts';
import { ProducerState } from '../../src/storage/producer-state.ts';
import { settle } from '../../src/storage/recovery-settle.ts';
import type { Remains } from '../../src/storage/recovery-settle.ts';
import { addBatch, SegmentIndexes } from '../../src/storage/segment.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import type { Fault } from '../support/faulty-files.ts';
import {
  contentOf,
  DIRECTORY,
  namesIn,
  overwrite,
  recordingLog,
} from '../support/partition-fixture.ts';
import { placedBatch } from '../support/placed-batches.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const PATH = `${DIRECTORY}/recovery.checkpoint`;
const LEFT = ['00000000000000000002.index', '00000000000000000002.log'];
const NOTHING: Remains = { damagedCheckpoint: undefined, leftovers: [] };
const ALL: Remains = { damagedCheckpoint: `${PATH}.damaged`, leftovers: LEFT };

/** One segment from 5 on, long enough for index entries. */
function recovered(): LogState {
  const active = newSegment(5);
  const activeIndexes = SegmentIndexes.empty(5);
  for (let at = 5; at < 15; at += 1) {
    const bytes = placedBatch({ baseOffset: at, texts: ['x'.repeat(2_000)], timestamp: at });
    const batch = readBatchHeader(bytes, 0);
    addBatch(active, batch, 0);
    activeIndexes.add(active, batch);
  }
  const producers = ProducerState.restore([[7, 1_000, [[0, 0, 1, 14]]]]);
  return new LogState({ segments: [active], activeIndexes, logStartOffset: 6, producers });
}

/** A directory with an old checkpoint, the fence's marker and files that had left; durable. */
async function place(seed = 1) {
  const disk = new SimulatedFiles({ seed });
  await disk.makeDir(DIRECTORY);
  await disk.syncDir('/');
  for (const name of ['recovery.checkpoint', 'fenced', ...LEFT]) {
    await overwrite(disk, `${DIRECTORY}/${name}`, Buffer.from('what was there'));
  }
  await disk.syncDir(DIRECTORY);
  const log = recordingLog();
  const files = new FaultyFiles(disk);
  return { disk, files, log, directory: DIRECTORY };
}

async function hasNewCheckpoint(disk: SimulatedFiles): Promise<boolean> {
  return (await readCheckpoint(disk, PATH)).kind === 'read';
}

describe('a recovery that is settled', () => {
  test('has left a checkpoint of everything that was recovered', async () => {
    const at = await place();
    const state = recovered();
    await settle(at, state, NOTHING);
    const reading = await readCheckpoint(at.disk, PATH);
    expect(reading).toEqual({
      kind: 'read',
      checkpoint: {
        durableOffset: 15,
        logStartOffset: 6,
        segments: state.segments,
        producers: [[7, 1_000, [[0, 0, 1, 14]]]],
      },
    });
    expect(at.log.lines).toEqual([]);
  });

  test('has saved the indexes, and the checkpoint knows them', async () => {
    const at = await place();
    const state = recovered();
    await settle(at, state, NOTHING);
    const reading = await readCheckpoint(at.disk, PATH);
    const row = reading.kind === 'read' ? reading.checkpoint.segments[0] : undefined;
    const loaded = row && (await loadIndexes(at.disk, DIRECTORY, row));
    expect(loaded?.offsets.stored).toEqual(state.activeIndexes.offsets.stored);
    expect(loaded?.offsets.bytes).toBeGreaterThan(0);
  });

  test('has taken away the marker and what had left, and kept a damaged checkpoint', async () => {
    const at = await place();
    await settle(at, recovered(), ALL);
    const names = await namesIn(at.disk);
    for (const name of ['fenced', ...LEFT]) expect(names).not.toContain(name);
    const kept = await contentOf(at.disk, `${PATH}.damaged`);
    expect(kept.toString()).toBe('what was there');
  });

  test('can be settled again', async () => {
    const at = await place();
    const state = recovered();
    await settle(at, state, { ...ALL, damagedCheckpoint: undefined });
    await settle(at, state, { ...ALL, damagedCheckpoint: undefined });
    expect(at.log.lines).toEqual([]);
    expect(await hasNewCheckpoint(at.disk)).toBe(true);
  });

  test('is so after a power cut too', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const at = await place(seed);
      await settle(at, recovered(), ALL);
      const after = at.disk.crash();
      const names = await namesIn(after);
      expect(names).not.toContain('fenced');
      for (const name of LEFT) expect(names).not.toContain(name);
      expect(names).toContain('recovery.checkpoint.damaged');
      expect(await hasNewCheckpoint(after)).toBe(true);
    }
  });
});

test('nothing is taken away before the new checkpoint is durable, wherever the power is cut', async () => {
  for (let call = 1; ; call += 1) {
    const at = await place(call);
    at.files.setFault({ kind: 'hang', at: call });
    const settling = settle(at, recovered(), { ...ALL, damagedCheckpoint: undefined });
    const end = await Promise.race([settling, at.files.hanging.then(() => 'hangs')]);
    const after = at.disk.crash();
    const names = await namesIn(after);
    if (!['fenced', ...LEFT].every((name) => names.includes(name))) {
      expect(await hasNewCheckpoint(after)).toBe(true);
    }
    if (end !== 'hangs') break;
  }
});

describe('a failure', () => {
  const outcomeOf = async (fault: Fault) => {
    const at = await place();
    at.files.setFault(fault);
    let error: unknown;
    try {
      await settle(at, recovered(), ALL);
    } catch (thrown) {
      error = thrown;
    }
    return { ...at, error, spoiled: at.files.spoiledCount };
  };

  test('of a sync is passed on, any other of the disk is told', async () => {
    for (let call = 1; ; call += 1) {
      const names: string[] = [];
      const fault: Fault = { kind: 'EIO', at: call, onFault: ({ name }) => names.push(name) };
      const { error, log, spoiled, disk } = await outcomeOf(fault);
      if (spoiled === 0) break;
      const [name] = names as [string];
      if (name.startsWith('sync')) expect(error).toBeInstanceOf(UncertainError);
      else expect([name, error, log.lines.length]).toEqual([name, undefined, 1]);
      expect(disk.openCount).toBe(0);
      const left = await namesIn(disk);
      // The old one, the new one, or the old one set aside: never none.
      expect(left.some((each) => each.startsWith('recovery.checkpoint'))).toBe(true);
      if (!left.includes('fenced')) expect(await hasNewCheckpoint(disk)).toBe(true);
    }
  });

  test('for want of room keeps the marker and every file, and leaves the index facts as they were', async () => {
    const at = await place();
    at.files.setFault({
      kind: 'ENOSPC',
      at: 1,
      lasts: true,
      only: ({ name }) => name === 'create',
    });
    const state = recovered();
    await settle(at, state, { ...ALL, damagedCheckpoint: undefined });
    expect(await namesIn(at.disk)).toEqual(expect.arrayContaining(['fenced', ...LEFT]));
    expect(state.active.index.offsetBytes).toBe(0);
    expect(at.log.lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  test('of the index files alone does not keep the checkpoint from being written', async () => {
    const only: Fault['only'] = ({ path }) => path.endsWith('index');
    const { error, disk, log } = await outcomeOf({ kind: 'short-write', at: 1, only });
    expect([error, log.lines.length, await hasNewCheckpoint(disk)]).toEqual([undefined, 1, true]);
    expect(await namesIn(disk)).not.toContain('fenced');
  });
});
