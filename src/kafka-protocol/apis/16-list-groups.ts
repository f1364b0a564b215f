/**
 * ListGroups: v0-4. All groups, or those in certain states.
 *
 * v0
 * v1: throttle_time_ms
 * v2: as v1
 * v3: flexible (KIP-482)
 * v4: states (KIP-518)
 */
import type { GroupListing } from '../../broker/groups.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import type { KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { refusalNumber } from '../group-fields.ts';

interface ListGroupsRequest {
  /** As the client writes them, in lower case; empty = all. */
  readonly states: readonly string[];
}

interface ListGroupsResponse {
  readonly error: number;
  readonly groups: readonly GroupListing[];
}

/** There are five; a client may know more of them. */
const STATES_MAX = 32;

export const LIST_GROUPS: KafkaApi<ListGroupsRequest, ListGroupsResponse> = {
  key: 16,
  name: 'ListGroups',
  versions: { min: 0, max: 4 },
  flexibleFrom: 3,
  readRequest,
  async handle({ context }, { states }) {
    try {
      const all = await context.broker.listGroups();
      const groups = all.filter(
        ({ state }) => states.length === 0 || states.includes(state.toLowerCase()),
      );
      return { error: KAFKA_ERROR.NONE, groups };
    } catch (error) {
      return { error: refusalNumber(error), groups: [] };
    }
  },
  writeResponse,
};

/**
 *     v4+      states_filter array of string
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): ListGroupsRequest {
  const bounds = { field: 'states_filter', elementBytesMin: 1, countMax: STATES_MAX };
  const states = version < 4 ? [] : reader.readArray(bounds, () => reader.readString('state'));
  reader.readTags('tags');
  return { states: states.map((each) => each.toLowerCase()) };
}

/**
 *     v1+      throttle_time_ms int32
 *     error_code int16
 *     groups array of
 *              group_id string, protocol_type string
 *       v4+    group_state string
 *              tags
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { error, groups }: ListGroupsResponse,
  version: number,
): void {
  if (version >= 1) writer.writeInt32(0);
  writer.writeInt16(error);
  writer.writeArray(groups, ({ group, protocolType, state }) => {
    writer.writeString(group);
    writer.writeString(protocolType);
    if (version >= 4) writer.writeString(state);
    writer.writeTags();
  });
  writer.writeTags();
}
