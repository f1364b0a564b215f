/** What the routes about partitions say of themselves. */
import type { RouteDescription } from './description.ts';
import { errorResponses, jsonResponse } from './description.ts';
import type { Schema } from './parameters.ts';
import { PARTITION, TOPIC, parametersSchema } from './parameters.ts';
import { BEFORE, TIMESTAMP } from './partition-parameters.ts';
import { OFFSET_SCHEMA, PARTITION_EXAMPLE, PARTITION_SCHEMA } from './topic-schemas.ts';

const TOPIC_PATH = parametersSchema([TOPIC]);
const PARTITION_PATH = parametersSchema([TOPIC, PARTITION]);

export const LIST_PARTITIONS: RouteDescription = {
  operationId: 'listPartitions',
  tags: ['Topics'],
  summary: 'List the partitions of a topic',
  params: TOPIC_PATH,
  response: {
    200: jsonResponse('In order of their numbers.', { type: 'array', items: PARTITION_SCHEMA }, [
      PARTITION_EXAMPLE,
    ]),
    ...errorResponses('UNKNOWN_TOPIC_OR_PARTITION'),
  },
  'x-curl': 'curl {base}/topics/flights/partitions',
};

export const DESCRIBE_PARTITION: RouteDescription = {
  operationId: 'describePartition',
  tags: ['Topics'],
  summary: 'Describe a partition',
  params: PARTITION_PATH,
  response: {
    200: jsonResponse('The partition.', PARTITION_SCHEMA, PARTITION_EXAMPLE),
    ...errorResponses('UNKNOWN_TOPIC_OR_PARTITION'),
  },
  'x-curl': 'curl {base}/topics/flights/partitions/0',
};

const OFFSETS_SCHEMA: Schema = {
  title: 'PartitionOffsets',
  type: 'object',
  required: ['beginning_offset', 'end_offset'],
  properties: {
    beginning_offset: { ...OFFSET_SCHEMA, description: 'First offset still kept.' },
    end_offset: { ...OFFSET_SCHEMA, description: 'High watermark: end of what readers see.' },
    offset: {
      ...OFFSET_SCHEMA,
      description:
        'Only with `timestamp`: the first offset at or after that time; the end when there is none.',
    },
    timestamp: {
      type: ['integer', 'null'],
      description: 'Only with `timestamp`: the time of the record found, null when there is none.',
    },
  },
};

export const PARTITION_OFFSETS: RouteDescription = {
  operationId: 'getPartitionOffsets',
  tags: ['Topics'],
  summary: 'Where a partition begins and ends',
  description: 'With `timestamp` also where a time begins, so that reading can start there.',
  params: PARTITION_PATH,
  querystring: parametersSchema([TIMESTAMP]),
  response: {
    200: jsonResponse('The offsets.', OFFSETS_SCHEMA, { beginning_offset: 0, end_offset: 1200 }),
    ...errorResponses('UNKNOWN_TOPIC_OR_PARTITION', 'KAFKA_STORAGE_ERROR'),
  },
  'x-curl': "curl '{base}/topics/flights/partitions/0/offsets?timestamp=2026-11-21T06:00:00Z'",
};

const PURGED_SCHEMA: Schema = {
  title: 'Purged',
  type: 'object',
  required: ['partitions'],
  properties: {
    partitions: {
      type: 'array',
      items: {
        type: 'object',
        required: ['partition', 'log_start_offset'],
        properties: {
          partition: { type: 'integer', minimum: 0 },
          log_start_offset: { ...OFFSET_SCHEMA, description: 'First offset that is left.' },
        },
      },
    },
  },
};

const PURGED_EXAMPLE = { partitions: [{ partition: 0, log_start_offset: 1200 }] };

export const PURGE_TOPIC: RouteDescription = {
  operationId: 'purgeTopic',
  tags: ['Topics'],
  summary: 'Remove all records of a topic',
  description:
    'Moves the log start of every partition to its high watermark, durably; offsets go on from there. If a partition fails, others may have been purged: repeat it, it is idempotent.',
  params: TOPIC_PATH,
  response: {
    200: jsonResponse('The new log starts.', PURGED_SCHEMA, PURGED_EXAMPLE),
    ...errorResponses('UNKNOWN_TOPIC_OR_PARTITION', 'KAFKA_STORAGE_ERROR', 'DISK_FULL'),
  },
  'x-curl': 'curl -X DELETE {base}/topics/flights/records',
};

export const PURGE_PARTITION: RouteDescription = {
  operationId: 'purgePartition',
  tags: ['Topics'],
  summary: 'Remove the oldest records of a partition',
  description:
    'Moves the log start up to `before`, durably; a smaller value than the log start changes nothing. Files leave only as whole segments, so the disk may be freed later.',
  params: PARTITION_PATH,
  querystring: parametersSchema([BEFORE]),
  response: {
    200: jsonResponse('The new log start.', PURGED_SCHEMA, PURGED_EXAMPLE),
    ...errorResponses(
      'UNKNOWN_TOPIC_OR_PARTITION',
      'OFFSET_OUT_OF_RANGE',
      'KAFKA_STORAGE_ERROR',
      'DISK_FULL',
    ),
  },
  'x-curl': 'curl -X DELETE {base}/topics/flights/partitions/0/records',
};
