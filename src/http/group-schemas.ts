/** JSON Schemas and examples of groups, their members and their lag. */
import type { GroupState } from '../broker/groups.ts';
import { INT32_MAX, INT64_SAFE_MAX, LAG_AGES_MAX } from '../model/limits.ts';
import { ASSIGNMENT_SCHEMA } from './member-schemas.ts';
import type { Schema } from './parameters.ts';
import { OFFSET_SCHEMA } from './topic-schemas.ts';

const STATES: readonly GroupState[] = [
  'Empty',
  'PreparingRebalance',
  'CompletingRebalance',
  'Stable',
  'Dead',
];
const STATE_SCHEMA: Schema = {
  type: 'string',
  enum: STATES,
  description: "Kafka's names. `Empty`: no members, but what it has committed is kept.",
};
export const PARTITION_NUMBER: Schema = { type: 'integer', minimum: 0, maximum: INT32_MAX };
export const NAME: Schema = { type: 'string' };
export const LOG_START: Schema = { ...OFFSET_SCHEMA, description: 'First offset still kept.' };
export const LOG_END: Schema = {
  ...OFFSET_SCHEMA,
  description: 'High watermark: end of what readers see.',
};
export const COMMITTED_OR_NULL: Schema = {
  ...OFFSET_SCHEMA,
  type: ['integer', 'null'],
  description: 'The next one to read; null: nothing is committed.',
};
const COUNT: Schema = { type: 'integer', minimum: 0, maximum: INT64_SAFE_MAX };

const LISTING_PROPERTIES = {
  group: NAME,
  state: STATE_SCHEMA,
  protocol_type: {
    type: 'string',
    description: '`consumer`; empty for a group that never had members.',
  },
};

export const GROUPS_SCHEMA: Schema = {
  type: 'object',
  required: ['groups'],
  properties: {
    groups: {
      type: 'array',
      items: {
        title: 'GroupListing',
        type: 'object',
        required: Object.keys(LISTING_PROPERTIES),
        properties: LISTING_PROPERTIES,
      },
    },
  },
};

export const GROUPS_EXAMPLE = {
  groups: [{ group: 'alerts', state: 'Stable', protocol_type: 'consumer' }],
};

const MEMBER_PROPERTIES = {
  member_id: NAME,
  group_instance_id: { type: ['string', 'null'], description: 'Of a static member.' },
  client_id: { type: 'string', description: 'What the client calls itself.' },
  client_host: NAME,
  session_timeout_ms: COUNT,
  rebalance_timeout_ms: COUNT,
  assignment: {
    ...ASSIGNMENT_SCHEMA,
    description: 'Empty while nothing is assigned, and where it is not that of a consumer.',
  },
};

const GROUP_PROPERTIES = {
  ...LISTING_PROPERTIES,
  protocol: {
    type: 'string',
    description: 'The assignor that the members agreed on; empty while there is none.',
  },
  generation: { type: 'integer', description: 'Counts the rebalances of the group.' },
  leader: { type: 'string', description: 'Member id; empty while there is none.' },
  members: {
    type: 'array',
    items: {
      title: 'GroupMember',
      type: 'object',
      required: Object.keys(MEMBER_PROPERTIES),
      properties: MEMBER_PROPERTIES,
    },
  },
};

export const GROUP_SCHEMA: Schema = {
  title: 'Group',
  type: 'object',
  required: Object.keys(GROUP_PROPERTIES),
  properties: GROUP_PROPERTIES,
};

export const GROUP_EXAMPLE = {
  group: 'alerts',
  state: 'Stable',
  protocol_type: 'consumer',
  protocol: 'range',
  generation: 3,
  leader: 'http-0f8fad5b-d9cb-469f-a165-70867728950e',
  members: [
    {
      member_id: 'http-0f8fad5b-d9cb-469f-a165-70867728950e',
      group_instance_id: null,
      client_id: 'http',
      client_host: '/127.0.0.1',
      session_timeout_ms: 30_000,
      rebalance_timeout_ms: 60_000,
      assignment: [{ topic: 'flights', partitions: [0, 1] }],
    },
  ],
};

const SECONDS = { type: ['number', 'null'], minimum: 0 };
const PARTITION_LAG_PROPERTIES = {
  topic: NAME,
  partition: PARTITION_NUMBER,
  current_offset: COMMITTED_OR_NULL,
  log_start_offset: LOG_START,
  log_end_offset: LOG_END,
  lag: {
    ...COUNT,
    description:
      'Records from the committed offset to the end, also such as retention has removed; from the log start where nothing is committed.',
  },
  lag_seconds: {
    ...SECONDS,
    description: `Age of the oldest unread record; 0 without lag. null: not known, because the partition is offline, what is unread is gone, or ${LAG_AGES_MAX} others of the group are further behind.`,
  },
  owner: { type: ['string', 'null'], description: 'Id of the member that it is assigned to.' },
  client_id: { type: ['string', 'null'] },
};

export const LAG_SCHEMA: Schema = {
  title: 'GroupLag',
  type: 'object',
  required: ['group', 'state', 'total_lag', 'max_lag', 'max_lag_seconds', 'partitions'],
  properties: {
    group: NAME,
    state: STATE_SCHEMA,
    total_lag: COUNT,
    max_lag: COUNT,
    max_lag_seconds: { ...SECONDS, description: 'Of those that are known; null when none is.' },
    partitions: {
      type: 'array',
      items: {
        title: 'PartitionLag',
        type: 'object',
        required: Object.keys(PARTITION_LAG_PROPERTIES),
        properties: PARTITION_LAG_PROPERTIES,
      },
    },
  },
};

export const LAG_EXAMPLE = {
  group: 'alerts',
  state: 'Stable',
  total_lag: 12,
  max_lag: 12,
  max_lag_seconds: 3.207,
  partitions: [
    {
      topic: 'flights',
      partition: 0,
      current_offset: 1188,
      log_start_offset: 0,
      log_end_offset: 1200,
      lag: 12,
      lag_seconds: 3.207,
      owner: 'http-0f8fad5b-d9cb-469f-a165-70867728950e',
      client_id: 'http',
    },
  ],
};
