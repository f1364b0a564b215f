/** Whether a commit succeeded as a whole. */
import type { CommitOutcome } from '../broker/groups.ts';
import { MillraceError } from '../model/errors.ts';
import { quote } from '../model/names.ts';

const NAMED_MAX = 10;

/**
 * Throws the first error among the outcomes, with how many offsets shared its fate and which were
 * the first of them. The other offsets are committed.
 */
export function checkCommitted(outcomes: readonly CommitOutcome[]): void {
  const failed = outcomes.filter(({ error }) => error !== undefined);
  const [first] = failed;
  if (first?.error === undefined) return;
  const { code, message, retriable, written, details } = first.error;
  const count = `${failed.length} of ${outcomes.length} offsets were not committed`;
  const place = `partition ${first.partition} of topic ${quote(first.topic)}`;
  throw new MillraceError(code, `${count}; ${place}: ${message}`, {
    retriable,
    ...(written !== undefined && { written }),
    details: {
      ...details,
      not_committed_count: failed.length,
      not_committed: failed
        .slice(0, NAMED_MAX)
        .map(({ topic, partition }) => ({ topic, partition })),
    },
    cause: first.error,
  });
}
