/** What is told, logged and done when stored bytes fail a check. */
import { MillraceError } from '../model/errors.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';

/** Enough to look at the very bytes. */
export interface Damage {
  /** Base offset of the segment. */
  readonly segment: number;
  readonly position: number;
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

type Where = Pick<LogContext, 'directory' | 'log' | 'status'>;

/** Takes the partition offline for writes, keeps every file, and answers the error to throw. */
export function damageError(context: Where, damage: Damage): MillraceError {
  const file = segmentPath(context, damage.segment);
  const reason = describeDamage(file, damage);
  const isNews = context.status.state !== 'offline';
  context.status.offline(reason);
  if (isNews) context.log.error({ file, ...damage }, 'damage: the partition takes no more writes');
  return new MillraceError('KAFKA_STORAGE_ERROR', reason, { details: { file, ...damage } });
}

export function describeDamage(file: string, damage: Damage): string {
  return `${file} is damaged at position ${damage.position}: ${damage.field} should be ${damage.expected}, found ${damage.found}`;
}
