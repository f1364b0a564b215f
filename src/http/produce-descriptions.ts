/** What the routes that produce say of themselves. */
import type { Content, RouteDescription } from './description.ts';
import { errorResponses } from './description.ts';
import { BATCH_TYPE, JSON_TYPE, MSGPACK_TYPE } from './fetch-types.ts';
import type { Schema } from './parameters.ts';
import { PARTITION, TOPIC, parametersSchema } from './parameters.ts';
import { V2_BODY_TYPES } from './produce-body.ts';
import {
  PREFER_SCHEMA,
  PRODUCER_HEADER_SCHEMAS,
  PRODUCE_PARAMETERS,
} from './produce-parameters.ts';
import { V2_TYPE } from './produce-reply.ts';
import {
  OFFSETS_EXAMPLE,
  OFFSETS_SCHEMA,
  PRODUCE_EXAMPLE,
  PRODUCE_SCHEMA,
  V2_OFFSETS_EXAMPLE,
  V2_OFFSETS_SCHEMA,
  WRITTEN_EXAMPLE,
  WRITTEN_SCHEMA,
  v2ProduceSchema,
} from './produce-schemas.ts';

const BYTES: Schema = { type: 'string', format: 'binary' };

const BODIES: Content = {
  [JSON_TYPE]: { schema: PRODUCE_SCHEMA, examples: { example: { value: PRODUCE_EXAMPLE } } },
  [MSGPACK_TYPE]: {
    schema: {
      ...BYTES,
      description:
        'The shape of the JSON as MessagePack. Keys, values and header values are `bin` (as they are), `str` (as its UTF-8) or `nil`; there is no `_base64`.',
    },
  },
  'application/vnd.kafka.json.v2+json': v2Content(
    v2ProduceSchema('V2JsonProduce', {
      description: 'Any JSON, stored as it was sent: a string keeps its quotes, as a key too.',
    }),
    { key: 'LH 400', value: { delay: 12 } },
  ),
  'application/vnd.kafka.binary.v2+json': v2Content(
    v2ProduceSchema('V2BinaryProduce', { type: ['string', 'null'], contentEncoding: 'base64' }),
    { key: 'TEggNDAw', value: 'eyJkZWxheSI6MTJ9' },
  ),
  'application/vnd.kafka.text.v2+json': v2Content(
    v2ProduceSchema('V2TextProduce', { type: ['string', 'null'] }),
    { key: 'LH 400', value: 'twelve minutes late' },
  ),
};

const BATCHES: Content = {
  [BATCH_TYPE]: {
    schema: {
      ...BYTES,
      description:
        "Kafka's record batches v2 back to back. Each is stored as it came after complete validation; all or none. The answer is that of `return=minimal`.",
    },
  },
};

const VALUE: Content = {
  '*/*': {
    schema: {
      ...BYTES,
      description:
        "Any other named type: the body is one record's value as it is, the type is kept as its header `content-type`. Forms and other `application/vnd.kafka.*` are refused.",
    },
  },
};

function v2Content(schema: Schema, record: object): Content[string] {
  return { schema, examples: { example: { value: { records: [record] } } } };
}

const ANSWERS: Content = {
  [JSON_TYPE]: {
    schema: { anyOf: [OFFSETS_SCHEMA, WRITTEN_SCHEMA, V2_OFFSETS_SCHEMA] },
    examples: {
      offsets: { summary: 'An offset for each record', value: OFFSETS_EXAMPLE },
      minimal: { summary: 'With Prefer: return=minimal', value: WRITTEN_EXAMPLE },
    },
  },
  [MSGPACK_TYPE]: { schema: { ...BYTES, description: 'The same as MessagePack.' } },
  ...Object.fromEntries(
    [V2_TYPE, ...V2_BODY_TYPES].map((type) => [
      type,
      { schema: V2_OFFSETS_SCHEMA, examples: { example: { value: V2_OFFSETS_EXAMPLE } } },
    ]),
  ),
};

const PRODUCED = {
  description:
    'Every record is on stable storage (or only written, in a topic whose `flush.messages` or `flush.ms` asks for no more). With a v2 type look at each `error_code`: some partitions may have failed.',
  headers: {
    'preference-applied': { type: 'string', description: '`return=minimal` when it was applied.' },
  },
  content: ANSWERS,
};

const FAULTS = [
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'MESSAGE_TOO_LARGE',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'NOT_ACCEPTABLE',
  'REQUEST_TIMED_OUT',
  'POLICY_VIOLATION',
  'THROTTLING_QUOTA_EXCEEDED',
  'KAFKA_STORAGE_ERROR',
  'DISK_FULL',
] as const;

const PROMISE =
  'The request is checked completely before anything is written: any fault refuses it whole, with `written: "no"` and the first ten bad records in `details.bad_records`. If the writing itself fails, the error says in `details.partitions` what is known of each partition. A topic that is missing is created if the server is set so: once the request itself was found good, so it may stand there empty when the records are then more than its partitions take.';

export const PRODUCE_TO_TOPIC: RouteDescription = {
  operationId: 'produceToTopic',
  tags: ['Produce'],
  summary: 'Append records to a topic',
  description: `${PROMISE} Partitions are chosen record by record: the one it names, else by its key, else one that all keyless records of the request share.`,
  params: parametersSchema([TOPIC]),
  querystring: parametersSchema(PRODUCE_PARAMETERS),
  headers: { type: 'object', properties: { prefer: PREFER_SCHEMA } },
  body: { content: { ...BODIES, ...VALUE } },
  response: { 200: PRODUCED, ...errorResponses(...FAULTS) },
  'x-curl': `curl {base}/topics/flights -H 'content-type: application/json' -d '{"records": [{"key": "LH 400", "value": {"delay": 12}}]}'`,
};

export const PRODUCE_TO_PARTITION: RouteDescription = {
  operationId: 'produceToPartition',
  tags: ['Produce'],
  summary: 'Append records to a partition',
  description: `${PROMISE} With the three headers of a producer the request is safe to repeat: it is a batch of its own, and one that was stored before is answered with its first offsets and \`duplicate: true\`.`,
  params: parametersSchema([TOPIC, PARTITION]),
  querystring: parametersSchema(PRODUCE_PARAMETERS),
  headers: { type: 'object', properties: { prefer: PREFER_SCHEMA, ...PRODUCER_HEADER_SCHEMAS } },
  body: { content: { ...BODIES, ...BATCHES, ...VALUE } },
  response: {
    200: PRODUCED,
    ...errorResponses(
      ...FAULTS,
      'CORRUPT_MESSAGE',
      'UNSUPPORTED_COMPRESSION_TYPE',
      'UNSUPPORTED_FOR_MESSAGE_FORMAT',
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      'INVALID_PRODUCER_EPOCH',
    ),
  },
  'x-curl': `curl {base}/topics/flights/partitions/0 -H 'content-type: text/plain' --data-binary 'LH 400 is late'`,
};
