/** The partition that the log of the groups is kept in: its place, its settings, its opening. */
import type { Clock } from '../../model/clock.ts';
import { MESSAGE_BYTES_MAX } from '../../model/limits.ts';
import type { Log } from '../../model/log.ts';
import { parseTopicConfig } from '../../model/topic-config.ts';
import type { TopicConfig } from '../../model/topic-config.ts';
import type { DataDirectory } from '../../storage/data-directory.ts';
import { createLogShared } from '../../storage/log-shared.ts';
import { PartitionLog } from '../../storage/partition-log.ts';
import { TailCache } from '../../storage/tail-cache.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { Partition } from './partition.ts';
import { openOrStandIn } from './unopened-partition.ts';

export type CommitLogPlace = Pick<
  DataDirectory,
  'files' | 'openFiles' | 'previousRun' | 'prepareGroups'
>;

export interface CommitLogPartitionOptions {
  readonly place: CommitLogPlace;
  readonly clock: Clock;
  readonly log: Log;
  readonly segmentBytes?: number;
}

/** Only whole segments leave, so a quarter of the log's bound at the most stays for nothing. */
const SEGMENT_BYTES = 16_777_216;

/**
 * Makes it when it is missing. Where the disk lets it be neither made nor read, it is offline until
 * another try succeeds.
 */
export function openCommitLogPartition({
  place,
  clock,
  log,
  segmentBytes,
}: CommitLogPartitionOptions): Promise<Partition> {
  const { files, openFiles, previousRun } = place;
  // Counters of its own: commits are not produced records. And nobody reads its tail.
  const shared = { ...createLogShared(), tail: new TailCache(0) };
  const given = { files, openFiles, previousRun, clock, log, shared };
  return openOrStandIn({
    open: async (config) =>
      PartitionLog.open({ ...given, directory: await place.prepareGroups(), config }),
    config: commitLogConfig(segmentBytes ?? SEGMENT_BYTES),
    directory: 'groups/0',
    clock,
    log,
    line: new OneAtATime(),
  });
}

/** Durable before each answer; nothing leaves by age or size, and one record may be large. */
function commitLogConfig(segmentBytes: number): TopicConfig {
  return parseTopicConfig(
    new Map([
      ['segment.bytes', String(segmentBytes)],
      ['segment.ms', '9223372036854775807'],
      ['retention.ms', '-1'],
      ['retention.bytes', '-1'],
      ['max.message.bytes', String(MESSAGE_BYTES_MAX)],
    ]),
  );
}
