/** JSON Schemas and examples of topics and partitions, as the API's description shows them. */
import { INT64_SAFE_MAX } from '../model/limits.ts';
import { TOPIC_CONFIG_DEFINITIONS } from '../model/topic-config-definitions.ts';
import type { TopicConfigType } from '../model/topic-config-definitions.ts';
import type { Schema } from './parameters.ts';

export const OFFSET_SCHEMA: Schema = { type: 'integer', minimum: 0, maximum: INT64_SAFE_MAX };

/** A config may be given as what it is, and always as text. */
const VALUE_TYPES: Readonly<Record<TopicConfigType, readonly string[]>> = {
  boolean: ['string', 'boolean'],
  string: ['string'],
  int: ['string', 'integer'],
  long: ['string', 'integer'],
  double: ['string', 'number'],
  list: ['string'],
};

/** Of a request: names to values. */
export const CONFIGS_SCHEMA: Schema = {
  title: 'TopicConfigs',
  type: 'object',
  additionalProperties: false,
  properties: configProperties([]),
};

/** Of a change: null returns a config to its default. */
export const CONFIG_CHANGES_SCHEMA: Schema = {
  title: 'TopicConfigChanges',
  type: 'object',
  additionalProperties: false,
  properties: configProperties(['null']),
};

function configProperties(alsoTypes: readonly string[]): Schema {
  return Object.fromEntries(
    TOPIC_CONFIG_DEFINITIONS.map((each) => [
      each.name,
      {
        type: [...VALUE_TYPES[each.type], ...alsoTypes],
        description: each.doc,
        default: each.default,
      },
    ]),
  );
}

const STATE_SCHEMA: Schema = {
  type: 'string',
  enum: ['online', 'read-only', 'offline'],
  description:
    '`read-only`: a full disk; heals by itself. `offline`: damaged or fenced; what is intact is still served.',
};

export const PARTITION_SCHEMA: Schema = {
  title: 'Partition',
  type: 'object',
  required: [
    'partition',
    'leader',
    'replicas',
    'beginning_offset',
    'end_offset',
    'durable_offset',
    'bytes',
    'segments',
    'state',
  ],
  properties: {
    partition: { type: 'integer', minimum: 0 },
    leader: { type: 'integer', description: 'Always 0, the one broker there is.' },
    replicas: {
      type: 'array',
      items: {
        type: 'object',
        required: ['broker', 'leader', 'in_sync'],
        properties: {
          broker: { type: 'integer' },
          leader: { type: 'boolean' },
          in_sync: { type: 'boolean' },
        },
      },
    },
    beginning_offset: { ...OFFSET_SCHEMA, description: 'First offset still kept.' },
    end_offset: { ...OFFSET_SCHEMA, description: 'High watermark: end of what readers see.' },
    durable_offset: { ...OFFSET_SCHEMA, description: 'End of what is on stable storage.' },
    bytes: { type: 'integer', minimum: 0, description: 'Bytes of its segments.' },
    segments: { type: 'integer', minimum: 0 },
    state: STATE_SCHEMA,
    reason: { type: 'string', description: 'Why it is not online, for people.' },
  },
};

const TOPIC_PROPERTIES = {
  name: { type: 'string' },
  topic_id: { type: 'string', format: 'uuid', description: 'A re-created topic has another.' },
  configs: {
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Every config with its effective value.',
  },
  partitions: { type: 'array', items: PARTITION_SCHEMA },
};

export const TOPIC_SCHEMA: Schema = {
  title: 'Topic',
  type: 'object',
  required: ['name', 'topic_id', 'configs', 'partitions'],
  properties: TOPIC_PROPERTIES,
};

export const CHANGED_TOPIC_SCHEMA: Schema = {
  title: 'ChangedTopic',
  type: 'object',
  required: ['name', 'topic_id', 'configs', 'partitions'],
  properties: {
    ...TOPIC_PROPERTIES,
    notice: { type: 'string', description: 'Present when partitions were added: keys move.' },
  },
};

export const PARTITION_EXAMPLE = {
  partition: 0,
  leader: 0,
  replicas: [{ broker: 0, leader: true, in_sync: true }],
  beginning_offset: 0,
  end_offset: 1200,
  durable_offset: 1200,
  bytes: 151_552,
  segments: 1,
  state: 'online',
};

export const TOPIC_EXAMPLE = {
  name: 'flights',
  topic_id: '6f3c2f0e-6a7b-4f0e-9d57-0f4a4f6a1c22',
  configs: { 'retention.ms': '604800000', 'max.message.bytes': '1048588' },
  partitions: [PARTITION_EXAMPLE],
};
