/**
 * IncrementalAlterConfigs: v0-1. Sets some configs of topics and leaves the others (KIP-339).
 *
 * - SET, DELETE (back to the default), and for configs that are lists APPEND and SUBTRACT; of
 *   another kind these two are refused with 40. What is there is not appended again, and what is
 *   not there is not missed.
 * - A topic or a config named twice, an operation that is unknown, and a config without a value
 *   (but for DELETE) are refused with 42; an unknown config, or a value outside its range, with 40.
 * - The broker's configs cannot be altered, and other resources have none: 42.
 *
 * v1: flexible (KIP-482)
 */
import type { Topic } from '../../broker/broker.ts';
import { MillraceError } from '../../model/errors.ts';
import { quote } from '../../model/names.ts';
import { effectiveConfigTexts } from '../../model/topic-config.ts';
import { TOPIC_CONFIG_DEFINITIONS } from '../../model/topic-config-definitions.ts';
import type { KafkaApi } from '../api.ts';
import { alterConfigs, readAlterRequest, valueOf, writeAlterResponse } from '../config-changes.ts';
import type { AlterRequest, AlterResponse, NamedConfig } from '../config-changes.ts';
import { refusedResource } from '../config-resources.ts';

interface ConfigOperation extends NamedConfig {
  readonly operation: number;
}

/** org.apache.kafka.clients.admin.AlterConfigOp.OpType. */
const OPERATION = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

export const INCREMENTAL_ALTER_CONFIGS: KafkaApi<AlterRequest<ConfigOperation>, AlterResponse> = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: { min: 0, max: 1 },
  flexibleFrom: 1,
  /**
   *     see readAlterRequest, a config being
   *       name string, config_operation int8, value nullable string
   */
  readRequest: (reader) =>
    readAlterRequest(reader, () => ({
      name: reader.readString('name'),
      operation: reader.readInt8('config_operation'),
      value: reader.readNullableString('value'),
    })),
  handle: (call, request) =>
    alterConfigs(
      call,
      request,
      (configs, topic) => new Map(configs.map((config) => [config.name, changed(config, topic)])),
    ),
  writeResponse: writeAlterResponse,
};

function changed(config: ConfigOperation, topic: Topic): string | null {
  switch (config.operation) {
    case OPERATION.SET:
      return valueOf(config);
    case OPERATION.DELETE:
      return null;
    case OPERATION.APPEND: {
      const [there, more] = lists(config, topic);
      return [...there, ...more.filter((each) => !there.includes(each))].join(',');
    }
    case OPERATION.SUBTRACT: {
      const [there, less] = lists(config, topic);
      return there.filter((each) => !less.includes(each)).join(',');
    }
    default:
      throw refusedResource(`config ${quote(config.name)}: no operation is ${config.operation}`);
  }
}

/** What a list holds, and what an operation names. */
function lists(config: ConfigOperation, topic: Topic): [there: string[], named: string[]] {
  const { name } = config;
  const definition = TOPIC_CONFIG_DEFINITIONS.find((each) => each.name === name);
  if (definition?.type !== 'list') {
    const message = `config ${quote(name)} is no list, so nothing is appended to it or taken from it`;
    throw new MillraceError('INVALID_CONFIG', message, { details: { config: name } });
  }
  const there = effectiveConfigTexts(topic.configOverrides).get(name) as string;
  return [there.split(','), valueOf(config).split(',')];
}
