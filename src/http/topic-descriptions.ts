/** What the routes about topics say of themselves. */
import { PARTITIONS_PER_TOPIC_MAX } from '../model/limits.ts';
import type { RouteDescription } from './description.ts';
import { emptyResponse, errorResponses, jsonContent, jsonResponse } from './description.ts';
import type { Schema } from './parameters.ts';
import { TOPIC, parametersSchema } from './parameters.ts';
import {
  CHANGED_TOPIC_SCHEMA,
  CONFIGS_SCHEMA,
  CONFIG_CHANGES_SCHEMA,
  TOPIC_EXAMPLE,
  TOPIC_SCHEMA,
} from './topic-schemas.ts';

const TOPIC_PATH = parametersSchema([TOPIC]);
const PARTITIONS_SCHEMA = { type: 'integer', minimum: 1, maximum: PARTITIONS_PER_TOPIC_MAX };
/** A body that a topic cannot be made from. */
const BODY_FAULTS = [
  'INVALID_CONFIG',
  'INVALID_PARTITIONS',
  'UNSUPPORTED_MEDIA_TYPE',
  'BODY_TOO_LARGE',
] as const;

export const LIST_TOPICS: RouteDescription = {
  operationId: 'listTopics',
  tags: ['Topics'],
  summary: 'List topics',
  description: 'The names of all topics, sorted.',
  response: {
    200: jsonResponse('All names.', { type: 'array', items: { type: 'string' } }, ['flights']),
    ...errorResponses(),
  },
  'x-curl': 'curl {base}/topics',
};

export const DESCRIBE_TOPIC: RouteDescription = {
  operationId: 'describeTopic',
  tags: ['Topics'],
  summary: 'Describe a topic',
  description: 'Its id, every config with its effective value, and the state of each partition.',
  params: TOPIC_PATH,
  response: {
    200: jsonResponse('The topic.', TOPIC_SCHEMA, TOPIC_EXAMPLE),
    ...errorResponses('UNKNOWN_TOPIC_OR_PARTITION'),
  },
  'x-curl': 'curl {base}/topics/flights',
};

const WISH_SCHEMA: Schema = {
  title: 'TopicWish',
  type: 'object',
  additionalProperties: false,
  properties: {
    partitions: {
      ...PARTITIONS_SCHEMA,
      description: "Without it the server's --default-partitions for a new topic.",
    },
    configs: CONFIGS_SCHEMA,
  },
};

export const CREATE_TOPIC: RouteDescription = {
  operationId: 'createTopic',
  tags: ['Topics'],
  summary: 'Create a topic',
  description:
    'Idempotent: a topic that already has the partitions and the configs named here is left as it is (200). One that differs stays as it is too, and the 409 says both values; PATCH changes it. The body may be left out.',
  params: TOPIC_PATH,
  body: {
    content: jsonContent(WISH_SCHEMA, { partitions: 4, configs: { 'retention.ms': '86400000' } }),
  },
  'x-body-optional': true,
  response: {
    200: jsonResponse('It was already so.', TOPIC_SCHEMA, TOPIC_EXAMPLE),
    201: jsonResponse('Created.', TOPIC_SCHEMA, TOPIC_EXAMPLE),
    ...errorResponses(
      'TOPIC_ALREADY_EXISTS',
      'INVALID_TOPIC_EXCEPTION',
      'POLICY_VIOLATION',
      'DISK_FULL',
      ...BODY_FAULTS,
    ),
  },
  'x-curl': `curl -X PUT {base}/topics/flights -H 'content-type: application/json' -d '{"configs": {"retention.ms": 604800000}}'`,
};

const CHANGE_SCHEMA: Schema = {
  title: 'TopicChange',
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    partitions: { ...PARTITIONS_SCHEMA, description: 'The new count; never fewer than there are.' },
    configs: CONFIG_CHANGES_SCHEMA,
  },
};

export const ALTER_TOPIC: RouteDescription = {
  operationId: 'alterTopic',
  tags: ['Topics'],
  summary: 'Change a topic',
  description:
    'Sets configs (null returns one to its default) and adds partitions. Adding partitions moves keys: a key may go to another partition than its earlier records, so the order of one key holds only within each partition. The answer says so too.',
  params: TOPIC_PATH,
  body: {
    content: jsonContent(CHANGE_SCHEMA, { partitions: 8, configs: { 'retention.ms': null } }),
  },
  response: {
    200: jsonResponse('The topic as it is now.', CHANGED_TOPIC_SCHEMA, TOPIC_EXAMPLE),
    ...errorResponses(
      'UNKNOWN_TOPIC_OR_PARTITION',
      'POLICY_VIOLATION',
      'DISK_FULL',
      ...BODY_FAULTS,
    ),
  },
  'x-curl': `curl -X PATCH {base}/topics/flights -H 'content-type: application/json' -d '{"configs": {"segment.bytes": 134217728}}'`,
};

export const DELETE_TOPIC: RouteDescription = {
  operationId: 'deleteTopic',
  tags: ['Topics'],
  summary: 'Delete a topic',
  description:
    'With all of its records. Readers and writers of it end with 404; a topic made later under the same name has another `topic_id` and starts at offset 0.',
  params: TOPIC_PATH,
  response: {
    204: emptyResponse('It is gone.'),
    ...errorResponses('UNKNOWN_TOPIC_OR_PARTITION'),
  },
  'x-curl': 'curl -X PUT {base}/topics/scratch && curl -X DELETE {base}/topics/scratch',
};
