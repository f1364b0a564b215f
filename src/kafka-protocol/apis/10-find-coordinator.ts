/**
 * FindCoordinator: v0-4. Which broker to ask about a group.
 *
 * - This one, for every group, whether it exists or not.
 * - There are no transactions: asked for the coordinator of one, it answers 53, which clients take
 *   for final and show with its message.
 *
 * v0: of groups alone
 * v1: key_type: 0 group, 1 transactional id (KIP-98); throttle_time_ms, error_message
 * v2: as v1
 * v3: flexible (KIP-482)
 * v4: many keys at once (KIP-699)
 */
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { GROUPS_MAX } from '../../model/limits.ts';
import type { KafkaApi } from '../api.ts';
import { brokerAddress, NODE_ID } from '../cluster.ts';
import type { HostAndPort } from '../context.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { NO_TRANSACTIONS } from '../no-transactions.ts';

const GROUP = 0;
const TRANSACTION = 1;
const NOWHERE: HostAndPort = { host: '', port: -1 };

export interface FindCoordinatorRequest {
  readonly keyType: number;
  /** One, before v4. */
  readonly keys: readonly string[];
}

export interface FindCoordinatorResponse {
  readonly keys: readonly string[];
  /** The same for all keys, which are of one type. */
  readonly error: number;
  readonly message: string | null;
  readonly nodeId: number;
  readonly address: HostAndPort;
}

export const FIND_COORDINATOR: KafkaApi<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  name: 'FindCoordinator',
  versions: { min: 0, max: 4 },
  flexibleFrom: 3,
  readRequest,
  handle(call, { keyType, keys }) {
    if (keyType === GROUP) {
      const address = brokerAddress(call);
      return { keys, error: KAFKA_ERROR.NONE, message: null, nodeId: NODE_ID, address };
    }
    const refusal =
      keyType === TRANSACTION
        ? NO_TRANSACTIONS
        : { error: KAFKA_ERROR.INVALID_REQUEST, message: `there is no key type ${keyType}` };
    return { keys, ...refusal, nodeId: -1, address: NOWHERE };
  },
  writeResponse,
};

/**
 *     v0-3     key string
 *     v1+      key_type int8
 *     v4+      coordinator_keys array of string
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): FindCoordinatorRequest {
  const first = version < 4 ? [reader.readString('key')] : [];
  const keyType = version >= 1 ? reader.readInt8('key_type') : GROUP;
  const bounds = { field: 'coordinator_keys', elementBytesMin: 1, countMax: GROUPS_MAX };
  const keys = version < 4 ? first : reader.readArray(bounds, () => reader.readString('key'));
  reader.readTags('tags');
  return { keyType, keys };
}

/**
 *     v1+      throttle_time_ms int32
 *     v0-3     error_code int16
 *     v1-3     error_message nullable string
 *     v0-3     node_id int32, host string, port int32
 *     v4+      coordinators array of
 *                key string, node_id int32, host string, port int32
 *                error_code int16, error_message nullable string
 *                tags
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { keys, error, message, nodeId, address }: FindCoordinatorResponse,
  version: number,
): void {
  const writeError = (): void => {
    writer.writeInt16(error);
    if (version >= 1) writer.writeNullableString(message);
  };
  const writePlace = (): void => {
    writer.writeInt32(nodeId);
    writer.writeString(address.host);
    writer.writeInt32(address.port);
  };
  if (version >= 1) writer.writeInt32(0);
  if (version < 4) {
    writeError();
    writePlace();
  } else {
    writer.writeArray(keys, (key) => {
      writer.writeString(key);
      writePlace();
      writeError();
      writer.writeTags();
    });
  }
  writer.writeTags();
}
