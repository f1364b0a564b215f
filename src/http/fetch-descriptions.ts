/** What the routes that read records say of themselves. */
import { FETCH_RECORDS_DEFAULT, READER_STALL_MS, STREAM_HEARTBEAT_MS } from '../model/limits.ts';
import type { Content, RouteDescription, Responses } from './description.ts';
import { emptyResponse, errorResponses } from './description.ts';
import { FETCH_PARAMETERS, RECORD_FORMAT, RECORD_OFFSET } from './fetch-parameters.ts';
import {
  EVENTS_EXAMPLE,
  NDJSON_EXAMPLE,
  PAGE_EXAMPLE,
  PAGE_SCHEMA,
  RECORD_EXAMPLE,
  RECORD_SCHEMA,
  V2_EXAMPLES,
  V2_RECORDS_SCHEMA,
} from './fetch-schemas.ts';
import { BATCH_TYPE, EVENTS_TYPE, JSON_TYPE, MSGPACK_TYPE, NDJSON_TYPE } from './fetch-types.ts';
import type { Schema } from './parameters.ts';
import { PARTITION, parametersSchema, TOPIC } from './parameters.ts';
import { OFFSET_SCHEMA } from './topic-schemas.ts';

const BYTES: Schema = { type: 'string', format: 'binary' };

const PAGE_CONTENT: Content = {
  [JSON_TYPE]: { schema: PAGE_SCHEMA, examples: { example: { value: PAGE_EXAMPLE } } },
  [MSGPACK_TYPE]: {
    schema: {
      ...BYTES,
      description:
        'The shape of the JSON page as MessagePack; keys, values and header values are `bin` or `nil`.',
    },
  },
  [NDJSON_TYPE]: {
    schema: {
      type: 'string',
      description:
        'A record a line, as in `records` of the JSON page. Empty lines are heartbeats. A last line `{"error": ...}` says why a stream had to end.',
    },
    examples: { example: { value: NDJSON_EXAMPLE } },
  },
  [EVENTS_TYPE]: {
    schema: {
      type: 'string',
      description:
        'Server-Sent Events: `data` is a record, `id` its offset. `event: error` with an Error as data says why a stream had to end.',
    },
    examples: { example: { value: EVENTS_EXAMPLE } },
  },
  [BATCH_TYPE]: {
    schema: {
      ...BYTES,
      description:
        "Kafka's record batches v2 back to back, as they were stored: whole, so the first may begin below `offset`.",
    },
  },
  ...Object.fromEntries(
    Object.entries(V2_EXAMPLES).map(([type, value]) => [
      type,
      { schema: V2_RECORDS_SCHEMA, examples: { example: { value } } },
    ]),
  ),
};

const PLACE_HEADERS = {
  'millrace-next-offset': {
    ...OFFSET_SCHEMA,
    description: 'The offset to read next. Not in streams.',
  },
  'millrace-log-start-offset': {
    ...OFFSET_SCHEMA,
    description: 'First offset still kept. Not in streams.',
  },
  'millrace-high-watermark': {
    ...OFFSET_SCHEMA,
    description: 'End of what readers see. Not in streams.',
  },
};

const FAULTS: Responses = errorResponses(
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_ACCEPTABLE',
  'OFFSET_OUT_OF_RANGE',
  'THROTTLING_QUOTA_EXCEEDED',
  'KAFKA_STORAGE_ERROR',
);

export const FETCH_RECORDS: RouteDescription = {
  operationId: 'fetchRecords',
  tags: ['Fetch'],
  summary: 'Read records of a partition',
  description: [
    'Reads from any offset or time, as often as one likes; nothing is remembered about the reader. Go on at `next_offset`. Only what is on stable storage is shown (in a topic that asked for a weaker mode: what was written).',
    `\`Accept\` chooses the representation. JSON, MessagePack and v2's shapes are pages of ${FETCH_RECORDS_DEFAULT} records if not said otherwise; with \`timeout\` the request waits for \`min_bytes\`. \`${BATCH_TYPE}\` is the fastest: whole batches as they are stored.`,
    `\`${NDJSON_TYPE}\` streams up to what is there when the request comes, with \`follow=true\` also what comes later; \`${EVENTS_TYPE}\` stays open, and \`Last-Event-ID\` resumes it behind a record and beats \`offset\`. A quiet stream gives a sign of life every ${STREAM_HEARTBEAT_MS / 1000} seconds. It ends with an error when the topic is deleted, the offset trimmed, the partition offline, the server stopping, or when its reader takes nothing for ${READER_STALL_MS / 1000} seconds.`,
    'In JSON a value is shown byte for byte as it was stored if it is valid JSON of at most 32 levels; otherwise, and for keys and header values that are not UTF-8, the member is called `value_base64` (`key_base64`). In streams a raw line break between the tokens of a JSON value becomes a space.',
  ].join('\n\n'),
  params: parametersSchema([TOPIC, PARTITION]),
  querystring: parametersSchema(FETCH_PARAMETERS),
  headers: {
    type: 'object',
    properties: {
      'last-event-id': {
        ...OFFSET_SCHEMA,
        description: 'Event streams only: offset of the last record that was seen.',
      },
    },
  },
  response: {
    200: {
      description: 'Records from the offset on, possibly none.',
      content: PAGE_CONTENT,
      headers: PLACE_HEADERS,
    },
    ...FAULTS,
  },
  'x-curl': "curl '{base}/topics/flights/partitions/0/records?offset=earliest&max_records=10'",
};

export const FETCH_RECORD: RouteDescription = {
  operationId: 'fetchRecord',
  tags: ['Fetch'],
  summary: 'Read one record',
  description:
    'With `format=raw` the answer is the value itself under its stored `content-type` header (`application/octet-stream` without a valid one), to be saved and not to be run: `content-disposition: attachment`, `content-security-policy: sandbox`. A null value (a tombstone) is then 204, an empty one 200 with no bytes.',
  params: parametersSchema([TOPIC, PARTITION, RECORD_OFFSET]),
  querystring: parametersSchema([RECORD_FORMAT]),
  response: {
    200: {
      description: 'The record, or with `format=raw` its value.',
      content: {
        [JSON_TYPE]: { schema: RECORD_SCHEMA, examples: { example: { value: RECORD_EXAMPLE } } },
        [MSGPACK_TYPE]: { schema: BYTES },
        'application/octet-stream': { schema: BYTES },
      },
    },
    204: emptyResponse('With `format=raw`: the value is null.'),
    ...FAULTS,
  },
  'x-curl': 'curl {base}/topics/flights/partitions/0/records/0',
};
