/** What the routes about groups and their offsets say of themselves. */
import { COMMIT_OFFSETS_MAX } from '../model/limits.ts';
import type { RouteDescription } from './description.ts';
import { emptyResponse, errorResponses, jsonContent, jsonResponse } from './description.ts';
import {
  COMMIT_EXAMPLE,
  COMMIT_SCHEMA,
  OFFSETS_OF_GROUP_EXAMPLE,
  OFFSETS_OF_GROUP_SCHEMA,
  RESET_ANSWER_EXAMPLE,
  RESET_ANSWER_SCHEMA,
  RESET_EXAMPLE,
  RESET_SCHEMA,
} from './group-offset-schemas.ts';
import { TOPIC_FILTER } from './group-parameters.ts';
import {
  GROUP_EXAMPLE,
  GROUP_SCHEMA,
  GROUPS_EXAMPLE,
  GROUPS_SCHEMA,
  LAG_EXAMPLE,
  LAG_SCHEMA,
} from './group-schemas.ts';
import { GROUP } from './member-parameters.ts';
import { parametersSchema } from './parameters.ts';

const GROUP_PATH = parametersSchema([GROUP]);
const BODY_FAULTS = [
  'INVALID_TOPIC_EXCEPTION',
  'UNSUPPORTED_MEDIA_TYPE',
  'BODY_TOO_LARGE',
  'REQUEST_TIMED_OUT',
] as const;
const COMMIT_FAULTS = [
  'INVALID_GROUP_ID',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'POLICY_VIOLATION',
  'KAFKA_STORAGE_ERROR',
  'DISK_FULL',
  ...BODY_FAULTS,
] as const;

/** So that there is a group to show. */
const COMMITTED = `curl -X POST {base}/groups/reports/offsets -H 'content-type: application/json' -d '{"offsets": [{"topic": "flights", "partition": 0, "offset": 1}]}'`;

export const LIST_GROUPS: RouteDescription = {
  operationId: 'listGroups',
  tags: ['Groups'],
  summary: 'List groups',
  description: 'All that have members or committed offsets, sorted by name.',
  response: {
    200: jsonResponse('All groups.', GROUPS_SCHEMA, GROUPS_EXAMPLE),
    ...errorResponses(),
  },
  'x-curl': 'curl {base}/groups',
};

export const DESCRIBE_GROUP: RouteDescription = {
  operationId: 'describeGroup',
  tags: ['Groups'],
  summary: 'Describe a group',
  description: 'Its state, its members, and which partitions each of them reads.',
  params: GROUP_PATH,
  response: {
    200: jsonResponse('The group.', GROUP_SCHEMA, GROUP_EXAMPLE),
    ...errorResponses('INVALID_GROUP_ID', 'GROUP_ID_NOT_FOUND'),
  },
  'x-curl': `${COMMITTED}
curl {base}/groups/reports`,
};

export const DELETE_GROUP: RouteDescription = {
  operationId: 'deleteGroup',
  tags: ['Groups'],
  summary: 'Delete a group',
  description: 'With everything that it has committed, durably. It must have no members.',
  params: GROUP_PATH,
  response: {
    204: emptyResponse('It is gone.'),
    ...errorResponses(
      'INVALID_GROUP_ID',
      'GROUP_ID_NOT_FOUND',
      'NON_EMPTY_GROUP',
      'KAFKA_STORAGE_ERROR',
      'DISK_FULL',
    ),
  },
  'x-curl': `${COMMITTED}
curl -X DELETE {base}/groups/reports`,
};

export const GROUP_LAG: RouteDescription = {
  operationId: 'getGroupLag',
  tags: ['Groups'],
  summary: 'How far a group is behind',
  description:
    'For each partition that has a committed offset or is assigned to a member: how many records are not committed yet, how old the oldest of them is, and whose it is. Also while nobody of the group is online. Records are counted as Kafka counts them, from the committed offset to the high watermark; where nothing is committed, `current_offset` is null and they are counted from the log start. It is a look at things that go on moving, not a snapshot.',
  params: GROUP_PATH,
  response: {
    200: jsonResponse('Its lag.', LAG_SCHEMA, LAG_EXAMPLE),
    ...errorResponses('INVALID_GROUP_ID', 'GROUP_ID_NOT_FOUND'),
  },
  'x-curl': `${COMMITTED}
curl {base}/groups/reports/lag`,
};

export const GROUP_OFFSETS: RouteDescription = {
  operationId: 'listGroupOffsets',
  tags: ['Groups'],
  summary: 'List committed offsets',
  description:
    'An offset is the next one to read. Sorted by topic and partition; a group that is not known has committed nothing.',
  params: GROUP_PATH,
  querystring: parametersSchema([TOPIC_FILTER]),
  response: {
    200: jsonResponse('What is committed.', OFFSETS_OF_GROUP_SCHEMA, OFFSETS_OF_GROUP_EXAMPLE),
    ...errorResponses('INVALID_GROUP_ID'),
  },
  'x-curl': `curl '{base}/groups/reports/offsets?topic=flights'`,
};

export const COMMIT_OFFSETS: RouteDescription = {
  operationId: 'commitOffsets',
  tags: ['Groups'],
  summary: 'Commit offsets',
  description: [
    'An offset is the next one to read: that of the last record dealt with, plus one.',
    `A 200 means that all of it is on stable storage. Either \`offsets\`, at most ${COMMIT_OFFSETS_MAX}, or the \`cursor\` of a read, which commits behind the records that it came with. A member gives its \`member_id\` and \`generation\`, and its cursor must be of that generation; without a member it works while the group has none, and makes a group that is not there yet.`,
    'Everything is checked before anything is written. An offset above the high watermark is refused (422), because it would skip records that are yet to come; one below the log start is taken. Going back is allowed. A cursor of a topic that was deleted and created anew is refused (404).',
  ].join('\n\n'),
  params: GROUP_PATH,
  body: { content: jsonContent(COMMIT_SCHEMA, COMMIT_EXAMPLE) },
  response: {
    200: jsonResponse('What was committed.', OFFSETS_OF_GROUP_SCHEMA, OFFSETS_OF_GROUP_EXAMPLE),
    ...errorResponses(
      'OFFSET_ABOVE_HIGH_WATERMARK',
      'OFFSET_METADATA_TOO_LARGE',
      'UNKNOWN_MEMBER_ID',
      'ILLEGAL_GENERATION',
      'REBALANCE_IN_PROGRESS',
      'FENCED_INSTANCE_ID',
      ...COMMIT_FAULTS,
    ),
  },
  'x-curl': COMMITTED,
};

export const RESET_OFFSETS: RouteDescription = {
  operationId: 'resetOffsets',
  tags: ['Groups'],
  summary: 'Move committed offsets',
  description:
    'Sets where the group reads next in a topic, and says where it was before. An offset or a shift that leads out of the log goes to the nearer end of it, and `clamped` says so. The group must have no members, because they would commit over it (409); a dry run, which changes nothing, works at any time. A shift needs a committed offset to go from (409 `NO_COMMITTED_OFFSET`). A group that is not there yet is made. Everything is checked before anything is written.',
  params: GROUP_PATH,
  body: { content: jsonContent(RESET_SCHEMA, RESET_EXAMPLE) },
  response: {
    200: jsonResponse('Before and after.', RESET_ANSWER_SCHEMA, RESET_ANSWER_EXAMPLE),
    ...errorResponses('NON_EMPTY_GROUP', 'NO_COMMITTED_OFFSET', ...COMMIT_FAULTS),
  },
  'x-curl': `curl -X POST {base}/groups/reports/offsets/reset -H 'content-type: application/json' -d '{"topic": "flights", "to": "earliest"}'`,
};
