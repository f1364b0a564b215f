/**
 * Bodies of the routes of Confluent's v2 consumers. Its clients name an embedded format in
 * Content-Type also where no record is sent, so all of v2's types are taken.
 */
import type { FastifyRequest } from 'fastify';
import type { TopicPartition } from '../broker/groups.ts';
import type { Cursor } from '../membership/cursor.ts';
import { compileTopicPattern } from '../membership/topic-pattern.ts';
import { MillraceError } from '../model/errors.ts';
import {
  ADMIN_BODY_BYTES_MAX,
  COMMIT_OFFSETS_MAX,
  INT32_MAX,
  INT64_SAFE_MAX,
  SUBSCRIBED_TOPICS_MAX,
  TOPIC_NAME_LENGTH_MAX,
  TOPIC_PATTERN_LENGTH_MAX,
} from '../model/limits.ts';
import { checkTopicName } from '../model/names.ts';
import { badField, readText, readTexts, requireInteger, requireText } from './body-fields.ts';
import type { JsonObject } from './json-body.ts';
import { readJsonBody, refuseUnknownMembers } from './json-body.ts';
import { JSON_TYPE } from './fetch-types.ts';
import { collect } from './raw-body.ts';
import type { V2Commit } from './v2-commits.ts';
import { partitionKey } from './v2-positions.ts';

export const V2_TYPE = 'application/vnd.kafka.v2+json';

const BODY_TYPES = [
  V2_TYPE,
  JSON_TYPE,
  'application/vnd.kafka.json.v2+json',
  'application/vnd.kafka.binary.v2+json',
  'application/vnd.kafka.text.v2+json',
];

/** undefined when there is none. */
export function readV2Body(request: FastifyRequest): JsonObject | undefined {
  return readJsonBody(request, ADMIN_BODY_BYTES_MAX, BODY_TYPES);
}

/** Where the route cannot do without one. */
export function requireV2Body(request: FastifyRequest): JsonObject {
  const body = readV2Body(request);
  if (body !== undefined) return body;
  throw new MillraceError('INVALID_REQUEST', 'the body is missing; it must be a JSON object');
}

/** Fastify reads none for a GET, where v2 has one for lack of a query. */
export async function takeGetBody(request: FastifyRequest): Promise<void> {
  request.body = await new Promise<Buffer | undefined>((resolve, reject) => {
    collect(request.raw, ADMIN_BODY_BYTES_MAX, (error, body) => {
      if (error === null) resolve(body);
      else reject(error);
    });
  });
}

/** `{topics}` or `{topic_pattern}`. */
export function readV2Subscription(body: JsonObject): Cursor['subscription'] {
  refuseUnknownMembers(body, ['topics', 'topic_pattern'], 'the body');
  const names = { countMax: SUBSCRIBED_TOPICS_MAX, lengthMax: 4 * TOPIC_NAME_LENGTH_MAX };
  const topics = readTexts(body, 'topics', names);
  const pattern = readText(body, 'topic_pattern', { lengthMax: TOPIC_PATTERN_LENGTH_MAX });
  if ((topics === undefined) === (pattern === undefined)) {
    throw new MillraceError(
      'INVALID_REQUEST',
      'the body must have either topics, a list of names, or topic_pattern',
      { details: { fields: ['topics', 'topic_pattern'] } },
    );
  }
  if (pattern !== undefined) {
    // What is wrong with it is told before the group is troubled.
    compileTopicPattern(pattern);
    return { kind: 'pattern', pattern };
  }
  for (const topic of topics ?? []) checkTopicName(topic);
  return { kind: 'topics', topics: topics ?? [] };
}

/** `{partitions: [{topic, partition}]}`, each once. */
export function readV2Partitions(body: JsonObject): readonly TopicPartition[] {
  refuseUnknownMembers(body, ['partitions'], 'the body');
  const partitions = readList(body, 'partitions').map((each, index) => {
    refuseUnknownMembers(each, ['topic', 'partition'], `partitions[${index}]`);
    return readPlace(each, `partitions[${index}]`);
  });
  return lastOfEach(partitions);
}

/** `{offsets: [{topic, partition, offset, metadata?}]}`; of several for a partition the last. */
export function readV2Offsets(body: JsonObject): readonly V2Commit[] {
  refuseUnknownMembers(body, ['offsets'], 'the body');
  const offsets = readList(body, 'offsets').map((each, index): V2Commit => {
    const where = `offsets[${index}]`;
    refuseUnknownMembers(each, ['topic', 'partition', 'offset', 'metadata'], where);
    const { metadata } = each;
    if (metadata !== undefined && metadata !== null && typeof metadata !== 'string') {
      throw badField(`${where}.metadata`, metadata, 'a string or null');
    }
    const offset = integerOf(each, 'offset', { where, max: INT64_SAFE_MAX - 1 });
    return { ...readPlace(each, where), offset, metadata: metadata ?? '' };
  });
  return lastOfEach(offsets);
}

/** v2 commits the offset of the last record that is done with; Kafka keeps the next one to read. */
export function nextOffsets(offsets: readonly V2Commit[]): readonly V2Commit[] {
  return offsets.map((each) => ({ ...each, offset: each.offset + 1 }));
}

function readList(body: JsonObject, field: string): readonly JsonObject[] {
  const value = body[field];
  if (!Array.isArray(value) || value.length > COMMIT_OFFSETS_MAX) {
    throw badField(field, value, `a list of at most ${COMMIT_OFFSETS_MAX} objects`);
  }
  return value.map((each: unknown, index) => {
    if (typeof each === 'object' && each !== null && !Array.isArray(each)) {
      return each as JsonObject;
    }
    throw badField(`${field}[${index}]`, each, 'an object');
  });
}

function readPlace(body: JsonObject, where: string): TopicPartition {
  const topic = requireText({ [`${where}.topic`]: body['topic'] }, `${where}.topic`, {
    lengthMax: 4 * TOPIC_NAME_LENGTH_MAX,
  });
  return { topic, partition: integerOf(body, 'partition', { where, max: INT32_MAX }) };
}

function integerOf(
  body: JsonObject,
  field: string,
  { where, max }: { readonly where: string; readonly max: number },
): number {
  const name = `${where}.${field}`;
  return requireInteger({ [name]: body[field] }, name, { min: 0, max });
}

function lastOfEach<T extends TopicPartition>(list: readonly T[]): readonly T[] {
  return [...new Map(list.map((each) => [partitionKey(each), each])).values()];
}
