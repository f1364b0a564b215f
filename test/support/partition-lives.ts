/**
 * The usual things in the life of a partition, each apart: what was before, on a sound disk, and
 * the run on which faults and crashes fall. Small enough to try every single call of it.
 */
import { FaultyFiles } from './faulty-files.ts';
import type { FileCall } from './faulty-files.ts';
import type { Config, PartitionScene } from './partition-scene.ts';

export interface PartitionLife {
  readonly config?: Config;
  before(partition: PartitionScene): Promise<void>;
  /** Rejects with what the disk said when the partition cannot be opened or closed. */
  run(partition: PartitionScene): Promise<void>;
}

const SMALL_SEGMENTS = { 'segment.bytes': '300' };

export const LIVES = {
  'is made': {
    before: async () => undefined,
    run: async (partition) => {
      await partition.create();
      await partition.write(1);
      await partition.close();
    },
  },
  appends: {
    before: (partition) => writtenAndStopped(partition, 2),
    run: async (partition) => {
      await partition.open();
      await partition.write(6);
      await partition.read();
      await partition.write(1);
      await partition.close();
    },
  },
  'rolls its segments': {
    config: SMALL_SEGMENTS,
    before: (partition) => writtenAndStopped(partition, 1),
    run: async (partition) => {
      await partition.open();
      await partition.write(6);
      await partition.read();
      await partition.close();
    },
  },
  'grows its indexes': {
    config: { 'segment.bytes': '16000' },
    before: (partition) => writtenAndStopped(partition, 1),
    run: async (partition) => {
      await partition.open();
      await partition.write(5, 5_000);
      await partition.read();
      await partition.close();
    },
  },
  'leaves checkpoints': {
    before: (partition) => writtenAndStopped(partition, 2),
    run: async (partition) => {
      for (let stop = 0; stop < 2; stop += 1) {
        await partition.open();
        await partition.write(2);
        await partition.close();
      }
    },
  },
  'lets old segments go': {
    config: { ...SMALL_SEGMENTS, 'retention.bytes': '400' },
    before: (partition) => writtenAndStopped(partition, 8),
    run: async (partition) => {
      await partition.open();
      await partition.housekeep();
      await partition.write(2);
      await partition.housekeep();
      await partition.close();
    },
  },
  'deletes records': {
    config: SMALL_SEGMENTS,
    before: (partition) => writtenAndStopped(partition, 6),
    run: async (partition) => {
      await partition.open();
      await partition.deleteRecords(1);
      await partition.write(2);
      await partition.deleteRecords(5);
      await partition.deleteRecords(-1);
      await partition.write(1);
      await partition.close();
    },
  },
  'is deleted': {
    config: SMALL_SEGMENTS,
    before: (partition) => writtenAndStopped(partition, 6),
    run: async (partition) => {
      await partition.open();
      await partition.write(1);
      await partition.remove();
    },
  },
  'is recovered after a kill': {
    config: SMALL_SEGMENTS,
    before: async (partition) => {
      await cutOffInAWrite(partition);
      partition.kill();
    },
    run: recovered,
  },
  'is recovered after a power cut': {
    config: SMALL_SEGMENTS,
    before: async (partition) => {
      await cutOffInAWrite(partition);
      partition.cutPower();
    },
    run: recovered,
  },
  'is recovered after a failed sync': {
    config: SMALL_SEGMENTS,
    before: fencedByASync,
    run: recovered,
  },
  'does all of it': {
    config: { 'segment.bytes': '700', 'segment.ms': '120000', 'retention.bytes': '3000' },
    before: (partition) => writtenAndStopped(partition, 24),
    run: async (partition) => {
      await partition.open();
      for (let round = 0; round < 3; round += 1) {
        await partition.write(6);
        await partition.read();
        await partition.housekeep();
        await partition.deleteRecords(partition.log.logStartOffset + 3);
      }
      await partition.close();
    },
  },
} satisfies Record<string, PartitionLife>;

export type LifeName = keyof typeof LIVES;

export const LIFE_NAMES = Object.keys(LIVES) as LifeName[];

async function writtenAndStopped(partition: PartitionScene, records: number): Promise<void> {
  await partition.create();
  await partition.write(records);
  await partition.close();
  partition.goOn();
}

async function recovered(partition: PartitionScene): Promise<void> {
  await partition.open();
  await partition.read();
  await partition.write(2);
  await partition.housekeep();
  await partition.write(1);
  await partition.close();
}

/** A record below the checkpoint, and more in this segment and the next one behind it. */
async function longTail(partition: PartitionScene) {
  await writtenAndStopped(partition, 1);
  const inner = new FaultyFiles(partition.disk);
  const outer = new FaultyFiles(inner);
  partition.files = outer;
  await partition.open();
  const isOfCheckpoint = ({ path }: FileCall): boolean => path.endsWith('.tmp');
  outer.setFault({ kind: 'EIO', at: 1, lasts: true, only: isOfCheckpoint });
  await partition.write(4);
  return { inner, outer };
}

/** The process ends when a write has come half way. */
async function cutOffInAWrite(partition: PartitionScene): Promise<void> {
  const { inner, outer } = await longTail(partition);
  inner.setFault({ kind: 'hang', at: 1, only: ({ name }) => name === 'truncate' });
  outer.setFault({ kind: 'short-write', at: 1 });
  void partition.write(1);
  await inner.hanging;
}

/** It is stopped in order: only its marker can tell. */
async function fencedByASync(partition: PartitionScene): Promise<void> {
  const { disk } = partition;
  const { outer } = await longTail(partition);
  const onFault = ({ path }: FileCall): void => disk.loseUnsynced(path);
  outer.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'sync', onFault });
  await partition.write(1);
  await partition.close();
  partition.goOn();
}
