/** JSON Schemas and examples of records as they are read. */
import type { Schema } from './parameters.ts';
import { OFFSET_SCHEMA } from './topic-schemas.ts';

const BASE64: Schema = { type: ['string', 'null'], contentEncoding: 'base64' };

const HEADERS_SCHEMA: Schema = {
  type: 'array',
  description: 'In the order they were sent; keys may repeat.',
  items: {
    title: 'RecordHeader',
    type: 'object',
    required: ['key'],
    properties: {
      key: { type: 'string' },
      value: { type: ['string', 'null'] },
      value_base64: { ...BASE64, description: 'In place of `value`: it is not UTF-8.' },
    },
  },
};

const TIMESTAMP_SCHEMA: Schema = {
  type: 'integer',
  description: 'Milliseconds since 1970; -1 when an old client stored none.',
};

export const RECORD_SCHEMA: Schema = {
  title: 'Record',
  type: 'object',
  required: ['topic', 'partition', 'offset', 'timestamp', 'headers'],
  properties: {
    topic: { type: 'string' },
    partition: { type: 'integer', minimum: 0 },
    offset: OFFSET_SCHEMA,
    timestamp: TIMESTAMP_SCHEMA,
    key: { type: ['string', 'null'] },
    key_base64: { ...BASE64, description: 'In place of `key`: it is not UTF-8.' },
    value: { description: 'Any JSON, or with `format=text` a string; null is a tombstone.' },
    value_base64: { ...BASE64, description: 'In place of `value`: it is not of that format.' },
    headers: HEADERS_SCHEMA,
  },
};

export const PAGE_SCHEMA: Schema = {
  title: 'Page',
  type: 'object',
  required: ['records', 'next_offset', 'log_start_offset', 'high_watermark'],
  properties: {
    records: { type: 'array', items: RECORD_SCHEMA },
    next_offset: { ...OFFSET_SCHEMA, description: 'The offset to read next.' },
    log_start_offset: { ...OFFSET_SCHEMA, description: 'First offset still kept.' },
    high_watermark: { ...OFFSET_SCHEMA, description: 'End of what readers see.' },
  },
};

export const RECORD_EXAMPLE = {
  topic: 'flights',
  partition: 0,
  offset: 42,
  timestamp: 1_795_240_800_000,
  key: 'LH 400',
  value: { from: 'FRA', to: 'JFK', delay: 12 },
  headers: [{ key: 'source', value: 'tower' }],
};

export const PAGE_EXAMPLE = {
  records: [RECORD_EXAMPLE],
  next_offset: 43,
  log_start_offset: 0,
  high_watermark: 1200,
};

const RECORD_LINE = JSON.stringify(RECORD_EXAMPLE);

export const NDJSON_EXAMPLE = `${RECORD_LINE}\n`;
export const EVENTS_EXAMPLE = `id: 42\ndata: ${RECORD_LINE}\n\n`;

export const V2_RECORDS_SCHEMA: Schema = {
  title: 'V2Records',
  type: 'array',
  items: {
    type: 'object',
    required: ['topic', 'partition', 'offset', 'timestamp', 'headers'],
    properties: {
      topic: { type: 'string' },
      key: { description: 'In the embedded format, or null.' },
      key_base64: { ...BASE64, description: 'In place of `key`: it is not of that format.' },
      value: { description: 'In the embedded format, or null.' },
      value_base64: { ...BASE64, description: 'In place of `value`: it is not of that format.' },
      partition: { type: 'integer', minimum: 0 },
      offset: OFFSET_SCHEMA,
      timestamp: TIMESTAMP_SCHEMA,
      headers: HEADERS_SCHEMA,
    },
  },
};

function v2Example(key: string, value: unknown): readonly unknown[] {
  const { topic, partition, offset, timestamp, headers } = RECORD_EXAMPLE;
  return [{ topic, key, value, partition, offset, timestamp, headers }];
}

const BINARY_EXAMPLE = v2Example('TEggNDAw', 'eyJmcm9tIjoiRlJBIn0=');

export const V2_EXAMPLES: Readonly<{ [mediaType: string]: unknown }> = {
  'application/vnd.kafka.json.v2+json': v2Example('LH 400', RECORD_EXAMPLE.value),
  'application/vnd.kafka.binary.v2+json': BINARY_EXAMPLE,
  'application/vnd.kafka.text.v2+json': v2Example('LH 400', 'FRA to JFK'),
  'application/vnd.kafka.v2+json': BINARY_EXAMPLE,
};
