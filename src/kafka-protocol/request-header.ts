/**
 * The headers of requests and of their responses.
 *
 *     request    api_key int16, api_version int16, correlation_id int32, client_id nullable string,
 *                from the API's first flexible version on tags (the client id keeps the plain form)
 *     response   correlation_id int32, from the first flexible version on tags (never ApiVersions,
 *                whose answer must be readable to those who do not know the version yet)
 */
import type { KafkaReader } from '../codec/kafka-reader.ts';
import type { KafkaWriter } from '../codec/kafka-writer.ts';

const API_VERSIONS_KEY = 18;

export interface RequestHeader {
  readonly key: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** Up to the tags, which can be read only when the API is known. */
export function readRequestHeader(reader: KafkaReader): RequestHeader {
  return {
    key: reader.readInt16('api_key'),
    version: reader.readInt16('api_version'),
    correlationId: reader.readInt32('correlation_id'),
    clientId: reader.readNullableString('client_id'),
  };
}

export function readHeaderTags(reader: KafkaReader, isFlexible: boolean): void {
  reader.isFlexible = isFlexible;
  reader.readTags('tags of the header');
}

export function writeResponseHeader(
  writer: KafkaWriter,
  { key, correlationId }: Pick<RequestHeader, 'key' | 'correlationId'>,
  isFlexible: boolean,
): void {
  writer.writeInt32(correlationId);
  writer.isFlexible = isFlexible;
  if (key !== API_VERSIONS_KEY) writer.writeTags();
}
