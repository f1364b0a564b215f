/** JSON Schemas and examples of what members of a group send and get. */
import {
  CURSOR_LENGTH_MAX,
  FETCH_BYTES_DEFAULT,
  FETCH_BYTES_MAX,
  FETCH_RECORDS_DEFAULT,
  FETCH_RECORDS_MAX,
  FETCH_WAIT_MS_MAX,
  GROUP_PROTOCOLS_MAX,
  INT32_MAX,
  MEMBER_ID_LENGTH_MAX,
  MEMBER_WAIT_MS_DEFAULT,
  REBALANCE_TIMEOUT_MS_DEFAULT,
  REBALANCE_TIMEOUT_MS_MAX,
  SESSION_TIMEOUT_MS_DEFAULT,
  SESSION_TIMEOUT_MS_MAX,
  SESSION_TIMEOUT_MS_MIN,
  SUBSCRIBED_TOPICS_MAX,
  TOPIC_PATTERN_LENGTH_MAX,
} from '../model/limits.ts';
import { RECORD_EXAMPLE, RECORD_SCHEMA } from './fetch-schemas.ts';
import { RESETS } from './member-bodies.ts';
import type { Schema } from './parameters.ts';
import { VALUE_FORMATS } from './record-json.ts';
import { OFFSET_SCHEMA } from './topic-schemas.ts';

export const CURSOR_SCHEMA: Schema = {
  type: 'string',
  maxLength: CURSOR_LENGTH_MAX,
  description:
    'Opaque: where the member stands in each partition, and what it subscribed to. Of this group alone.',
};

const MEMBER_ID_SCHEMA: Schema = {
  type: 'string',
  minLength: 1,
  maxLength: MEMBER_ID_LENGTH_MAX,
};

const GENERATION_SCHEMA: Schema = {
  type: 'integer',
  minimum: 0,
  maximum: INT32_MAX,
  description: 'Counts the rebalances of the group.',
};

const INSTANCE_SCHEMA: Schema = {
  type: ['string', 'null'],
  minLength: 1,
  maxLength: MEMBER_ID_LENGTH_MAX,
  description:
    'Makes a static member: joining again under the same name takes its place over, without a rebalance, and fences the older one.',
};

export const ASSIGNMENT_SCHEMA: Schema = {
  type: 'array',
  items: {
    title: 'AssignedPartitions',
    type: 'object',
    required: ['topic', 'partitions'],
    properties: {
      topic: { type: 'string' },
      partitions: { type: 'array', items: { type: 'integer', minimum: 0 } },
    },
  },
};

export const JOIN_SCHEMA: Schema = {
  title: 'Join',
  type: 'object',
  additionalProperties: false,
  properties: {
    topics: {
      type: 'array',
      minItems: 1,
      maxItems: SUBSCRIBED_TOPICS_MAX,
      uniqueItems: true,
      items: { type: 'string' },
      description: 'Names; this or `topic_pattern`, or a cursor, which remembers them.',
    },
    topic_pattern: {
      type: 'string',
      minLength: 1,
      maxLength: TOPIC_PATTERN_LENGTH_MAX,
      description: 'A regular expression that whole topic names match, such as `orders-.*`.',
    },
    member_id: { ...MEMBER_ID_SCHEMA, description: 'Joins again; without it as a new member.' },
    group_instance_id: INSTANCE_SCHEMA,
    session_timeout_ms: {
      type: 'integer',
      minimum: SESSION_TIMEOUT_MS_MIN,
      maximum: SESSION_TIMEOUT_MS_MAX,
      default: SESSION_TIMEOUT_MS_DEFAULT,
      description: 'A member without a sign of life for so long is taken out of the group.',
    },
    rebalance_timeout_ms: {
      type: 'integer',
      minimum: 1,
      maximum: REBALANCE_TIMEOUT_MS_MAX,
      default: REBALANCE_TIMEOUT_MS_DEFAULT,
      description: 'How long a rebalance waits for this member to join again.',
    },
    assignors: {
      type: 'array',
      minItems: 1,
      maxItems: GROUP_PROTOCOLS_MAX,
      items: { type: 'string' },
      default: ['range', 'roundrobin', 'RoundRobinAssigner'],
      description:
        'Ways to share out, best first; the group takes one that all its members know. Also `sticky`, and alone `cooperative-sticky`.',
    },
    auto_offset_reset: {
      type: 'string',
      enum: RESETS,
      default: 'earliest',
      description:
        'Where to begin in a partition without a committed offset, and where the committed one is gone; `none`: 409 instead.',
    },
    cursor: { ...CURSOR_SCHEMA, description: 'The last one: says what the member owned.' },
  },
};

export const MEMBERSHIP_SCHEMA: Schema = {
  title: 'Membership',
  type: 'object',
  required: ['member_id', 'generation', 'protocol', 'assignment', 'cursor'],
  properties: {
    member_id: MEMBER_ID_SCHEMA,
    generation: GENERATION_SCHEMA,
    protocol: { type: 'string', description: 'The assignor that all members agreed on.' },
    assignment: ASSIGNMENT_SCHEMA,
    missing_topics: {
      type: 'array',
      items: { type: 'string' },
      description: 'Subscribed to, and not there yet. When one comes, the next read says 409.',
    },
    cursor: CURSOR_SCHEMA,
  },
};

export const CURSOR_EXAMPLE =
  'AdhKmMQMYWxlcnRzAAIOZmxpZ2h0cwIAALzPp74TAgIABAACAgAPj61b2ctGn6FlcIZ3KJUOAgBW';

export const MEMBERSHIP_EXAMPLE = {
  member_id: 'http-0f8fad5b-d9cb-469f-a165-70867728950e',
  generation: 1,
  protocol: 'range',
  assignment: [{ topic: 'flights', partitions: [0, 1] }],
  cursor: CURSOR_EXAMPLE,
};

export const READ_SCHEMA: Schema = {
  title: 'MemberRead',
  type: 'object',
  additionalProperties: false,
  required: ['generation'],
  properties: {
    generation: GENERATION_SCHEMA,
    cursor: { ...CURSOR_SCHEMA, description: 'The one of the last answer.' },
    group_instance_id: INSTANCE_SCHEMA,
    timeout_ms: {
      type: 'integer',
      minimum: 0,
      maximum: FETCH_WAIT_MS_MAX,
      default: MEMBER_WAIT_MS_DEFAULT,
      description: 'How long to wait for `min_bytes`; then comes what there is, also nothing.',
    },
    max_records: {
      type: 'integer',
      minimum: 1,
      maximum: FETCH_RECORDS_MAX,
      default: FETCH_RECORDS_DEFAULT,
    },
    max_bytes: {
      type: 'integer',
      minimum: 1,
      maximum: FETCH_BYTES_MAX,
      default: FETCH_BYTES_DEFAULT,
      description: 'Bytes of stored batches; the first is taken however large.',
    },
    min_bytes: { type: 'integer', minimum: 0, maximum: FETCH_BYTES_MAX, default: 1 },
    format: { type: 'string', enum: VALUE_FORMATS, default: 'json' },
  },
};

export const MEMBER_PAGE_SCHEMA: Schema = {
  title: 'MemberPage',
  type: 'object',
  required: ['records', 'cursor'],
  properties: {
    records: {
      type: 'array',
      items: RECORD_SCHEMA,
      description: 'In the order of their offsets within each partition.',
    },
    cursor: {
      ...CURSOR_SCHEMA,
      description: 'Commit it once these records are done with, and send it with the next read.',
    },
    generation: GENERATION_SCHEMA,
    reset: {
      type: 'array',
      description: 'Partitions whose next record is gone (retention): where the read went on.',
      items: {
        title: 'OffsetJump',
        type: 'object',
        required: ['topic', 'partition', 'from', 'to'],
        properties: {
          topic: { type: 'string' },
          partition: { type: 'integer', minimum: 0 },
          from: OFFSET_SCHEMA,
          to: OFFSET_SCHEMA,
        },
      },
    },
  },
};

export const MEMBER_PAGE_EXAMPLE = {
  records: [RECORD_EXAMPLE],
  cursor: CURSOR_EXAMPLE,
  generation: 1,
};

export const HEARTBEAT_SCHEMA: Schema = {
  title: 'MemberHeartbeat',
  type: 'object',
  additionalProperties: false,
  required: ['generation'],
  properties: { generation: GENERATION_SCHEMA, group_instance_id: INSTANCE_SCHEMA },
};
