import { beforeEach, expect, test } from 'vitest';
import { CommitLogShrinker } from '../../../src/broker/local/commit-log-shrinker.ts';
import { MillraceError } from '../../../src/model/errors.ts';
import type { PartitionState } from '../../../src/model/partition-state.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { recordingLog } from '../../support/partition-fixture.ts';

const clock = new ManualClock();
let log: ReturnType<typeof recordingLog>;
let partition: FakePartition;
let liveBytes: number;
let isComplete: boolean;
let snapshots: (() => Promise<number | undefined>)[];
let written: number;
let shrinker: CommitLogShrinker;

/** Segments of 100 bytes with one record each; two leave at a time. */
class FakePartition {
  state: PartitionState = 'online';
  bytes: number;
  deleted: number[] = [];
  failures: Error[] = [];

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  get segmentCount(): number {
    return this.bytes / 100;
  }

  async deleteRecords(before: number): Promise<number> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.deleted.push(before);
    this.bytes = Math.max(this.bytes - 200, 300);
    return before;
  }
}

beforeEach(() => {
  partition = new FakePartition(1_100);
  liveBytes = 10;
  isComplete = true;
  written = 0;
  snapshots = [];
  log = recordingLog();
  shrinker = new CommitLogShrinker({
    partition,
    clock,
    log,
    bytesMax: 1_000,
    liveBytes: () => liveBytes,
    isComplete: () => isComplete,
    writeSnapshot: (isStopped) => {
      written += 1;
      if (isStopped()) return Promise.resolve(undefined);
      return (snapshots.shift() ?? (() => Promise.resolve(77)))();
    },
  });
});

function full(): MillraceError {
  return new MillraceError('DISK_FULL', 'full', { written: 'no' });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function look(): Promise<void> {
  shrinker.look();
  await shrinker.idle();
}

test('a log beyond its bound gets a snapshot, and all segments before it go', async () => {
  await look();
  expect(written).toBe(1);
  expect(partition.bytes).toBe(300);
  expect(new Set(partition.deleted)).toEqual(new Set([77]));
  expect(log.lines).toMatchObject([{ level: 'info', facts: { bytesBefore: 1_100, bytes: 300 } }]);
});

test.each([
  ['within its bound', () => (partition.bytes = 1_000)],
  ['of which much is live', () => (liveBytes = 400)],
  ['that is offline', () => (partition.state = 'offline')],
  ['that is read-only', () => (partition.state = 'read-only')],
  ['of which something is missing in the table', () => (isComplete = false)],
])('a log %s is left alone', async (_, arrange) => {
  arrange();
  await look();
  expect(written).toBe(0);
});

test('nothing is begun in the turn of the question, or twice at a time', async () => {
  shrinker.look();
  shrinker.look();
  expect(written).toBe(0);
  await shrinker.idle();
  expect(written).toBe(1);
});

test('a log that did not get smaller is not shrunk again before it has doubled', async () => {
  await look();
  partition.bytes = 1_100;
  await look();
  expect(written).toBe(2);
  partition.deleteRecords = async (before) => before;
  partition.bytes = 1_200;
  await look();
  expect(written).toBe(3);
  partition.bytes = 2_400;
  await look();
  expect(written).toBe(3);
  partition.bytes = 2_500;
  await look();
  expect(written).toBe(4);
});

test('a snapshot that failed is told, and tried again after a while', async () => {
  snapshots.push(() => Promise.reject(full()));
  await look();
  expect(log.lines).toMatchObject([{ level: 'warn', facts: { error: { code: 'DISK_FULL' } } }]);
  expect(partition.deleted).toEqual([]);
  await look();
  expect(written).toBe(1);
  clock.advance(30_000);
  await look();
  expect(written).toBe(2);
  expect(partition.bytes).toBe(300);
});

test('after a trim that failed only the trim is done again, whatever the size', async () => {
  partition.failures.push(full());
  await look();
  expect([written, partition.bytes]).toEqual([1, 1_100]);
  partition.bytes = 500;
  clock.advance(30_000);
  await look();
  expect([written, partition.bytes]).toEqual([1, 300]);
  expect(partition.deleted[0]).toBe(77);
});

test('a stop waits for what is on its way, and nothing is begun after it', async () => {
  const held = Promise.withResolvers<number | undefined>();
  snapshots.push(() => held.promise);
  shrinker.look();
  await turn();
  let isStopped = false;
  const stopping = shrinker.stop().then(() => (isStopped = true));
  await turn();
  expect(isStopped).toBe(false);
  held.resolve(undefined);
  await stopping;
  expect(partition.deleted).toEqual([]);
  await look();
  expect(written).toBe(1);
});
