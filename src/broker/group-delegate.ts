/** The groups' half of a broker, kept by something of its own. */
import type {
  CommitOutcome,
  CommitRequest,
  CommittedOffset,
  GroupDescription,
  GroupListing,
  GroupMember,
  Groups,
  JoinGroupRequest,
  JoinGroupResult,
  LeaveOutcome,
  LeavingMember,
  SyncGroupRequest,
  SyncGroupResult,
  TopicPartition,
} from './groups.ts';

export abstract class GroupDelegate implements Groups {
  protected abstract readonly groups: Groups;

  joinGroup(request: JoinGroupRequest): Promise<JoinGroupResult> {
    return this.groups.joinGroup(request);
  }

  syncGroup(request: SyncGroupRequest): Promise<SyncGroupResult> {
    return this.groups.syncGroup(request);
  }

  heartbeat(member: GroupMember): Promise<void> {
    return this.groups.heartbeat(member);
  }

  holdMember(member: GroupMember, ended: () => void): Promise<() => void> {
    return this.groups.holdMember(member, ended);
  }

  leaveGroup(group: string, members: readonly LeavingMember[]): Promise<readonly LeaveOutcome[]> {
    return this.groups.leaveGroup(group, members);
  }

  commitOffsets(request: CommitRequest): Promise<readonly CommitOutcome[]> {
    return this.groups.commitOffsets(request);
  }

  fetchOffsets(group: string): Promise<readonly CommittedOffset[]> {
    return this.groups.fetchOffsets(group);
  }

  deleteOffsets(
    group: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly CommitOutcome[]> {
    return this.groups.deleteOffsets(group, partitions);
  }

  listGroups(): Promise<readonly GroupListing[]> {
    return this.groups.listGroups();
  }

  describeGroup(group: string): Promise<GroupDescription> {
    return this.groups.describeGroup(group);
  }

  deleteGroup(group: string): Promise<void> {
    return this.groups.deleteGroup(group);
  }
}
