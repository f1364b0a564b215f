/**
 * ApiVersions: v0-4. Which APIs are served, and in which versions: the first thing clients ask.
 *
 * - The answer is made from the registry.
 * - A version that is not known is answered in the form of v0 with error 35 and the table all the
 *   same, so that the client can ask again with one that is (KIP-511). Its body is not read.
 * - No features: none of those that have names are here (transactions, the newer groups).
 *
 * v1: throttle_time_ms
 * v2: as v1
 * v3: flexible; the name and version of the client's software (KIP-511); features, as tags (KIP-584)
 * v4: as v3, but for features whose lowest version is 0 (KAFKA-17011)
 */
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import type { ApiVersion, Call, KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';

/** Kafka's own rule for both. */
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/;

/** Of the client. */
export interface ApiVersionsRequest {
  readonly softwareName: string;
  readonly softwareVersion: string;
}

export interface ApiVersionsResponse {
  readonly error: number;
  readonly apis: readonly ApiVersion[];
}

export const API_VERSIONS: KafkaApi<ApiVersionsRequest | undefined, ApiVersionsResponse> = {
  key: 18,
  name: 'ApiVersions',
  versions: { min: 0, max: 4 },
  flexibleFrom: 3,
  readRequest,
  handle({ apis }: Call, request) {
    const isFine =
      request === undefined ||
      (SOFTWARE.test(request.softwareName) && SOFTWARE.test(request.softwareVersion));
    return isFine
      ? { error: KAFKA_ERROR.NONE, apis }
      : { error: KAFKA_ERROR.INVALID_REQUEST, apis: [] };
  },
  writeResponse,
};

/** For a version that is not known, to be written as v0. */
export function unsupportedVersion(apis: readonly ApiVersion[]): ApiVersionsResponse {
  return { error: KAFKA_ERROR.UNSUPPORTED_VERSION, apis };
}

/**
 *     v0-2   nothing
 *     v3-4   client_software_name string, client_software_version string, tags
 */
function readRequest(reader: KafkaReader, version: number): ApiVersionsRequest | undefined {
  if (version < 3) return undefined;
  const softwareName = reader.readString('client_software_name');
  const softwareVersion = reader.readString('client_software_version');
  reader.readTags('tags');
  return { softwareName, softwareVersion };
}

/**
 *     error_code int16
 *     api_keys array of (api_key int16, min_version int16, max_version int16, tags)
 *     v1+    throttle_time_ms int32
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { error, apis }: ApiVersionsResponse,
  version: number,
): void {
  writer.writeInt16(error);
  writer.writeArray(apis, ({ key, min, max }) => {
    writer.writeInt16(key);
    writer.writeInt16(min);
    writer.writeInt16(max);
    writer.writeTags();
  });
  if (version >= 1) writer.writeInt32(0);
  writer.writeTags();
}
