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
import { UnopenedPartition } from './partition.ts';
import type { Partition } from './partition.ts';
import { isFileSystemError } from './storage-errors.ts';

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

/** Makes it when it is missing. Where the disk lets it be neither made nor read, it is offline. */
export async function openCommitLogPartition({
  place,
  clock,
  log,
  segmentBytes,
}: CommitLogPartitionOptions): Promise<Partition> {
  const { files, openFiles, previousRun } = place;
  try {
    const directory = await place.prepareGroups();
    const config = commitLogConfig(segmentBytes ?? SEGMENT_BYTES);
    // Counters of its own: commits are not produced records. And nobody reads its tail.
    const shared = { ...createLogShared(), tail: new TailCache(0) };
    const given = { directory, files, openFiles, previousRun, clock, log, shared, config };
    return await PartitionLog.open(given);
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
    log.error({ error }, 'the log of the groups could not be opened');
    return new UnopenedPartition(`it could not be opened (${error.message})`);
  }
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
