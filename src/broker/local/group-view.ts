/** What a group shows of itself: in answers, in descriptions and in what is stored of it. */
import type {
  GroupDescription,
  GroupState,
  JoinedMember,
  JoinGroupResult,
  SyncGroupResult,
} from '../groups.ts';
import type { GroupOutcome } from './group-effects.ts';
import type { GroupMembers, Member } from './group-members.ts';
import { metadataFor } from './group-protocols.ts';

export interface GroupView {
  readonly group: string;
  readonly state: GroupState;
  readonly generation: number;
  /** Empty before the first member came. */
  readonly protocolType: string;
  /** null while none is chosen. */
  readonly protocol: string | null;
  readonly members: GroupMembers;
}

/** The leader alone is told of all members. */
export function joinResult(view: GroupView, { memberId }: Member): JoinGroupResult {
  const { generation, protocolType, members } = view;
  const leader = members.leader ?? '';
  const who = memberId === leader ? joinedMembers(view) : [];
  return { memberId, generation, protocolType, protocol: chosen(view), leader, members: who };
}

export function syncResult(view: GroupView, { assignment }: Member): SyncGroupResult {
  return { protocolType: view.protocolType, protocol: chosen(view), assignment };
}

/** With the assignments that are to be, and the members' ids that are to be. */
export function groupOutcome(
  view: GroupView,
  assignmentOf: (member: Member) => Uint8Array,
): GroupOutcome {
  const { protocolType, generation, protocol, members } = view;
  const values = Array.from(members.all(), (member) => {
    const { memberId, groupInstanceId = null, clientId, clientHost, protocols } = member;
    const { rebalanceTimeoutMs, sessionTimeoutMs } = member;
    const times = { rebalanceTimeoutMs, sessionTimeoutMs };
    const subscription = metadataFor(protocols, chosen(view));
    const assignment = assignmentOf(member);
    const who = { memberId, groupInstanceId, clientId, clientHost };
    return { ...who, ...times, subscription, assignment };
  });
  const leader = members.leader ?? null;
  return { protocolType, generation, protocol, leader, members: values };
}

export function describedGroup(view: GroupView): GroupDescription {
  const { group, state, protocolType, generation, members } = view;
  const described = Array.from(members.all(), (member) => {
    const { memberId, groupInstanceId, clientId, clientHost, protocols, assignment } = member;
    const { rebalanceTimeoutMs, sessionTimeoutMs } = member;
    const times = { rebalanceTimeoutMs, sessionTimeoutMs };
    const metadata = metadataFor(protocols, chosen(view));
    return { memberId, groupInstanceId, clientId, clientHost, ...times, metadata, assignment };
  });
  const choice = { protocol: chosen(view), leader: members.leader ?? '' };
  return { group, state, protocolType, generation, ...choice, members: described };
}

function joinedMembers(view: GroupView): JoinedMember[] {
  return Array.from(view.members.all(), ({ memberId, groupInstanceId, protocols }) => {
    return { memberId, groupInstanceId, metadata: metadataFor(protocols, chosen(view)) };
  });
}

function chosen({ protocol }: GroupView): string {
  return protocol ?? '';
}
