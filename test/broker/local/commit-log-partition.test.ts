import { expect, test } from 'vitest';
import { openCommitLogPartition } from '../../../src/broker/local/commit-log-partition.ts';
import { OpenFiles } from '../../../src/storage/open-files.ts';
import { createPartition } from '../../../src/storage/new-partition.ts';
import { textRecord } from '../../support/batches.ts';
import { FaultyFiles } from '../../support/faulty-files.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { append, recordingLog } from '../../support/partition-fixture.ts';
import type { PartitionLog } from '../../../src/storage/partition-log.ts';
import { recordsInput } from '../../../src/storage/log-appender.ts';
import { SimulatedFiles } from '../../support/simulated-files.ts';

async function opened(prepareGroups?: () => Promise<string>) {
  const disk = new SimulatedFiles({ seed: 1 });
  const files = new FaultyFiles(disk);
  const clock = new ManualClock();
  const log = recordingLog();
  const make = async (): Promise<string> => {
    await createPartition(files, '/data/groups/0');
    return '/data/groups/0';
  };
  const partition = await openCommitLogPartition({
    place: {
      files,
      openFiles: new OpenFiles(files, 8),
      previousRun: 'none',
      prepareGroups: prepareGroups ?? make,
    },
    clock,
    log,
  });
  return { partition: partition as PartitionLog, clock, log, disk };
}

test('it is durable when acknowledged, and nothing leaves by age', async () => {
  const { partition, clock } = await opened();
  await append(partition, recordsInput([textRecord('a', { timestamp: 1 })]));
  expect(partition.durableOffset).toBe(1);
  clock.advance(400 * 86_400_000);
  expect(await partition.housekeep({ clockIsSteady: true })).toBe(0);
  expect([partition.segmentCount, partition.logStartOffset]).toEqual([1, 0]);
});

test('its segments are small enough to be trimmed one by one', async () => {
  const { partition } = await opened();
  const record = textRecord('x'.repeat(6_000_000));
  for (let at = 0; at < 3; at += 1) await append(partition, recordsInput([record]));
  expect(partition.segmentCount).toBe(2);
});

test('where its place cannot be made it is offline and says why', async () => {
  const failed = Object.assign(new Error('EACCES: denied'), { code: 'EACCES' });
  const { partition, log } = await opened(() => Promise.reject(failed));
  expect(partition.state).toBe('offline');
  expect(partition.reason).toBe('it could not be opened (EACCES: denied); this is tried again');
  expect(log.lines).toMatchObject([{ level: 'error' }]);
});

test('a fault of ours is not taken for one of the disk', async () => {
  await expect(opened(() => Promise.reject(new TypeError('a fault')))).rejects.toThrow(TypeError);
});
