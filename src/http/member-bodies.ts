/** The bodies that a group's members send: the join, and the wish to read. */
import type { FastifyRequest } from 'fastify';
import { chooseAssignors } from '../membership/assignors.ts';
import type { Cursor } from '../membership/cursor.ts';
import { decodeCursor } from '../membership/cursor.ts';
import type { JoinWish } from '../membership/join.ts';
import { compileTopicPattern } from '../membership/topic-pattern.ts';
import { MillraceError } from '../model/errors.ts';
import {
  CURSOR_LENGTH_MAX,
  FETCH_BYTES_DEFAULT,
  FETCH_BYTES_MAX,
  FETCH_RECORDS_DEFAULT,
  FETCH_RECORDS_MAX,
  FETCH_WAIT_MS_MAX,
  GROUP_PROTOCOLS_MAX,
  INT32_MAX,
  MEMBER_ID_LENGTH_MAX,
  MEMBER_WAIT_MS_DEFAULT,
  REBALANCE_TIMEOUT_MS_DEFAULT,
  REBALANCE_TIMEOUT_MS_MAX,
  SESSION_TIMEOUT_MS_DEFAULT,
  SUBSCRIBED_TOPICS_MAX,
  TOPIC_NAME_LENGTH_MAX,
  TOPIC_PATTERN_LENGTH_MAX,
} from '../model/limits.ts';
import { checkTopicName } from '../model/names.ts';
import {
  badField,
  readChoice,
  readInteger,
  readText,
  readTexts,
  requireInteger,
} from './body-fields.ts';
import type { JsonObject } from './json-body.ts';
import { refuseUnknownMembers, requireJsonBody } from './json-body.ts';
import type { ValueFormat } from './record-json.ts';
import { VALUE_FORMATS } from './record-json.ts';

export const RESETS = ['earliest', 'latest', 'none'] as const;

const JOIN_MEMBERS = [
  'topics',
  'topic_pattern',
  'member_id',
  'group_instance_id',
  'session_timeout_ms',
  'rebalance_timeout_ms',
  'assignors',
  'auto_offset_reset',
  'cursor',
] as const;

/** What a body says of a join; who asks, and for how long, is the route's to add. */
export type JoinBody = Omit<JoinWish, 'clientId' | 'clientHost' | 'signal'>;

/** Throws INVALID_REQUEST, INVALID_TOPIC_EXCEPTION. The session time is the broker's to check. */
export function readJoinBody(request: FastifyRequest, group: string): JoinBody {
  const body = requireJsonBody(request);
  refuseUnknownMembers(body, JOIN_MEMBERS, 'the body');
  const cursor = readCursor(body, group);
  const id = { lengthMax: MEMBER_ID_LENGTH_MAX };
  const assignors = { countMax: GROUP_PROTOCOLS_MAX, lengthMax: MEMBER_ID_LENGTH_MAX };
  return {
    group,
    subscription: readSubscription(body, cursor),
    autoOffsetReset: readChoice(body, 'auto_offset_reset', {
      choices: RESETS,
      fallback: cursor?.autoOffsetReset ?? 'earliest',
    }),
    assignors: chooseAssignors(readTexts(body, 'assignors', assignors)),
    memberId: readText(body, 'member_id', id) ?? '',
    groupInstanceId: readText(body, 'group_instance_id', id),
    sessionTimeoutMs: readInteger(body, 'session_timeout_ms', {
      min: 0,
      max: INT32_MAX,
      fallback: SESSION_TIMEOUT_MS_DEFAULT,
    }),
    rebalanceTimeoutMs: readInteger(body, 'rebalance_timeout_ms', {
      min: 1,
      max: REBALANCE_TIMEOUT_MS_MAX,
      fallback: REBALANCE_TIMEOUT_MS_DEFAULT,
    }),
    cursor,
  };
}

export interface ReadBody {
  readonly generation: number;
  readonly cursor: Cursor | undefined;
  readonly groupInstanceId: string | undefined;
  readonly waitMs: number;
  readonly recordsMax: number;
  readonly bytesMax: number;
  readonly bytesMin: number;
  readonly format: ValueFormat;
}

const READ_MEMBERS = [
  'generation',
  'cursor',
  'group_instance_id',
  'timeout_ms',
  'max_records',
  'max_bytes',
  'min_bytes',
  'format',
] as const;

export function readReadBody(request: FastifyRequest, group: string): ReadBody {
  const body = requireJsonBody(request);
  refuseUnknownMembers(body, READ_MEMBERS, 'the body');
  const integer = (field: string, min: number, max: number, fallback: number): number =>
    readInteger(body, field, { min, max, fallback });
  return {
    ...readMemberBody(body),
    cursor: readCursor(body, group),
    waitMs: integer('timeout_ms', 0, FETCH_WAIT_MS_MAX, MEMBER_WAIT_MS_DEFAULT),
    recordsMax: integer('max_records', 1, FETCH_RECORDS_MAX, FETCH_RECORDS_DEFAULT),
    bytesMax: integer('max_bytes', 1, FETCH_BYTES_MAX, FETCH_BYTES_DEFAULT),
    bytesMin: integer('min_bytes', 0, FETCH_BYTES_MAX, 1),
    format: readChoice(body, 'format', { choices: VALUE_FORMATS, fallback: 'json' }),
  };
}

export type MemberBody = Pick<ReadBody, 'generation' | 'groupInstanceId'>;

/** Who a member says it is, in any of its bodies. */
function readMemberBody(body: JsonObject): MemberBody {
  return {
    generation: requireInteger(body, 'generation', { min: 0, max: INT32_MAX }),
    groupInstanceId: readText(body, 'group_instance_id', { lengthMax: MEMBER_ID_LENGTH_MAX }),
  };
}

export function readHeartbeatBody(request: FastifyRequest): MemberBody {
  const body = requireJsonBody(request);
  refuseUnknownMembers(body, ['generation', 'group_instance_id'], 'the body');
  return readMemberBody(body);
}

function readCursor(body: JsonObject, group: string): Cursor | undefined {
  const text = readText(body, 'cursor', { lengthMax: CURSOR_LENGTH_MAX });
  return text === undefined
    ? undefined
    : decodeCursor(text, { group, lengthMax: CURSOR_LENGTH_MAX });
}

/** Topics or a pattern; with a cursor neither is needed, because it holds what was asked for. */
function readSubscription(body: JsonObject, cursor: Cursor | undefined): Cursor['subscription'] {
  const names = { countMax: SUBSCRIBED_TOPICS_MAX, lengthMax: 4 * TOPIC_NAME_LENGTH_MAX };
  const topics = readTexts(body, 'topics', names);
  const pattern = readText(body, 'topic_pattern', { lengthMax: TOPIC_PATTERN_LENGTH_MAX });
  if (topics !== undefined && pattern !== undefined) {
    throw new MillraceError(
      'INVALID_REQUEST',
      'topics and topic_pattern are both given; send one of them',
      { details: { fields: ['topics', 'topic_pattern'] } },
    );
  }
  if (topics !== undefined) {
    for (const topic of topics) checkTopicName(topic);
    return { kind: 'topics', topics };
  }
  if (pattern !== undefined) {
    // What is wrong with it is told before the group is troubled.
    compileTopicPattern(pattern);
    return { kind: 'pattern', pattern };
  }
  if (cursor !== undefined) return cursor.subscription;
  throw badField('topics', undefined, 'a list of topic names, or send topic_pattern');
}
