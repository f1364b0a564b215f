/** What the routes of Confluent's v2 consumers say of themselves. */
import type { ErrorCode } from '../model/errors.ts';
import { V2_INSTANCE_TIMEOUT_MS } from '../model/limits.ts';
import type { Content, ResponseDescription, Responses, RouteDescription } from './description.ts';
import { emptyResponse, errorResponses } from './description.ts';
import { V2_EXAMPLES, V2_RECORDS_SCHEMA } from './fetch-schemas.ts';
import type { HttpCode } from './http-error.ts';
import { GROUP } from './member-parameters.ts';
import type { Schema } from './parameters.ts';
import { parametersSchema } from './parameters.ts';
import { V2_TYPE } from './v2-bodies.ts';
import {
  INSTANCE,
  PARTITION_QUERY,
  TOPIC_QUERY,
  V2_MAX_BYTES,
  V2_TIMEOUT,
} from './v2-parameters.ts';
import {
  CONSUMER_SCHEMA,
  CREATED_CONSUMER_EXAMPLE,
  CREATED_CONSUMER_SCHEMA,
  V2_COMMIT_SCHEMA,
  V2_COMMITTED_SCHEMA,
  V2_PARTITIONS_EXAMPLE,
  V2_PARTITIONS_SCHEMA,
  V2_POSITIONS_SCHEMA,
  V2_SUBSCRIPTION_SCHEMA,
  V2_SUBSCRIPTION_WISH_SCHEMA,
  v2OffsetsExample,
} from './v2-schemas.ts';

const INSTANCE_PATH = parametersSchema([GROUP, INSTANCE]);
const AT = '{base}/consumers/alerts/instances/my-consumer';
const AS_V2 = `-H 'content-type: ${V2_TYPE}'`;

const NOT_FOUND = ['INVALID_GROUP_ID', 'CONSUMER_INSTANCE_NOT_FOUND'] as const;
const BODY_FAULTS = ['UNSUPPORTED_MEDIA_TYPE', 'BODY_TOO_LARGE', 'REQUEST_TIMED_OUT'] as const;
/** Of the join, which a call waits for or begins. */
const JOIN_FAULTS = [
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'INCONSISTENT_GROUP_PROTOCOL',
  'GROUP_MAX_SIZE_REACHED',
  'POLICY_VIOLATION',
  'NO_COMMITTED_OFFSET',
  'THROTTLING_QUOTA_EXCEEDED',
] as const;
/** Of the commit of what was read before, which a change of what is read makes first. */
const COMMIT_FAULTS = [
  'UNKNOWN_TOPIC_OR_PARTITION',
  'POLICY_VIOLATION',
  'KAFKA_STORAGE_ERROR',
  'DISK_FULL',
] as const;

const OFFSET_FAULTS = ['OFFSET_METADATA_TOO_LARGE', 'OFFSET_ABOVE_HIGH_WATERMARK'] as const;

function bodyOf(schema: Schema, value: unknown): Content {
  const media = { schema, examples: { example: { value } } };
  return { [V2_TYPE]: media, 'application/json': media };
}

function answer(description: string, schema: Schema, example: unknown): ResponseDescription {
  return { description, content: bodyOf(schema, example) };
}

function changeFaults(...codes: readonly (ErrorCode | HttpCode)[]): Responses {
  return errorResponses(...NOT_FOUND, ...COMMIT_FAULTS, ...codes);
}

/** Each example makes the instance that it speaks of. */
const CREATED = `curl -X POST {base}/consumers/alerts ${AS_V2} -d '{"name": "my-consumer", "format": "json", "auto.offset.reset": "earliest"}'`;
const SUBSCRIBED = `${CREATED}
curl -X POST ${AT}/subscription ${AS_V2} -d '{"topics": ["flights"]}'`;
const ASSIGNED = `${CREATED}
curl -X POST ${AT}/assignments ${AS_V2} -d '{"partitions": [{"topic": "flights", "partition": 0}]}'`;

export const CREATE_CONSUMER: RouteDescription = {
  operationId: 'createConsumer',
  tags: ['Consumers v2'],
  summary: 'Make a consumer instance (Confluent v2)',
  description: [
    "For programs written for Confluent's REST Proxy v2; others are better off with the members of a group, of which the server has to remember nothing. An instance and its positions live in this server's memory: after a restart it is gone (40403) and has to be made again, and goes on at the committed offsets.",
    `One that is not used for ${V2_INSTANCE_TIMEOUT_MS / 60_000} minutes ends and leaves its group; until then it keeps its partitions however seldom it is read. Avro, Protobuf and JSON Schema are not supported.`,
  ].join('\n\n'),
  params: parametersSchema([GROUP]),
  body: { content: bodyOf(CONSUMER_SCHEMA, { name: 'my-consumer', format: 'json' }) },
  'x-body-optional': true,
  response: {
    200: answer('The instance.', CREATED_CONSUMER_SCHEMA, CREATED_CONSUMER_EXAMPLE),
    ...errorResponses(
      'INVALID_GROUP_ID',
      'CONSUMER_ALREADY_EXISTS',
      'INVALID_CONSUMER_CONFIG',
      'POLICY_VIOLATION',
      ...BODY_FAULTS,
    ),
  },
  'x-curl': CREATED,
};

export const DELETE_CONSUMER: RouteDescription = {
  operationId: 'deleteConsumer',
  tags: ['Consumers v2'],
  summary: 'End a consumer instance (Confluent v2)',
  description:
    'Commits what was read if the instance commits by itself, and leaves the group: others take over at once.',
  params: INSTANCE_PATH,
  response: { 204: emptyResponse('It has ended.'), ...changeFaults() },
  'x-curl': `${CREATED}
curl -X DELETE ${AT}`,
};

export const SUBSCRIBE: RouteDescription = {
  operationId: 'subscribeConsumer',
  tags: ['Consumers v2'],
  summary: 'Subscribe a consumer instance (Confluent v2)',
  description:
    'Takes the place of an earlier subscription. The join begins now and the answer does not wait for it: the first read does. Where partitions are assigned by hand: 40903.',
  params: INSTANCE_PATH,
  body: { content: bodyOf(V2_SUBSCRIPTION_WISH_SCHEMA, { topics: ['flights'] }) },
  response: {
    204: emptyResponse('It is subscribed.'),
    ...changeFaults(...BODY_FAULTS, 'ILLEGAL_STATE', 'INVALID_TOPIC_EXCEPTION'),
  },
  'x-curl': SUBSCRIBED,
};

export const SUBSCRIPTION: RouteDescription = {
  operationId: 'getConsumerSubscription',
  tags: ['Consumers v2'],
  summary: 'Get the subscription (Confluent v2)',
  description: 'Of a pattern: the topics that it matches now.',
  params: INSTANCE_PATH,
  response: {
    200: answer('Names, possibly none.', V2_SUBSCRIPTION_SCHEMA, { topics: ['flights'] }),
    ...errorResponses(...NOT_FOUND),
  },
  'x-curl': `${SUBSCRIBED}
curl ${AT}/subscription`,
};

export const UNSUBSCRIBE: RouteDescription = {
  operationId: 'unsubscribeConsumer',
  tags: ['Consumers v2'],
  summary: 'Unsubscribe a consumer instance (Confluent v2)',
  description: 'It leaves the group. Partitions assigned by hand are given up as well.',
  params: INSTANCE_PATH,
  response: { 204: emptyResponse('It reads nothing now.'), ...changeFaults() },
  'x-curl': `${SUBSCRIBED}
curl -X DELETE ${AT}/subscription`,
};

export const ASSIGN: RouteDescription = {
  operationId: 'assignConsumer',
  tags: ['Consumers v2'],
  summary: 'Assign partitions by hand (Confluent v2)',
  description:
    'Takes the place of an earlier assignment; an empty list gives all up. Such an instance is no member of the group, only its commits are those of the group. While it is subscribed: 40903.',
  params: INSTANCE_PATH,
  body: { content: bodyOf(V2_PARTITIONS_SCHEMA, V2_PARTITIONS_EXAMPLE) },
  response: {
    204: emptyResponse('They are assigned.'),
    ...changeFaults(...BODY_FAULTS, 'ILLEGAL_STATE'),
  },
  'x-curl': ASSIGNED,
};

export const ASSIGNMENT: RouteDescription = {
  operationId: 'getConsumerAssignment',
  tags: ['Consumers v2'],
  summary: 'Get the partitions (Confluent v2)',
  description: 'Those assigned by hand, or by the group; none before the first join is complete.',
  params: INSTANCE_PATH,
  response: {
    200: answer('Partitions, possibly none.', V2_PARTITIONS_SCHEMA, V2_PARTITIONS_EXAMPLE),
    ...errorResponses(...NOT_FOUND),
  },
  'x-curl': `${ASSIGNED}
curl ${AT}/assignments`,
};

export const READ_CONSUMER: RouteDescription = {
  operationId: 'readConsumer',
  tags: ['Consumers v2'],
  summary: 'Read records (Confluent v2)',
  description:
    'Answers as soon as there is something, and with an empty array when the time is over. `Accept` must allow the format of the instance, else 40601. An instance that commits by itself first commits what was read before. When a rebalance begins, the group waits for an instance that has records in hand until its next read or commit, so that what is done with is not read again by others.',
  params: INSTANCE_PATH,
  querystring: parametersSchema([V2_TIMEOUT, V2_MAX_BYTES]),
  response: {
    200: {
      description: 'Records, in the order of their offsets within each partition.',
      headers: {
        'millrace-reset': {
          type: 'string',
          description:
            'There only when retention has passed a position: a JSON list of up to ten `{topic, partition, from, to}`.',
        },
      },
      content: Object.fromEntries(
        Object.entries(V2_EXAMPLES).map(([type, value]) => [
          type,
          { schema: V2_RECORDS_SCHEMA, examples: { example: { value } } },
        ]),
      ),
    },
    ...changeFaults(...JOIN_FAULTS, 'ILLEGAL_STATE', 'NOT_ACCEPTABLE'),
  },
  'x-curl': `${SUBSCRIBED}
curl -H 'accept: application/vnd.kafka.json.v2+json' ${AT}/records`,
};

export const COMMIT: RouteDescription = {
  operationId: 'commitConsumer',
  tags: ['Consumers v2'],
  summary: 'Commit (Confluent v2)',
  description: [
    'An offset here is that of the last record that is done with, as in Confluent: the one behind it is committed, so 20 is committed as 21. Everywhere else in this API an offset to commit is the next one to read.',
    'Without a body, or without `offsets`: all that was read so far. Of several offsets for one partition the last counts. The answer comes when it is on stable storage.',
  ].join('\n\n'),
  params: INSTANCE_PATH,
  body: { content: bodyOf(V2_COMMIT_SCHEMA, v2OffsetsExample(20)) },
  'x-body-optional': true,
  response: {
    200: answer('An empty list, as in Confluent.', { type: 'array', items: {} }, []),
    ...changeFaults(...BODY_FAULTS, ...JOIN_FAULTS, ...OFFSET_FAULTS),
  },
  'x-curl': `${SUBSCRIBED}
curl -X POST ${AT}/offsets`,
};

export const COMMITTED: RouteDescription = {
  operationId: 'getConsumerOffsets',
  tags: ['Consumers v2'],
  summary: 'Get committed offsets (Confluent v2)',
  description: `The next offsets to read, so one more than what was sent to be committed. Partitions without one are left out. As in Confluent the partitions may stand in a body of the GET: \`{"partitions": [{"topic": "flights", "partition": 0}]}\`; the query does the same for one.`,
  params: INSTANCE_PATH,
  querystring: parametersSchema([TOPIC_QUERY, PARTITION_QUERY]),
  response: {
    200: answer('Committed offsets.', V2_COMMITTED_SCHEMA, v2OffsetsExample(21)),
    ...errorResponses(
      ...NOT_FOUND,
      ...BODY_FAULTS,
      'UNKNOWN_TOPIC_OR_PARTITION',
      'INVALID_TOPIC_EXCEPTION',
    ),
  },
  'x-curl': `${SUBSCRIBED}
curl '${AT}/offsets?topic=flights&partition=0'`,
};

const SEEK_RESPONSES: Responses = {
  204: emptyResponse('The next read begins there.'),
  ...changeFaults(...BODY_FAULTS, ...JOIN_FAULTS, 'ILLEGAL_STATE'),
};

export const SEEK: RouteDescription = {
  operationId: 'seekConsumer',
  tags: ['Consumers v2'],
  summary: 'Choose the next offsets to read (Confluent v2)',
  description:
    'Waits for a join that is under way. A partition that the instance does not have: 40903.',
  params: INSTANCE_PATH,
  body: { content: bodyOf(V2_POSITIONS_SCHEMA, v2OffsetsExample(20)) },
  response: SEEK_RESPONSES,
  'x-curl': `${ASSIGNED}
curl -X POST ${AT}/positions ${AS_V2} -d '{"offsets": [{"topic": "flights", "partition": 0, "offset": 20}]}'`,
};

export const SEEK_BEGINNING: RouteDescription = {
  operationId: 'seekConsumerToBeginning',
  tags: ['Consumers v2'],
  summary: 'Go to the first records (Confluent v2)',
  description: 'An empty list means all partitions that the instance has.',
  params: INSTANCE_PATH,
  body: { content: bodyOf(V2_PARTITIONS_SCHEMA, V2_PARTITIONS_EXAMPLE) },
  response: SEEK_RESPONSES,
  'x-curl': `${ASSIGNED}
curl -X POST ${AT}/positions/beginning ${AS_V2} -d '{"partitions": [{"topic": "flights", "partition": 0}]}'`,
};

export const SEEK_END: RouteDescription = {
  operationId: 'seekConsumerToEnd',
  tags: ['Consumers v2'],
  summary: 'Go behind the last records (Confluent v2)',
  description: 'An empty list means all partitions that the instance has.',
  params: INSTANCE_PATH,
  body: { content: bodyOf(V2_PARTITIONS_SCHEMA, V2_PARTITIONS_EXAMPLE) },
  response: SEEK_RESPONSES,
  'x-curl': `${ASSIGNED}
curl -X POST ${AT}/positions/end ${AS_V2} -d '{"partitions": [{"topic": "flights", "partition": 0}]}'`,
};
