/**
 * What a group does about a join: the decision alone, in the order of Kafka's checks. Whoever
 * carries it out is `group-state.ts`.
 */
import type { MillraceError } from '../../model/errors.ts';
import { MEMBERS_PER_GROUP_MAX } from '../../model/limits.ts';
import { quote } from '../../model/names.ts';
import type { JoinGroupRequest } from '../groups.ts';
import type { Member } from './group-members.ts';
import { sameProtocols } from './group-protocols.ts';
import { groupIsFull, inconsistentProtocol, unknownMember } from './group-refusals.ts';
import type { GroupView } from './group-view.ts';
import { strangeness } from './member-claims.ts';

export type JoinStep =
  | { readonly kind: 'refuse'; readonly error: MillraceError }
  /** Give the newcomer an id that it has to come back with. */
  | { readonly kind: 'promise' }
  /** It becomes a member; with a new id, or with the one that it was promised. */
  | { readonly kind: 'add'; readonly promisedId: string | undefined }
  /** A static member comes back under a new id, in place of the one it had. */
  | { readonly kind: 'take-over'; readonly of: Member }
  /** It takes part in the rebalance, or begins one. */
  | { readonly kind: 'rejoin'; readonly member: Member }
  /** It has missed the answer: nothing has changed, so it is told again. */
  | { readonly kind: 'tell-again'; readonly member: Member };

type JoinScene = Pick<GroupView, 'group' | 'state' | 'protocolType' | 'members'>;

export function joinStep(scene: JoinScene, request: JoinGroupRequest): JoinStep {
  const { members } = scene;
  const { memberId, groupInstanceId } = request;
  const inPlace = groupInstanceId === undefined ? undefined : members.instance(groupInstanceId);
  const itself = memberId === '' ? inPlace : members.get(memberId);
  const error =
    (itself === undefined ? noRoom(scene, request) : undefined) ??
    inconsistency(scene, request, itself);
  if (error !== undefined) return { kind: 'refuse', error };
  if (memberId === '') {
    if (inPlace !== undefined) return { kind: 'take-over', of: inPlace };
    const isPromise = request.requiresMemberId === true && groupInstanceId === undefined;
    return isPromise ? { kind: 'promise' } : { kind: 'add', promisedId: undefined };
  }
  // A promise is for members without an instance id: those have no need of one.
  if (members.isPromised(memberId) && groupInstanceId === undefined) {
    return { kind: 'add', promisedId: memberId };
  }
  const stranger = strangeness(scene, { memberId, groupInstanceId });
  if (stranger !== undefined) return { kind: 'refuse', error: stranger };
  return rejoinStep(scene, request);
}

function noRoom(
  { group, members }: JoinScene,
  { memberId }: JoinGroupRequest,
): MillraceError | undefined {
  const taken = members.count + members.promisedCount;
  if (members.isPromised(memberId) || taken < MEMBERS_PER_GROUP_MAX) return undefined;
  return groupIsFull(group, MEMBERS_PER_GROUP_MAX);
}

/**
 * `itself` may change what it offers to anything that the others know: other than in Kafka, which
 * counts what it offered before too, a member that is alone can change its only protocol.
 */
function inconsistency(
  { group, protocolType, members }: JoinScene,
  request: JoinGroupRequest,
  itself: Member | undefined,
): MillraceError | undefined {
  if (request.protocolType === '' || request.protocols.length === 0) {
    const received = { protocol_type: request.protocolType, protocols: request.protocols.length };
    const what = 'needs a protocol type and at least one protocol of each member';
    return inconsistentProtocol(group, what, { received, current: protocolType });
  }
  if (members.count === 0) return undefined;
  if (request.protocolType !== protocolType) {
    const what = `is of type ${quote(protocolType)}, not ${quote(request.protocolType)}`;
    const facts = { received: request.protocolType, current: protocolType };
    return inconsistentProtocol(group, what, facts);
  }
  if (members.couldAgree(request.protocols, itself)) return undefined;
  const received = request.protocols.map(({ name }) => name);
  const current = members.protocolNames();
  const what = `has no protocol that all members know if one knows only ${received.map(quote).join(', ')}`;
  return inconsistentProtocol(group, what, { received, current });
}

/** The leader joins again to have the partitions shared out anew, whatever it says of itself. */
function rejoinStep({ group, state, members }: JoinScene, request: JoinGroupRequest): JoinStep {
  const member = members.get(request.memberId);
  if (member === undefined) {
    return { kind: 'refuse', error: unknownMember(group, request.memberId) };
  }
  const isUnchanged = sameProtocols(member.protocols, request.protocols);
  const isToldAgain =
    state === 'CompletingRebalance' || (state === 'Stable' && members.leader !== member.memberId);
  return isUnchanged && isToldAgain ? { kind: 'tell-again', member } : { kind: 'rejoin', member };
}
