/** JSON Schemas and examples of committed offsets: what is there, a commit, and a reset. */
import {
  COMMIT_OFFSETS_MAX,
  INT64_SAFE_MAX,
  MEMBER_ID_LENGTH_MAX,
  OFFSET_METADATA_BYTES_MAX,
  PARTITIONS_PER_TOPIC_MAX,
} from '../model/limits.ts';
import { COMMITTED_OR_NULL, LOG_END, LOG_START, NAME, PARTITION_NUMBER } from './group-schemas.ts';
import { CURSOR_SCHEMA } from './member-schemas.ts';
import type { Schema } from './parameters.ts';
import { OFFSET_SCHEMA } from './topic-schemas.ts';

const NEXT_OFFSET: Schema = { ...OFFSET_SCHEMA, description: 'The next one to read.' };

const COMMITTED_PROPERTIES = {
  topic: NAME,
  partition: PARTITION_NUMBER,
  offset: NEXT_OFFSET,
  metadata: { type: 'string', description: 'What the committer wrote beside it.' },
};

export const OFFSETS_OF_GROUP_SCHEMA: Schema = {
  type: 'object',
  required: ['offsets'],
  properties: {
    offsets: {
      type: 'array',
      items: {
        title: 'CommittedOffset',
        type: 'object',
        required: Object.keys(COMMITTED_PROPERTIES),
        properties: COMMITTED_PROPERTIES,
      },
    },
  },
};

export const OFFSETS_OF_GROUP_EXAMPLE = {
  offsets: [{ topic: 'flights', partition: 0, offset: 1200, metadata: '' }],
};

export const COMMIT_SCHEMA: Schema = {
  title: 'OffsetCommit',
  type: 'object',
  additionalProperties: false,
  properties: {
    member_id: {
      type: ['string', 'null'],
      minLength: 1,
      maxLength: MEMBER_ID_LENGTH_MAX,
      description: 'Of the member that commits; without it the group must have none.',
    },
    generation: {
      ...PARTITION_NUMBER,
      description: 'The one that the join answered; with `member_id`.',
    },
    group_instance_id: { type: ['string', 'null'], minLength: 1, maxLength: MEMBER_ID_LENGTH_MAX },
    cursor: { ...CURSOR_SCHEMA, description: 'Of a read: commits behind its records.' },
    offsets: {
      type: 'array',
      minItems: 1,
      maxItems: COMMIT_OFFSETS_MAX,
      description: 'In place of a cursor; a partition once.',
      items: {
        title: 'OffsetToCommit',
        type: 'object',
        additionalProperties: false,
        required: ['topic', 'partition', 'offset'],
        properties: {
          topic: NAME,
          partition: PARTITION_NUMBER,
          offset: NEXT_OFFSET,
          metadata: {
            type: ['string', 'null'],
            description: `Any words, at most ${OFFSET_METADATA_BYTES_MAX} bytes of UTF-8.`,
          },
        },
      },
    },
  },
};

export const COMMIT_EXAMPLE = { offsets: [{ topic: 'flights', partition: 0, offset: 1200 }] };

export const RESET_SCHEMA: Schema = {
  title: 'OffsetReset',
  type: 'object',
  additionalProperties: false,
  required: ['topic', 'to'],
  properties: {
    topic: NAME,
    partitions: {
      type: ['array', 'null'],
      minItems: 1,
      maxItems: PARTITIONS_PER_TOPIC_MAX,
      items: PARTITION_NUMBER,
      description: 'Default: all of the topic.',
    },
    to: {
      description:
        'Where to read next: the beginning, the end, the first record of a time or later (milliseconds since 1970 or RFC 3339), an offset, or so many records on from the committed one (negative: back).',
      oneOf: [
        { type: 'string', enum: ['earliest', 'latest'] },
        target('timestamp', { type: ['integer', 'string'] }),
        target('offset', OFFSET_SCHEMA),
        target('shift', { type: 'integer', minimum: -INT64_SAFE_MAX, maximum: INT64_SAFE_MAX }),
      ],
    },
    dry_run: {
      type: 'boolean',
      default: false,
      description: 'Only shows what would change; also while the group has members.',
    },
  },
};

function target(name: string, schema: Schema): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    required: [name],
    properties: { [name]: schema },
  };
}

export const RESET_EXAMPLE = { topic: 'flights', to: { shift: -100 }, dry_run: true };

const PARTITION_RESET_PROPERTIES = {
  partition: PARTITION_NUMBER,
  before: COMMITTED_OR_NULL,
  after: NEXT_OFFSET,
  clamped: {
    type: 'boolean',
    description: 'What was asked for lies outside the log; `after` is the nearer end of it.',
  },
  log_start_offset: LOG_START,
  log_end_offset: LOG_END,
};

export const RESET_ANSWER_SCHEMA: Schema = {
  title: 'OffsetsReset',
  type: 'object',
  required: ['group', 'topic', 'dry_run', 'partitions'],
  properties: {
    group: NAME,
    topic: NAME,
    dry_run: { type: 'boolean' },
    partitions: {
      type: 'array',
      items: {
        title: 'PartitionReset',
        type: 'object',
        required: Object.keys(PARTITION_RESET_PROPERTIES),
        properties: PARTITION_RESET_PROPERTIES,
      },
    },
  },
};

export const RESET_ANSWER_EXAMPLE = {
  group: 'reports',
  topic: 'flights',
  dry_run: true,
  partitions: [
    {
      partition: 0,
      before: 1200,
      after: 1100,
      clamped: false,
      log_start_offset: 0,
      log_end_offset: 1200,
    },
  ],
};
