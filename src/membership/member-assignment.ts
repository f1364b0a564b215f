/** What a member is assigned, read from what the group keeps of it. */
import type { MemberDescription } from '../broker/groups.ts';
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import { decodeAssignment } from '../codec/consumer-protocol.ts';
import { MillraceError } from '../model/errors.ts';

/**
 * None while nothing is assigned, and none where the bytes are not a consumer's: any client may
 * lead a group and hand out what it likes.
 */
export function assignmentOf({
  assignment,
}: Pick<MemberDescription, 'assignment'>): readonly TopicPartitions[] {
  try {
    return decodeAssignment(assignment).assignedPartitions;
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'INVALID_REQUEST') throw error;
    return [];
  }
}
