/** What the routes about the server itself say of themselves. */
import type { RouteDescription } from './description.ts';
import { errorResponses, jsonResponse } from './description.ts';
import type { Schema } from './parameters.ts';

export const ROOT: RouteDescription = {
  operationId: 'getServer',
  tags: ['Service'],
  summary: 'Name, version and links',
  response: {
    200: jsonResponse(
      'The server.',
      {
        title: 'Server',
        type: 'object',
        required: ['name', 'version', 'links'],
        properties: {
          name: { type: 'string', const: 'millrace' },
          version: { type: 'string' },
          links: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
      { name: 'millrace', version: '0.1.0', links: { docs: '/docs', topics: '/topics' } },
    ),
    ...errorResponses(),
  },
  'x-curl': 'curl {base}/',
};

export const LIVE: RouteDescription = {
  operationId: 'getLiveness',
  tags: ['Service'],
  summary: 'Liveness',
  description: 'Answers as long as the process can answer at all, also while it stops.',
  response: {
    200: jsonResponse(
      'It lives.',
      {
        title: 'Liveness',
        type: 'object',
        required: ['status'],
        properties: { status: { type: 'string', const: 'live' } },
      },
      { status: 'live' },
    ),
    ...errorResponses(),
  },
  'x-curl': 'curl {base}/health/live',
};

const NOT_ONLINE_SCHEMA: Schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['topic', 'partition', 'state', 'reason'],
    properties: {
      topic: { type: 'string' },
      partition: { type: 'integer', minimum: 0 },
      state: { type: 'string', enum: ['read-only', 'offline'] },
      reason: { type: 'string' },
    },
  },
};

export const READY: RouteDescription = {
  operationId: 'getReadiness',
  tags: ['Service'],
  summary: 'Readiness',
  description:
    '200 while the server takes requests, 503 while it stops. Partitions that are offline or read-only are listed and do not make the server unready: every other partition is served, and no restart would mend them.',
  response: {
    200: jsonResponse(
      'It serves.',
      {
        title: 'Readiness',
        type: 'object',
        required: ['status', 'not_online_count', 'not_online'],
        properties: {
          status: { type: 'string', const: 'ready' },
          not_online_count: { type: 'integer', minimum: 0 },
          not_online: { ...NOT_ONLINE_SCHEMA, description: 'The first hundred of them.' },
        },
      },
      { status: 'ready', not_online_count: 0, not_online: [] },
    ),
    ...errorResponses(),
  },
  'x-curl': 'curl {base}/health/ready',
};

export const METRICS: RouteDescription = {
  operationId: 'getMetrics',
  tags: ['Service'],
  summary: 'Prometheus metrics',
  description:
    "Offsets carry the names of kafka_exporter, so that its dashboards work: `kafka_brokers`, `kafka_topic_partitions`, `kafka_topic_partition_current_offset`, `kafka_topic_partition_oldest_offset`. The server's own begin with `millrace_`, those of the process with `process_` and `nodejs_`.",
  response: {
    200: {
      description: 'The text exposition format, version 0.0.4.',
      content: {
        'text/plain': {
          schema: { type: 'string' },
          examples: {
            example: {
              value: 'kafka_topic_partition_current_offset{topic="flights",partition="0"} 1200\n',
            },
          },
        },
      },
    },
    ...errorResponses(),
  },
  'x-curl': 'curl {base}/metrics',
};
