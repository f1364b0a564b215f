import { expect, test } from 'vitest';
import { PartitionOpener } from '../../../src/broker/local/partition-opener.ts';
import type { PartitionMeans } from '../../../src/broker/local/partition-opener.ts';
import { silentLog } from '../../../src/model/log.ts';
import { parseTopicConfig } from '../../../src/model/topic-config.ts';
import { createPartition } from '../../../src/storage/new-partition.ts';
import { OpenFiles } from '../../../src/storage/open-files.ts';
import { FaultyFiles } from '../../support/faulty-files.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SimulatedFiles } from '../../support/simulated-files.ts';

const PLACE = { topicId: 'id', partition: 0, config: parseTopicConfig(new Map()) };

async function opener(more: Partial<PartitionMeans> = {}) {
  const files = new FaultyFiles(new SimulatedFiles({ seed: 1 }));
  await createPartition(files, '/data/id/0');
  const errors: string[] = [];
  const log = { ...silentLog, error: (_: object, message: string) => void errors.push(message) };
  const means: PartitionMeans = {
    files,
    openFiles: new OpenFiles(files, 10),
    previousRun: 'clean',
    partitionDirectory: (topicId, partition) => `/data/${topicId}/${partition}`,
    ...more,
  };
  return { files, errors, opener: new PartitionOpener(means, { clock: new ManualClock(), log }) };
}

test('a partition is opened in its directory', async () => {
  const { opener: sound } = await opener();
  const partition = await sound.open(PLACE);
  expect(partition).toMatchObject({ state: 'online', highWatermark: 0, segmentCount: 1 });
  await partition.close();
});

test('one whose files are gone is offline and says so', async () => {
  const { opener: sound } = await opener();
  const partition = await sound.open({ ...PLACE, partition: 1 });
  expect(partition.state).toBe('offline');
  expect(partition.reason).toBeTruthy();
});

test('one that the file system does not let us read stands offline with its reason', async () => {
  const { files, errors, opener: failing } = await opener();
  files.setFault({ kind: 'EIO', at: 1, lasts: true });
  const partition = await failing.open(PLACE);
  expect(partition.state).toBe('offline');
  expect(partition.reason).toContain('EIO');
  expect(errors).toContain('a partition could not be opened');
});

test('a fault of ours is not taken for one of the disk', async () => {
  const { opener: broken } = await opener({
    partitionDirectory: () => {
      throw new TypeError('a fault');
    },
  });
  await expect(broken.open(PLACE)).rejects.toThrow(TypeError);
});
