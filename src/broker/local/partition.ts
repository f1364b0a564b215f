/** One partition as the broker uses it: its log, or a stand-in for one that could not be opened. */
import { MillraceError } from '../../model/errors.ts';
import type { PartitionLog } from '../../storage/partition-log.ts';

export type Partition = Pick<PartitionLog, keyof PartitionLog>;

/** Why an offline partition gives or takes nothing. */
export function partitionOffline(
  reason: string | undefined,
  {
    written,
    retriable = false,
  }: { readonly written?: 'no' | undefined; readonly retriable?: boolean } = {},
): MillraceError {
  return new MillraceError('KAFKA_STORAGE_ERROR', `the partition is offline: ${reason}`, {
    retriable,
    ...(written && { written }),
    details: { state: 'offline', reason },
  });
}
