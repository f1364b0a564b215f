/** What the routes of a group's members say of themselves. */
import { STREAM_HEARTBEAT_MS } from '../model/limits.ts';
import type { Content, Responses, RouteDescription } from './description.ts';
import { emptyResponse, errorResponses, jsonContent, jsonResponse } from './description.ts';
import { EVENTS_TYPE, MSGPACK_TYPE } from './fetch-types.ts';
import {
  GROUP,
  MEMBER,
  MEMBER_RECORDS_PARAMETERS,
  TOPIC_RECORDS_PARAMETERS,
} from './member-parameters.ts';
import {
  CURSOR_EXAMPLE,
  HEARTBEAT_SCHEMA,
  JOIN_SCHEMA,
  MEMBER_PAGE_EXAMPLE,
  MEMBER_PAGE_SCHEMA,
  MEMBERSHIP_EXAMPLE,
  MEMBERSHIP_SCHEMA,
  READ_SCHEMA,
} from './member-schemas.ts';
import { parametersSchema, TOPIC } from './parameters.ts';

const MEMBER_PATH = parametersSchema([GROUP, MEMBER]);
/** What tells a member that it is one no more, or has to join again. */
const MEMBER_FAULTS = [
  'INVALID_GROUP_ID',
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
] as const;
const BODY_FAULTS = ['UNSUPPORTED_MEDIA_TYPE', 'BODY_TOO_LARGE', 'REQUEST_TIMED_OUT'] as const;
const PAGE_CONTENT: Content = {
  ...jsonContent(MEMBER_PAGE_SCHEMA, MEMBER_PAGE_EXAMPLE),
  [MSGPACK_TYPE]: {
    schema: { type: 'string', format: 'binary', description: 'The same as MessagePack.' },
  },
};
const READ_FAULTS: Responses = errorResponses(
  ...MEMBER_FAULTS,
  'NO_COMMITTED_OFFSET',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_ACCEPTABLE',
  'THROTTLING_QUOTA_EXCEEDED',
  'KAFKA_STORAGE_ERROR',
);

/** Short sessions, so that whoever pastes the next example need not wait for the last one's member. */
const JOINED = `joined=$(curl -s -X POST {base}/groups/alerts/members -H 'content-type: application/json' -d '{"topics": ["flights"], "session_timeout_ms": 1000}')`;

export const JOIN_GROUP: RouteDescription = {
  operationId: 'joinGroup',
  tags: ['Groups'],
  summary: 'Join a group',
  description: [
    "Waits until the rebalance is complete and answers the member's share of the partitions. Join again, with `member_id` and the last cursor, whenever a call answers 409 `REBALANCE_IN_PROGRESS` or `ILLEGAL_GENERATION`; after 404 `UNKNOWN_MEMBER_ID` without the id.",
    'Members that are Kafka clients and members over HTTP share one group. Who disconnects before the answer has left the group. A topic that is not there is no error: it stands in `missing_topics`, and the member is told to join again when it comes.',
  ].join('\n\n'),
  params: parametersSchema([GROUP]),
  body: { content: jsonContent(JOIN_SCHEMA, { topics: ['flights'] }) },
  response: {
    200: jsonResponse('The member and its share.', MEMBERSHIP_SCHEMA, MEMBERSHIP_EXAMPLE),
    ...errorResponses(
      ...MEMBER_FAULTS,
      ...BODY_FAULTS,
      'INVALID_TOPIC_EXCEPTION',
      'INVALID_SESSION_TIMEOUT',
      'INCONSISTENT_GROUP_PROTOCOL',
      'GROUP_MAX_SIZE_REACHED',
      'POLICY_VIOLATION',
      'NO_COMMITTED_OFFSET',
      'THROTTLING_QUOTA_EXCEEDED',
      'KAFKA_STORAGE_ERROR',
      'DISK_FULL',
    ),
  },
  'x-curl': `curl -X POST {base}/groups/alerts/members -H 'content-type: application/json' -d '{"topics": ["flights"], "session_timeout_ms": 1000}'`,
};

export const READ_MEMBER: RouteDescription = {
  operationId: 'fetchAsMember',
  tags: ['Groups'],
  summary: "Read a member's partitions",
  description:
    'Reads on from the cursor, or without one from the committed offsets, and waits when there is nothing new. It is a sign of life, also while it waits; when a rebalance begins it ends at once with 409. Committing the cursor of the answer commits these records. When partitions were added, or a topic came or went, it answers 409 so that the member joins again.',
  params: MEMBER_PATH,
  body: { content: jsonContent(READ_SCHEMA, { generation: 1, cursor: CURSOR_EXAMPLE }) },
  response: {
    200: {
      description: 'Records, possibly none, and the cursor to go on with.',
      content: PAGE_CONTENT,
    },
    ...READ_FAULTS,
    ...errorResponses(...BODY_FAULTS),
  },
  'x-curl': `${JOINED}
curl -X POST "{base}/groups/alerts/members/$(echo "$joined" | jq -r .member_id)/fetch" -H 'content-type: application/json' -d "$(echo "$joined" | jq '{generation, cursor, timeout_ms: 0}')"`,
};

export const STREAM_MEMBER: RouteDescription = {
  operationId: 'streamAsMember',
  tags: ['Groups'],
  summary: "Read or follow a member's partitions",
  description: [
    'The same as the POST, for hand use: `generation` is required, and a cursor that fits a URL may be given.',
    `With \`Accept: ${EVENTS_TYPE}\` it stays open: \`event: record\` for each record, \`event: cursor\` behind each batch of them, whose data is the cursor to commit, \`event: reset\` when retention has forced a jump, \`event: rebalance\` when the member has to join again and \`event: error\` otherwise, then it ends. A quiet stream gives a sign of life every ${STREAM_HEARTBEAT_MS / 1000} seconds. Whoever connects again without a cursor starts at the committed offsets.`,
  ].join('\n\n'),
  params: MEMBER_PATH,
  querystring: parametersSchema(MEMBER_RECORDS_PARAMETERS),
  response: {
    200: {
      description: 'Records, possibly none, and the cursor to go on with.',
      content: {
        ...PAGE_CONTENT,
        [EVENTS_TYPE]: { schema: { type: 'string', description: 'Server-Sent Events.' } },
      },
    },
    ...READ_FAULTS,
  },
  'x-curl': `${JOINED}
curl -N -m 2 -H 'accept: ${EVENTS_TYPE}' "{base}/groups/alerts/members/$(echo "$joined" | jq -r .member_id)/records?generation=$(echo "$joined" | jq .generation)"`,
};

export const READ_TOPIC_FOR_GROUP: RouteDescription = {
  operationId: 'fetchTopicForGroup',
  tags: ['Groups'],
  summary: 'Read a whole topic for a group, without joining',
  description:
    'Reads all partitions on from the cursor, or without one from the committed offsets of the group: for one reader alone, such as a script. Commit the cursor of the answer to go on from there the next time. It keeps nobody else from reading the same; for that, join.',
  params: parametersSchema([TOPIC]),
  querystring: parametersSchema(TOPIC_RECORDS_PARAMETERS),
  response: {
    200: {
      description: 'Records, possibly none, and the cursor to go on with.',
      content: PAGE_CONTENT,
    },
    ...errorResponses(
      'INVALID_GROUP_ID',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'NOT_ACCEPTABLE',
      'THROTTLING_QUOTA_EXCEEDED',
      'KAFKA_STORAGE_ERROR',
    ),
  },
  'x-curl': `curl '{base}/topics/flights/records?group=nightly&timeout=0'`,
};

export const HEARTBEAT: RouteDescription = {
  operationId: 'sendHeartbeat',
  tags: ['Groups'],
  summary: 'Give a sign of life',
  description:
    'For members that take longer with their records than the session time. Every read is one as well.',
  params: MEMBER_PATH,
  body: { content: jsonContent(HEARTBEAT_SCHEMA, { generation: 1 }) },
  response: {
    204: emptyResponse('The member lives.'),
    ...errorResponses(...MEMBER_FAULTS, ...BODY_FAULTS),
  },
  'x-curl': `${JOINED}
curl -X POST "{base}/groups/alerts/members/$(echo "$joined" | jq -r .member_id)/heartbeat" -H 'content-type: application/json' -d "$(echo "$joined" | jq '{generation}')"`,
};

export const LEAVE_GROUP: RouteDescription = {
  operationId: 'leaveGroup',
  tags: ['Groups'],
  summary: 'Leave a group',
  description: 'The others take over at once, without waiting for the session time.',
  params: MEMBER_PATH,
  response: {
    204: emptyResponse('The member has left.'),
    ...errorResponses('INVALID_GROUP_ID', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'),
  },
  'x-curl': `${JOINED}
curl -X DELETE "{base}/groups/alerts/members/$(echo "$joined" | jq -r .member_id)"`,
};
