/**
 * Whether somebody is who it says to be, a member of this generation, and may do what it asks now.
 * Each answers why not, or undefined; Kafka's checks in Kafka's order.
 */
import { quote } from '../../model/names.ts';
import type { MillraceError } from '../../model/errors.ts';
import type { CommitRequest, GroupMember, SyncGroupRequest } from '../groups.ts';
import {
  fencedInstance,
  illegalGeneration,
  inconsistentProtocol,
  rebalanceInProgress,
  unknownMember,
} from './group-refusals.ts';
import type { GroupView } from './group-view.ts';

export type MemberClaim = Pick<GroupMember, 'memberId' | 'groupInstanceId'>;

export function strangeness(
  { group, members }: Pick<GroupView, 'group' | 'members'>,
  { memberId, groupInstanceId }: MemberClaim,
): MillraceError | undefined {
  if (groupInstanceId !== undefined) {
    const inPlace = members.instance(groupInstanceId);
    if (inPlace === undefined) return unknownMember(group, memberId);
    if (inPlace.memberId !== memberId) return fencedInstance(group, { groupInstanceId, memberId });
  }
  return members.get(memberId) === undefined ? unknownMember(group, memberId) : undefined;
}

/** With REBALANCE_IN_PROGRESS it is a sign of life nevertheless. */
export function heartbeatRefusal(view: GroupView, claim: GroupMember): MillraceError | undefined {
  return memberRefusal(view, claim) ?? refusalWhilePreparing(view);
}

export function syncRefusal(view: GroupView, sync: SyncGroupRequest): MillraceError | undefined {
  return memberRefusal(view, sync) ?? inconsistentSync(view, sync) ?? refusalWhilePreparing(view);
}

export type CommitClaim = Omit<CommitRequest, 'offsets'>;

/**
 * While members come together they may still commit what they have read. Once they are told of the
 * new generation but not of their assignments there is nothing that they could have read in it.
 */
export function commitRefusal(view: GroupView, claim: CommitClaim): MillraceError | undefined {
  const { group, state } = view;
  const { memberId, generation, groupInstanceId } = claim;
  if (generation < 0 && state === 'Empty') return undefined;
  const isOfNobody = generation < 0 && memberId === '' && groupInstanceId === undefined;
  // Nobody has the id '', so who is nobody is refused where there are members.
  const refusal = isOfNobody ? unknownMember(group, memberId) : memberRefusal(view, claim);
  if (refusal !== undefined) return refusal;
  return state === 'CompletingRebalance' ? rebalanceInProgress(group) : undefined;
}

function memberRefusal(view: GroupView, claim: GroupMember): MillraceError | undefined {
  const { generation: current, group } = view;
  const stranger = strangeness(view, claim);
  if (stranger !== undefined || claim.generation === current) return stranger;
  return illegalGeneration(group, { received: claim.generation, current });
}

function inconsistentSync(
  { group, protocolType, protocol }: GroupView,
  sync: SyncGroupRequest,
): MillraceError | undefined {
  return (
    differing(group, 'is of type', [protocolType, sync.protocolType]) ??
    differing(group, 'has chosen the protocol', [protocol ?? '', sync.protocol])
  );
}

function differing(
  group: string,
  what: string,
  [current, received]: readonly [string, string | undefined],
): MillraceError | undefined {
  if (received === undefined || received === current) return undefined;
  const words = `${what} ${quote(current)}, not ${quote(received)}`;
  return inconsistentProtocol(group, words, { received, current });
}

function refusalWhilePreparing({ group, state }: GroupView): MillraceError | undefined {
  return state === 'PreparingRebalance' ? rebalanceInProgress(group) : undefined;
}
