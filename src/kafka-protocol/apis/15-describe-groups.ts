/**
 * DescribeGroups: v0-5. Groups with their members.
 *
 * - A group that is not known is Dead, and that is no error.
 *
 * v0
 * v1: throttle_time_ms
 * v2: as v1
 * v3: authorized operations (KIP-430)
 * v4: group_instance_id (KIP-345)
 * v5: flexible (KIP-482)
 */
import type { GroupDescription } from '../../broker/groups.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { GROUPS_MAX } from '../../model/limits.ts';
import type { Call, KafkaApi } from '../api.ts';
import { GROUP_OPERATIONS, OPERATIONS_NOT_ASKED } from '../authorized-operations.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { refusalNumber } from '../group-fields.ts';

interface DescribeGroupsRequest {
  readonly groups: readonly string[];
  readonly wantsOperations: boolean;
}

interface DescribeGroupsResponse {
  readonly groups: readonly GroupShown[];
  readonly operations: number;
}

interface GroupShown extends Omit<GroupDescription, 'generation' | 'leader'> {
  readonly error: number;
}

export const DESCRIBE_GROUPS: KafkaApi<DescribeGroupsRequest, DescribeGroupsResponse> = {
  key: 15,
  name: 'DescribeGroups',
  versions: { min: 0, max: 5 },
  flexibleFrom: 5,
  readRequest,
  async handle(call, { groups, wantsOperations }) {
    const operations = wantsOperations ? GROUP_OPERATIONS : OPERATIONS_NOT_ASKED;
    return { groups: await Promise.all(groups.map((each) => shown(call, each))), operations };
  },
  writeResponse,
};

async function shown({ context }: Call, group: string): Promise<GroupShown> {
  try {
    return { ...(await context.broker.describeGroup(group)), error: KAFKA_ERROR.NONE };
  } catch (error) {
    const number = refusalNumber(error);
    const isUnknown = number === KAFKA_ERROR.GROUP_ID_NOT_FOUND;
    const nothing = { protocolType: '', protocol: '', members: [] };
    return { group, state: 'Dead', ...nothing, error: isUnknown ? KAFKA_ERROR.NONE : number };
  }
}

/**
 *     groups array of string
 *     v3+      include_authorized_operations boolean
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): DescribeGroupsRequest {
  const bounds = { field: 'groups', elementBytesMin: 1, countMax: GROUPS_MAX };
  const groups = reader.readArray(bounds, () => reader.readString('group_id'));
  const wantsOperations = version >= 3 && reader.readBoolean('include_authorized_operations');
  reader.readTags('tags');
  return { groups, wantsOperations };
}

/**
 *     v1+      throttle_time_ms int32
 *     groups array of
 *              error_code int16, group_id string, group_state string, protocol_type string
 *              protocol_data string
 *              members array of
 *                member_id string
 *       v4+      group_instance_id nullable string
 *                client_id string, client_host string
 *                member_metadata bytes, member_assignment bytes
 *                tags
 *       v3+    authorized_operations int32
 *              tags
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { groups, operations }: DescribeGroupsResponse,
  version: number,
): void {
  if (version >= 1) writer.writeInt32(0);
  writer.writeArray(groups, (group) => {
    writer.writeInt16(group.error);
    writer.writeString(group.group);
    writer.writeString(group.state);
    writer.writeString(group.protocolType);
    writer.writeString(group.protocol);
    writer.writeArray(group.members, (member) => {
      writer.writeString(member.memberId);
      if (version >= 4) writer.writeNullableString(member.groupInstanceId ?? null);
      writer.writeString(member.clientId);
      writer.writeString(member.clientHost);
      writer.writeBytes(member.metadata);
      writer.writeBytes(member.assignment);
      writer.writeTags();
    });
    if (version >= 3) writer.writeInt32(operations);
    writer.writeTags();
  });
  writer.writeTags();
}
