/** How a group refuses. */
import { MillraceError } from '../../model/errors.ts';
import { quote } from '../../model/names.ts';

export function unknownMember(group: string, memberId: string): MillraceError {
  return new MillraceError(
    'UNKNOWN_MEMBER_ID',
    `group ${quote(group)} has no member ${quote(memberId)}; join without a member id`,
    { details: { group, member_id: memberId } },
  );
}

/** To a join that waited, when the same member joined once more. */
export function joinedAgain(group: string, memberId: string): MillraceError {
  return new MillraceError(
    'UNKNOWN_MEMBER_ID',
    `member ${quote(memberId)} of group ${quote(group)} joined once more, which took this join's place`,
    { details: { group, member_id: memberId } },
  );
}

/** To a join whose caller does not wait for the answer any more. */
export function callerGone(group: string): MillraceError {
  return new MillraceError(
    'UNKNOWN_MEMBER_ID',
    `the caller went away before group ${quote(group)} had come together`,
    { details: { group } },
  );
}

export function fencedInstance(
  group: string,
  { groupInstanceId, memberId }: { readonly groupInstanceId: string; readonly memberId: string },
): MillraceError {
  return new MillraceError(
    'FENCED_INSTANCE_ID',
    `in group ${quote(group)} another member has taken over the instance id ${quote(groupInstanceId)}`,
    { details: { group, group_instance_id: groupInstanceId, member_id: memberId } },
  );
}

export function illegalGeneration(
  group: string,
  { received, current }: { readonly received: number; readonly current: number },
): MillraceError {
  return new MillraceError(
    'ILLEGAL_GENERATION',
    `group ${quote(group)} is in generation ${current}, not ${received}; join again`,
    { details: { group, received, current } },
  );
}

export function rebalanceInProgress(group: string): MillraceError {
  return new MillraceError(
    'REBALANCE_IN_PROGRESS',
    `the partitions of group ${quote(group)} are being shared out; join again with the member id`,
    { retriable: true, details: { group } },
  );
}

export function memberIdRequired(group: string, memberId: string): MillraceError {
  return new MillraceError(
    'MEMBER_ID_REQUIRED',
    `join group ${quote(group)} again with the member id ${quote(memberId)}`,
    { retriable: true, details: { group, member_id: memberId } },
  );
}

/** `what` says what is wrong, behind the group's name. */
export function inconsistentProtocol(
  group: string,
  what: string,
  facts: { readonly received: unknown; readonly current: unknown },
): MillraceError {
  return new MillraceError('INCONSISTENT_GROUP_PROTOCOL', `group ${quote(group)} ${what}`, {
    details: { group, ...facts },
  });
}

export function groupIsFull(group: string, allowed: number): MillraceError {
  return new MillraceError(
    'GROUP_MAX_SIZE_REACHED',
    `group ${quote(group)} has ${allowed} members, which is the limit`,
    { details: { group, allowed } },
  );
}

export function groupNotFound(group: string): MillraceError {
  return new MillraceError('GROUP_ID_NOT_FOUND', `there is no group ${quote(group)}`, {
    details: { group },
  });
}

export function groupNotEmpty(group: string, members: number): MillraceError {
  return new MillraceError(
    'NON_EMPTY_GROUP',
    `group ${quote(group)} still has members: ${members}`,
    {
      details: { group, members },
    },
  );
}
