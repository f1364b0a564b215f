/** The body that commits offsets: a list of them, or a cursor; of a member, or of nobody. */
import type { FastifyRequest } from 'fastify';
import type { OffsetToCommit } from '../broker/groups.ts';
import type { Cursor } from '../membership/cursor.ts';
import { decodeCursor } from '../membership/cursor.ts';
import { MillraceError } from '../model/errors.ts';
import {
  COMMIT_OFFSETS_MAX,
  CURSOR_LENGTH_MAX,
  INT32_MAX,
  INT64_SAFE_MAX,
  MEMBER_ID_LENGTH_MAX,
  OFFSET_METADATA_BYTES_MAX,
} from '../model/limits.ts';
import { checkTopicName } from '../model/names.ts';
import { badField, readText, requireInteger, requireText } from './body-fields.ts';
import type { JsonObject } from './json-body.ts';
import { refuseUnknownMembers, requireJsonBody } from './json-body.ts';

const MEMBERS = ['member_id', 'generation', 'group_instance_id', 'cursor', 'offsets'] as const;
const OFFSET_MEMBERS = ['topic', 'partition', 'offset', 'metadata'] as const;

export interface CommitBody {
  /** Empty = nobody's. */
  readonly memberId: string;
  /** -1 without a member. */
  readonly generation: number;
  readonly groupInstanceId: string | undefined;
  readonly what:
    | { readonly kind: 'cursor'; readonly cursor: Cursor }
    | { readonly kind: 'offsets'; readonly offsets: readonly OffsetToCommit[] };
}

/** Throws INVALID_REQUEST, INVALID_TOPIC_EXCEPTION, OFFSET_METADATA_TOO_LARGE. */
export function readCommitBody(request: FastifyRequest, group: string): CommitBody {
  const body = requireJsonBody(request);
  refuseUnknownMembers(body, MEMBERS, 'the body');
  return { ...readCommitter(body), what: readWhat(body, group) };
}

function readCommitter(body: JsonObject): Omit<CommitBody, 'what'> {
  const id = { lengthMax: MEMBER_ID_LENGTH_MAX };
  const memberId = readText(body, 'member_id', id) ?? '';
  const groupInstanceId = readText(body, 'group_instance_id', id);
  if (memberId !== '') {
    const generation = requireInteger(body, 'generation', { min: 0, max: INT32_MAX });
    return { memberId, generation, groupInstanceId };
  }
  if (groupInstanceId !== undefined || (body['generation'] ?? null) !== null) {
    const rule =
      'given with generation or group_instance_id; leave all three out to commit as nobody';
    throw badField('member_id', undefined, rule);
  }
  return { memberId, generation: -1, groupInstanceId };
}

function readWhat(body: JsonObject, group: string): CommitBody['what'] {
  const text = readText(body, 'cursor', { lengthMax: CURSOR_LENGTH_MAX });
  const list = body['offsets'] ?? undefined;
  if (text !== undefined && list !== undefined) {
    throw new MillraceError(
      'INVALID_REQUEST',
      'cursor and offsets are both given; send one of them',
      { details: { fields: ['cursor', 'offsets'] } },
    );
  }
  if (text !== undefined) {
    return { kind: 'cursor', cursor: decodeCursor(text, { group, lengthMax: CURSOR_LENGTH_MAX }) };
  }
  const rule = `a list of 1 to ${COMMIT_OFFSETS_MAX} offsets, or send cursor`;
  if (!Array.isArray(list)) throw badField('offsets', list, rule);
  if (list.length >= 1 && list.length <= COMMIT_OFFSETS_MAX) {
    return { kind: 'offsets', offsets: list.map(readOffset) };
  }
  throw new MillraceError(
    'INVALID_REQUEST',
    `offsets has ${list.length} of them; it must be ${rule}`,
    { details: { field: 'offsets', received_count: list.length, count_max: COMMIT_OFFSETS_MAX } },
  );
}

function readOffset(value: unknown, index: number): OffsetToCommit {
  const at = `offsets[${index}]`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badField(at, value, 'an object of topic, partition and offset');
  }
  refuseUnknownMembers(value as JsonObject, OFFSET_MEMBERS, at);
  // By the names that the errors are to show.
  const fields: JsonObject = Object.fromEntries(
    Object.entries(value).map(([name, each]) => [`${at}.${name}`, each]),
  );
  // However long: the rule of names says it better.
  const topic = requireText(fields, `${at}.topic`, { lengthMax: Infinity });
  checkTopicName(topic);
  return {
    topic,
    partition: requireInteger(fields, `${at}.partition`, { min: 0, max: INT32_MAX }),
    offset: requireInteger(fields, `${at}.offset`, { min: 0, max: INT64_SAFE_MAX }),
    leaderEpoch: -1,
    metadata: readMetadata(fields, `${at}.metadata`),
  };
}

function readMetadata(fields: JsonObject, field: string): string {
  const metadata = fields[field] ?? '';
  if (typeof metadata !== 'string' || !metadata.isWellFormed()) {
    throw badField(field, metadata, 'a string of well-formed Unicode, or null');
  }
  const bytes = Buffer.byteLength(metadata);
  if (bytes <= OFFSET_METADATA_BYTES_MAX) return metadata;
  throw new MillraceError(
    'OFFSET_METADATA_TOO_LARGE',
    `${field} has ${bytes} bytes; at most ${OFFSET_METADATA_BYTES_MAX} are allowed`,
    { details: { field, bytes, bytes_max: OFFSET_METADATA_BYTES_MAX } },
  );
}
