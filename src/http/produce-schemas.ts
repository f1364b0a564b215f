/** JSON Schemas and examples of what is produced and what is answered. */
import {
  HEADERS_PER_RECORD_MAX,
  INT32_MAX,
  INT64_SAFE_MAX,
  RECORDS_PER_REQUEST_MAX,
} from '../model/limits.ts';
import type { Schema } from './parameters.ts';
import { OFFSET_SCHEMA } from './topic-schemas.ts';

const BASE64: Schema = { type: ['string', 'null'], contentEncoding: 'base64' };
const PARTITION: Schema = {
  type: ['integer', 'null'],
  minimum: 0,
  maximum: INT32_MAX,
  description: 'Else the key decides as in every Kafka client, else the request as a whole.',
};
const TIMESTAMP: Schema = {
  type: ['integer', 'null'],
  minimum: 0,
  maximum: INT64_SAFE_MAX,
  description: 'Milliseconds since 1970; else the time of arrival.',
};

const HEADERS: Schema = {
  anyOf: [
    {
      type: 'array',
      maxItems: HEADERS_PER_RECORD_MAX,
      items: {
        title: 'ProduceHeader',
        type: 'object',
        required: ['key'],
        additionalProperties: false,
        properties: {
          key: { type: 'string' },
          value: { type: ['string', 'null'], description: 'This or `value_base64`.' },
          value_base64: BASE64,
        },
      },
    },
    { type: 'object', additionalProperties: { type: ['string', 'null'] } },
    { type: 'null' },
  ],
  description: 'A list, in which keys may repeat, or an object of names and texts.',
};

const RECORD: Schema = {
  title: 'ProduceRecord',
  type: 'object',
  additionalProperties: false,
  properties: {
    key: { type: ['string', 'null'], description: 'Stored as its UTF-8.' },
    key_base64: { ...BASE64, description: 'In place of `key`: any bytes.' },
    value: {
      description:
        'Any JSON, stored byte for byte as it was sent; with `format=text` a string. null is a tombstone. This or `value_base64`.',
    },
    value_base64: { ...BASE64, description: 'In place of `value`: any bytes.' },
    headers: HEADERS,
    timestamp: TIMESTAMP,
    partition: PARTITION,
  },
};

function recordsOf(record: Schema): Schema {
  return { type: 'array', minItems: 1, maxItems: RECORDS_PER_REQUEST_MAX, items: record };
}

export const PRODUCE_SCHEMA: Schema = {
  title: 'Produce',
  type: 'object',
  required: ['records'],
  additionalProperties: false,
  properties: { records: recordsOf(RECORD) },
};

export const PRODUCE_EXAMPLE = {
  records: [
    { key: 'LH 400', value: { from: 'FRA', to: 'JFK', delay: 12 } },
    { key: 'LH 401', value: null, headers: [{ key: 'source', value: 'tower' }] },
  ],
};

/** v2's members, of which the embedded format says what they may be. */
export function v2ProduceSchema(title: string, datum: Schema): Schema {
  const ignored = { description: 'Ignored.' };
  return {
    title,
    type: 'object',
    required: ['records'],
    additionalProperties: false,
    properties: {
      records: recordsOf({
        type: 'object',
        additionalProperties: false,
        properties: { key: datum, value: datum, partition: PARTITION, timestamp: TIMESTAMP },
      }),
      key_schema: ignored,
      key_schema_id: ignored,
      value_schema: ignored,
      value_schema_id: ignored,
    },
  };
}

const DUPLICATE: Schema = {
  type: 'boolean',
  description: 'Only `true`: this batch of this producer was stored before; offsets are of then.',
};

export const OFFSETS_SCHEMA: Schema = {
  title: 'ProducedOffsets',
  type: 'object',
  required: ['offsets'],
  properties: {
    offsets: {
      type: 'array',
      description: 'One for each record, in the order of the request.',
      items: {
        title: 'ProducedOffset',
        type: 'object',
        required: ['partition', 'offset'],
        properties: {
          partition: { type: 'integer', minimum: 0 },
          offset: OFFSET_SCHEMA,
          timestamp: { type: 'integer', description: 'As stored; not said of a duplicate.' },
        },
      },
    },
    duplicate: DUPLICATE,
  },
};

export const OFFSETS_EXAMPLE = {
  offsets: [
    { partition: 0, offset: 42, timestamp: 1_795_240_800_000 },
    { partition: 0, offset: 43, timestamp: 1_795_240_800_000 },
  ],
};

export const WRITTEN_SCHEMA: Schema = {
  title: 'ProducedPartitions',
  type: 'object',
  required: ['partitions'],
  properties: {
    partitions: {
      type: 'array',
      description:
        'The records of one request in one partition are contiguous, in the order of the request.',
      items: {
        title: 'ProducedPartition',
        type: 'object',
        required: ['partition', 'base_offset', 'count'],
        properties: {
          partition: { type: 'integer', minimum: 0 },
          base_offset: { ...OFFSET_SCHEMA, description: 'Of its first record.' },
          count: { type: 'integer', minimum: 1 },
        },
      },
    },
    duplicate: DUPLICATE,
  },
};

export const WRITTEN_EXAMPLE = { partitions: [{ partition: 0, base_offset: 42, count: 2 }] };

export const V2_OFFSETS_SCHEMA: Schema = {
  title: 'V2ProducedOffsets',
  type: 'object',
  required: ['offsets', 'key_schema_id', 'value_schema_id'],
  properties: {
    offsets: {
      type: 'array',
      items: {
        title: 'V2ProducedOffset',
        type: 'object',
        required: ['partition', 'offset', 'error_code', 'error'],
        properties: {
          partition: { type: 'integer', minimum: 0 },
          offset: { type: ['integer', 'null'], minimum: 0 },
          error_code: {
            type: ['integer', 'null'],
            description: 'null: written. 1: failed. 2: failed, another try may succeed.',
          },
          error: { type: ['string', 'null'] },
        },
      },
    },
    key_schema_id: { type: 'null' },
    value_schema_id: { type: 'null' },
    duplicate: DUPLICATE,
  },
};

export const V2_OFFSETS_EXAMPLE = {
  offsets: [{ partition: 0, offset: 42, error_code: null, error: null }],
  key_schema_id: null,
  value_schema_id: null,
};
