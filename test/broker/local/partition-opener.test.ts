import { expect, test } from 'vitest';
import {
  PARTITIONS_IN_PARALLEL,
  PartitionOpener,
} from '../../../src/broker/local/partition-opener.ts';
import type { PartitionMeans } from '../../../src/broker/local/partition-opener.ts';
import { UNOPENED_PAUSE_MS } from '../../../src/model/limits.ts';
import { parseTopicConfig } from '../../../src/model/topic-config.ts';
import { createPartition } from '../../../src/storage/new-partition.ts';
import { OpenFiles } from '../../../src/storage/open-files.ts';
import type { PartitionLog } from '../../../src/storage/partition-log.ts';
import { FaultyFiles } from '../../support/faulty-files.ts';
import type { FileCall } from '../../support/faulty-files.ts';
import { settled } from '../../support/held-files.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { appendTexts, recordingLog } from '../../support/partition-fixture.ts';
import { SimulatedFiles } from '../../support/simulated-files.ts';

const CONFIG = parseTopicConfig(new Map());

function place(partition: number) {
  return { topicId: 'id', partition, config: CONFIG };
}

async function scene(partitions = 1, more: Partial<PartitionMeans> = {}) {
  const disk = new SimulatedFiles({ seed: 1 });
  const files = new FaultyFiles(disk);
  const places = Array.from({ length: partitions }, (_, partition) => place(partition));
  for (const each of places) await createPartition(files, `/data/id/${each.partition}`);
  const [log, clock] = [recordingLog(), new ManualClock()];
  const means: PartitionMeans = {
    files,
    openFiles: new OpenFiles(files, 10),
    previousRun: 'clean',
    partitionDirectory: (topicId, partition) => `/data/${topicId}/${partition}`,
    ...more,
  };
  return { disk, files, clock, log, places, opener: new PartitionOpener(means, { clock, log }) };
}

test('partitions are opened in their directories, in the order of their places', async () => {
  const { opener, places } = await scene(3);
  const opened = await opener.open(places);
  for (const each of opened) expect(each).toMatchObject({ state: 'online', segmentCount: 1 });
  await appendTexts(opened[1] as PartitionLog, 'x');
  expect(opened.map(({ highWatermark }) => highWatermark)).toEqual([0, 1, 0]);
  for (const each of opened) await each.close();
});

test('a thousand are opened side by side, but not all at once', async () => {
  const { disk, opener, files, places } = await scene(100);
  let [running, most] = [0, 0];
  const list = async (directory: string): ReturnType<SimulatedFiles['list']> => {
    running += 1;
    most = Math.max(most, running);
    return disk.list(directory).finally(() => (running -= 1));
  };
  Object.assign(files, { list });
  await opener.open(places);
  expect(most).toBe(PARTITIONS_IN_PARALLEL);
});

test('one whose files are gone is offline and says so', async () => {
  const { opener } = await scene();
  const [gone] = await opener.open([place(1)]);
  expect(gone?.state).toBe('offline');
  expect(gone?.reason).toBeTruthy();
});

test('with few descriptors all are open in the end: what fails beside others is tried alone', async () => {
  const { disk, files, log, opener, places } = await scene(40);
  const only = ({ name }: FileCall): boolean => name === 'open' && disk.openCount >= 5;
  files.setFault({ kind: 'EMFILE', at: 1, lasts: true, only });
  for (const each of await opener.open(places)) expect(each.state).toBe('online');
  expect(files.spoiledCount).toBeGreaterThan(0);
  expect(log.lines).toEqual([]);
});

test('one that the file system does not let us read is offline with its reason, until it does', async () => {
  const { files, clock, log, opener, places } = await scene(2);
  const isFirst = ({ path }: FileCall): boolean => path.startsWith('/data/id/0');
  files.setFault({ kind: 'EIO', at: 1, lasts: true, only: isFirst });
  const [failed, sound] = await opener.open(places);
  expect([failed?.state, sound?.state]).toEqual(['offline', 'online']);
  expect(failed?.reason).toContain('EIO');
  expect(log.lines).toMatchObject([{ message: 'a partition could not be opened' }]);
  files.setFault(undefined);
  clock.advance(UNOPENED_PAUSE_MS);
  expect(() => failed?.read(0, 1)).toThrow('EIO');
  await settled();
  expect(failed?.state).toBe('online');
  await appendTexts(failed as PartitionLog, 'x');
});

test('a fault of ours is not taken for one of the disk', async () => {
  const partitionDirectory = () => {
    throw new TypeError('a fault');
  };
  const { opener, places } = await scene(1, { partitionDirectory });
  await expect(async () => opener.open(places)).rejects.toThrow(TypeError);
});
