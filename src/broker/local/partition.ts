/** One partition as the broker uses it: its log, or a stand-in for one that could not be opened. */
import { MillraceError } from '../../model/errors.ts';
import type { AppendInput } from '../../storage/log-appender.ts';
import type { PartitionLog } from '../../storage/partition-log.ts';
import type { AppendWaiter } from '../../storage/pending-flush.ts';

export type Partition = Pick<PartitionLog, keyof PartitionLog>;

/** Why an offline partition gives or takes nothing. */
export function partitionOffline(reason: string | undefined, written?: 'no'): MillraceError {
  return new MillraceError('KAFKA_STORAGE_ERROR', `the partition is offline: ${reason}`, {
    ...(written && { written }),
    details: { state: 'offline', reason },
  });
}

/**
 * Stands where a partition could not even be looked at (EIO, EACCES), so that the others serve.
 * What its log holds is unknown, so it answers nothing but why; the next start tries again.
 */
export class UnopenedPartition implements Partition {
  readonly logStartOffset = 0;
  readonly durableOffset = 0;
  readonly highWatermark = 0;
  readonly logEndOffset = 0;
  readonly bytes = 0;
  readonly segmentCount = 0;
  readonly bytesAppended = 0;
  readonly largestTimestamp = -1;
  readonly state = 'offline';
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }

  setConfig(): void {}

  check(): never {
    throw partitionOffline(this.reason, 'no');
  }

  append(_input: AppendInput, waiter: AppendWaiter): void {
    waiter.failed(partitionOffline(this.reason, 'no'));
  }

  read(): never {
    throw partitionOffline(this.reason);
  }

  offsetForTimestamp(): Promise<never> {
    return Promise.reject(partitionOffline(this.reason));
  }

  deleteRecords(): Promise<never> {
    return Promise.reject(partitionOffline(this.reason));
  }

  async housekeep(): Promise<number> {
    return 0;
  }

  onChange(): () => void {
    return () => {};
  }

  async close(): Promise<void> {}

  async discard(): Promise<void> {}
}
