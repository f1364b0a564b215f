/**
 * JoinGroup: v0-7. Comes into a group, or into its next generation.
 *
 * - Answered when the rebalance that it begins or takes part in is complete; till then it is parked.
 *   A connection that goes away takes the member with it; a server that stops does not, it answers
 *   16 and the member keeps its place.
 * - From v4 a new member is sent away once with the id it is to come back with (79).
 * - The leader alone is told of the members, with what they said under the chosen protocol.
 *
 * v0: the session time is the rebalance time, too
 * v1: rebalance_timeout_ms (KIP-62)
 * v2: throttle_time_ms
 * v3: as v2
 * v4: MEMBER_ID_REQUIRED (KIP-394)
 * v5: group_instance_id (KIP-345)
 * v6: flexible (KIP-482)
 * v7: protocol_type is answered (KIP-559)
 */
import type { GroupProtocol, JoinedMember, JoinGroupRequest } from '../../broker/groups.ts';
import { shuttingDown } from '../../broker/refusals.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { MillraceError } from '../../model/errors.ts';
import { GROUP_PROTOCOLS_MAX } from '../../model/limits.ts';
import { unlessAborted } from '../../model/unless-aborted.ts';
import type { Call, KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { readInstanceId, refusalNumber } from '../group-fields.ts';

type Wish = Omit<JoinGroupRequest, 'clientId' | 'clientHost' | 'signal' | 'requiresMemberId'>;

interface JoinGroupResponse {
  readonly error: number;
  readonly generation: number;
  /** Null = none. */
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leader: string;
  readonly memberId: string;
  readonly members: readonly JoinedMember[];
}

export const JOIN_GROUP: KafkaApi<Wish, JoinGroupResponse> = {
  key: 11,
  name: 'JoinGroup',
  versions: { min: 0, max: 7 },
  flexibleFrom: 6,
  readRequest,
  async handle(call, wish) {
    try {
      const joined = await unlessAborted(join(call, wish), call.signal, shuttingDown);
      return { ...joined, error: KAFKA_ERROR.NONE };
    } catch (error) {
      return refused(wish, error);
    }
  },
  writeResponse,
};

function join({ context, clientId, peer, version, gone }: Call, wish: Wish) {
  return context.broker.joinGroup({
    ...wish,
    clientId,
    // As Java writes an address, which Kafka's tools show.
    clientHost: `/${peer.remote.host}`,
    requiresMemberId: version >= 4,
    signal: gone,
  });
}

function refused({ memberId }: Wish, error: unknown): JoinGroupResponse {
  const given = error instanceof MillraceError ? error.details['member_id'] : undefined;
  return {
    error: refusalNumber(error),
    generation: -1,
    protocolType: null,
    protocol: null,
    leader: '',
    memberId: typeof given === 'string' ? given : memberId,
    members: [],
  };
}

/**
 *     group_id string, session_timeout_ms int32
 *     v1+      rebalance_timeout_ms int32
 *     member_id string
 *     v5+      group_instance_id nullable string
 *     protocol_type string
 *     protocols array of
 *              name string, metadata bytes
 *              tags
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): Wish {
  const group = reader.readString('group_id');
  const sessionTimeoutMs = reader.readInt32('session_timeout_ms');
  const rebalanceTimeoutMs =
    version >= 1 ? reader.readInt32('rebalance_timeout_ms') : sessionTimeoutMs;
  const memberId = reader.readString('member_id');
  const instance = readInstanceId(reader, version >= 5);
  const protocolType = reader.readString('protocol_type');
  const bounds = { field: 'protocols', elementBytesMin: 2, countMax: GROUP_PROTOCOLS_MAX };
  const protocols = reader.readArray(bounds, (): GroupProtocol => {
    const name = reader.readString('name of a protocol');
    const metadata = reader.readBytes('metadata of a protocol');
    reader.readTags('tags of a protocol');
    return { name, metadata };
  });
  reader.readTags('tags');
  const times = { sessionTimeoutMs, rebalanceTimeoutMs };
  return { group, ...times, memberId, ...instance, protocolType, protocols };
}

/**
 *     v2+      throttle_time_ms int32
 *     error_code int16, generation_id int32
 *     v7+      protocol_type nullable string
 *     protocol_name string, nullable from v7
 *     leader string, member_id string
 *     members array of
 *              member_id string
 *       v5+    group_instance_id nullable string
 *              metadata bytes
 *              tags
 *     tags
 */
function writeResponse(writer: KafkaWriter, response: JoinGroupResponse, version: number): void {
  if (version >= 2) writer.writeInt32(0);
  writer.writeInt16(response.error);
  writer.writeInt32(response.generation);
  if (version >= 7) writer.writeNullableString(response.protocolType);
  writer.writeNullableString(version >= 7 ? response.protocol : (response.protocol ?? ''));
  writer.writeString(response.leader);
  writer.writeString(response.memberId);
  writer.writeArray(response.members, ({ memberId, groupInstanceId = null, metadata }) => {
    writer.writeString(memberId);
    if (version >= 5) writer.writeNullableString(groupInstanceId);
    writer.writeBytes(metadata);
    writer.writeTags();
  });
  writer.writeTags();
}
