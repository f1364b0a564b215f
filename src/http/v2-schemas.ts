/** JSON Schemas and examples of Confluent's v2 consumers. */
import {
  FETCH_BYTES_MAX,
  FETCH_WAIT_MS_MAX,
  GROUP_NAME_LENGTH_MAX,
  SUBSCRIBED_TOPICS_MAX,
  TOPIC_PATTERN_LENGTH_MAX,
  V2_WAIT_MS_DEFAULT,
} from '../model/limits.ts';
import { RESETS } from './member-bodies.ts';
import type { Schema } from './parameters.ts';
import { OFFSET_SCHEMA } from './topic-schemas.ts';
import { V2_FORMATS } from './v2-config.ts';

const TEXT = (description: string): Schema => ({ type: ['string', 'null'], description });

export const CONSUMER_SCHEMA: Schema = {
  title: 'V2ConsumerWish',
  type: 'object',
  additionalProperties: false,
  properties: {
    name: {
      ...TEXT('Unique within the group; without it the server makes one up.'),
      minLength: 1,
      maxLength: GROUP_NAME_LENGTH_MAX,
    },
    format: {
      type: ['string', 'null'],
      enum: [...V2_FORMATS, null],
      default: 'binary',
      description: 'How keys and values are shown; the reads must accept this type.',
    },
    'auto.offset.reset': {
      type: ['string', 'null'],
      enum: [...RESETS, null],
      default: 'latest',
      description: 'Where to begin in a partition of which nothing is committed.',
    },
    'auto.commit.enable': {
      type: ['boolean', 'string', 'null'],
      default: true,
      description: 'Whether the next read, and the deletion, commit what was read before.',
    },
    'enable.auto.commit': {
      type: ['boolean', 'string', 'null'],
      description: "Kafka's name for the same.",
    },
    'fetch.min.bytes': {
      type: ['integer', 'string', 'null'],
      minimum: -1,
      maximum: FETCH_BYTES_MAX,
      default: 1,
      description: 'Bytes of stored batches worth ending the wait of a read for.',
    },
    'consumer.request.timeout.ms': {
      type: ['integer', 'string', 'null'],
      minimum: 0,
      maximum: FETCH_WAIT_MS_MAX,
      description: `The longest that a read waits; ${V2_WAIT_MS_DEFAULT} where neither it nor the read says.`,
    },
  },
};

export const CREATED_CONSUMER_SCHEMA: Schema = {
  title: 'V2Consumer',
  type: 'object',
  required: ['instance_id', 'base_uri'],
  properties: {
    instance_id: { type: 'string' },
    base_uri: { type: 'string', description: 'What the paths of all further calls begin with.' },
  },
};

export const CREATED_CONSUMER_EXAMPLE = {
  instance_id: 'my-consumer',
  base_uri: 'http://localhost:8082/consumers/alerts/instances/my-consumer',
};

export const V2_SUBSCRIPTION_WISH_SCHEMA: Schema = {
  title: 'V2SubscriptionWish',
  type: 'object',
  additionalProperties: false,
  properties: {
    topics: {
      type: 'array',
      minItems: 1,
      maxItems: SUBSCRIBED_TOPICS_MAX,
      uniqueItems: true,
      items: { type: 'string' },
      description: 'Names; this or `topic_pattern`.',
    },
    topic_pattern: {
      type: 'string',
      minLength: 1,
      maxLength: TOPIC_PATTERN_LENGTH_MAX,
      description: 'A regular expression that whole topic names match, such as `orders-.*`.',
    },
  },
};

export const V2_SUBSCRIPTION_SCHEMA: Schema = {
  title: 'V2Subscription',
  type: 'object',
  required: ['topics'],
  properties: { topics: { type: 'array', items: { type: 'string' } } },
};

const PLACE = {
  topic: { type: 'string' },
  partition: { type: 'integer', minimum: 0 },
} as const;

export const V2_PARTITIONS_SCHEMA: Schema = {
  title: 'V2Partitions',
  type: 'object',
  additionalProperties: false,
  required: ['partitions'],
  properties: {
    partitions: {
      type: 'array',
      items: {
        title: 'V2Partition',
        type: 'object',
        additionalProperties: false,
        required: ['topic', 'partition'],
        properties: PLACE,
      },
    },
  },
};

export const V2_PARTITIONS_EXAMPLE = { partitions: [{ topic: 'flights', partition: 0 }] };

function offsetsSchema(title: string, description: string, required: readonly string[]): Schema {
  return {
    title,
    type: 'object',
    additionalProperties: false,
    required,
    properties: {
      offsets: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['topic', 'partition', 'offset'],
          properties: {
            ...PLACE,
            offset: { ...OFFSET_SCHEMA, description },
            metadata: { type: ['string', 'null'] },
          },
        },
      },
    },
  };
}

/** The three say the same and mean different offsets. */
export const V2_COMMIT_SCHEMA = offsetsSchema(
  'V2Commit',
  'Of the last record that is done with: the one behind it is committed.',
  [],
);
export const V2_COMMITTED_SCHEMA = offsetsSchema(
  'V2Committed',
  'The next one to read: one more than what was sent to be committed.',
  ['offsets'],
);
export const V2_POSITIONS_SCHEMA = offsetsSchema('V2Positions', 'The next one to read.', [
  'offsets',
]);

export function v2OffsetsExample(offset: number): { readonly offsets: readonly unknown[] } {
  return { offsets: [{ topic: 'flights', partition: 0, offset }] };
}
