/** What the state machine of a group (`group-state.ts`) asks of whoever runs it, in order. */
import type { GroupMetadataValue } from '../../codec/group-records.ts';
import type { MillraceError } from '../../model/errors.ts';
import type { JoinGroupResult, SyncGroupResult } from '../groups.ts';

/** Stands for a join or a sync that waits for its answer; each is answered exactly once. */
export type Ticket = number;

export type GroupEffect =
  | { readonly kind: 'joined'; readonly ticket: Ticket; readonly result: JoinGroupResult }
  | { readonly kind: 'synced'; readonly ticket: Ticket; readonly result: SyncGroupResult }
  | { readonly kind: 'refused'; readonly ticket: Ticket; readonly error: MillraceError }
  /** Make this durable, then tell the machine: `stored` or `storeFailed` with the number. */
  | { readonly kind: 'store'; readonly store: number; readonly metadata: GroupOutcome }
  /** The session time of a member, or of an id that was given away, starts afresh. */
  | { readonly kind: 'session'; readonly memberId: string; readonly sessionTimeoutMs: number }
  /** It is no member any more: its session time stops, its holds end. */
  | { readonly kind: 'gone'; readonly memberId: string }
  /** A rebalance has begun: all holds end. */
  | { readonly kind: 'generation-ended' }
  /** Call `timeOver` when this has passed. There is one such timer; a new one replaces it. */
  | { readonly kind: 'timer'; readonly delayMs: number }
  | { readonly kind: 'no-timer' };

/** What a rebalance has come to; when, only the one who stores it knows. */
export type GroupOutcome = Omit<GroupMetadataValue, 'currentStateTimestampMs'>;
