/**
 * AlterConfigs: v0-2. Replaces all configs of topics. IncrementalAlterConfigs followed it.
 *
 * - What is not named goes back to its default, as ever with this request.
 * - A topic or a config named twice, and a config without a value, are refused with 42; an unknown
 *   config, or a value outside its range, with 40.
 * - The broker's configs cannot be altered, and other resources have none: 42.
 *
 * v1: as v0
 * v2: flexible (KIP-482)
 */
import type { ConfigChanges } from '../../broker/broker.ts';
import { TOPIC_CONFIG_DEFINITIONS } from '../../model/topic-config-definitions.ts';
import type { KafkaApi } from '../api.ts';
import { alterConfigs, readAlterRequest, valueOf, writeAlterResponse } from '../config-changes.ts';
import type { AlterRequest, AlterResponse, NamedConfig } from '../config-changes.ts';

export const ALTER_CONFIGS: KafkaApi<AlterRequest<NamedConfig>, AlterResponse> = {
  key: 33,
  name: 'AlterConfigs',
  versions: { min: 0, max: 2 },
  flexibleFrom: 2,
  /**
   *     see readAlterRequest, a config being
   *       name string, value nullable string
   */
  readRequest: (reader) =>
    readAlterRequest(reader, () => ({
      name: reader.readString('name'),
      value: reader.readNullableString('value'),
    })),
  handle: (call, request) => alterConfigs(call, request, replacement),
  writeResponse: writeAlterResponse,
};

/** All that there are go back, not just those that were set a moment ago. */
function replacement(configs: readonly NamedConfig[]): ConfigChanges {
  return new Map([
    ...TOPIC_CONFIG_DEFINITIONS.map(({ name }) => [name, null] as const),
    ...configs.map((config) => [config.name, valueOf(config)] as const),
  ]);
}
