/**
 * LeaveGroup: v0-5. Takes members out at once, so that nobody waits for their session time.
 *
 * - A static member may be named by its instance id alone, with an empty member id: that is how an
 *   administrator takes it out.
 * - Of one member, before v3, its fault is that of the request.
 *
 * v0
 * v1: throttle_time_ms
 * v2: as v1
 * v3: many members, by instance id too (KIP-345)
 * v4: flexible (KIP-482)
 * v5: reason (KIP-800), which nobody is told
 */
import type { LeaveOutcome, LeavingMember } from '../../broker/groups.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { MEMBERS_PER_GROUP_MAX } from '../../model/limits.ts';
import type { KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { groupErrorNumber } from '../errors.ts';
import { readInstanceId, refusalNumber } from '../group-fields.ts';

interface LeaveGroupRequest {
  readonly group: string;
  readonly members: readonly LeavingMember[];
}

interface LeaveGroupResponse {
  readonly error: number;
  readonly outcomes: readonly LeaveOutcome[];
}

export const LEAVE_GROUP: KafkaApi<LeaveGroupRequest, LeaveGroupResponse> = {
  key: 13,
  name: 'LeaveGroup',
  versions: { min: 0, max: 5 },
  flexibleFrom: 4,
  readRequest,
  async handle({ context }, { group, members }) {
    try {
      const outcomes = await context.broker.leaveGroup(group, members);
      return { error: KAFKA_ERROR.NONE, outcomes };
    } catch (error) {
      return { error: refusalNumber(error), outcomes: [] };
    }
  },
  writeResponse,
};

/**
 *     group_id string
 *     v0-2     member_id string
 *     v3+      members array of
 *                member_id string, group_instance_id nullable string
 *       v5+      reason nullable string
 *                tags
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): LeaveGroupRequest {
  const group = reader.readString('group_id');
  if (version < 3) return { group, members: [{ memberId: reader.readString('member_id') }] };
  const bounds = { field: 'members', elementBytesMin: 2, countMax: MEMBERS_PER_GROUP_MAX };
  const members = reader.readArray(bounds, (): LeavingMember => {
    const memberId = reader.readString('member_id');
    const instance = readInstanceId(reader, true);
    if (version >= 5) reader.readNullableString('reason');
    reader.readTags('tags of a member');
    return { memberId, ...instance };
  });
  reader.readTags('tags');
  return { group, members };
}

/**
 *     v1+      throttle_time_ms int32
 *     error_code int16
 *     v3+      members array of
 *                member_id string, group_instance_id nullable string, error_code int16
 *                tags
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { error, outcomes }: LeaveGroupResponse,
  version: number,
): void {
  if (version >= 1) writer.writeInt32(0);
  const [only] = outcomes;
  writer.writeInt16(version < 3 && only !== undefined ? numberOf(only) : error);
  if (version >= 3) {
    writer.writeArray(outcomes, (outcome) => {
      writer.writeString(outcome.memberId);
      writer.writeNullableString(outcome.groupInstanceId ?? null);
      writer.writeInt16(numberOf(outcome));
      writer.writeTags();
    });
  }
  writer.writeTags();
}

function numberOf({ error }: LeaveOutcome): number {
  return error === undefined ? KAFKA_ERROR.NONE : groupErrorNumber(error);
}
