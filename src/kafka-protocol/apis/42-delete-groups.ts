/**
 * DeleteGroups: v0-2. Deletes groups without members, with what they have committed.
 *
 * v0
 * v1: as v0
 * v2: flexible (KIP-482)
 */
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { GROUPS_MAX } from '../../model/limits.ts';
import type { KafkaApi } from '../api.ts';
import { errorOf } from '../group-fields.ts';

type DeleteGroupsResponse = readonly { readonly group: string; readonly error: number }[];

export const DELETE_GROUPS: KafkaApi<readonly string[], DeleteGroupsResponse> = {
  key: 42,
  name: 'DeleteGroups',
  versions: { min: 0, max: 2 },
  flexibleFrom: 2,
  readRequest,
  handle: ({ context }, groups) =>
    Promise.all(
      groups.map(async (group) => ({
        group,
        error: await errorOf(context.broker.deleteGroup(group)),
      })),
    ),
  writeResponse,
};

/**
 *     groups_names array of string
 *     tags
 */
function readRequest(reader: KafkaReader): string[] {
  const bounds = { field: 'groups_names', elementBytesMin: 1, countMax: GROUPS_MAX };
  const groups = reader.readArray(bounds, () => reader.readString('group_id'));
  reader.readTags('tags');
  return groups;
}

/**
 *     throttle_time_ms int32
 *     results array of
 *              group_id string, error_code int16
 *              tags
 *     tags
 */
function writeResponse(writer: KafkaWriter, results: DeleteGroupsResponse): void {
  writer.writeInt32(0);
  writer.writeArray(results, ({ group, error }) => {
    writer.writeString(group);
    writer.writeInt16(error);
    writer.writeTags();
  });
  writer.writeTags();
}
