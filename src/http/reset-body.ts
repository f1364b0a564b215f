/** The body that moves a group's offsets. */
import type { FastifyRequest } from 'fastify';
import type { ResetTarget, ResetWish } from '../membership/offset-reset.ts';
import { INT64_SAFE_MAX, PARTITIONS_PER_TOPIC_MAX } from '../model/limits.ts';
import { checkTopicName } from '../model/names.ts';
import { badField, requireInteger, requireText } from './body-fields.ts';
import type { JsonObject } from './json-body.ts';
import { refuseUnknownMembers, requireJsonBody } from './json-body.ts';
import { parseTimestamp, TIMESTAMP_ALLOWED } from './timestamps.ts';

const MEMBERS = ['topic', 'partitions', 'to', 'dry_run'] as const;

/** Throws INVALID_REQUEST, INVALID_TOPIC_EXCEPTION. */
export function readResetBody(request: FastifyRequest): Omit<ResetWish, 'group'> {
  const body = requireJsonBody(request);
  refuseUnknownMembers(body, MEMBERS, 'the body');
  // However long: the rule of names says it better.
  const topic = requireText(body, 'topic', { lengthMax: Infinity });
  checkTopicName(topic);
  return {
    topic,
    partitions: readPartitions(body['partitions'] ?? undefined),
    to: readTarget(body['to']),
    dryRun: readDryRun(body['dry_run'] ?? false),
  };
}

function readPartitions(value: unknown): readonly number[] | undefined {
  if (value === undefined) return undefined;
  const rule = `a list of 1 to ${PARTITIONS_PER_TOPIC_MAX} partition numbers, none twice`;
  if (!Array.isArray(value) || value.length === 0 || value.length > PARTITIONS_PER_TOPIC_MAX) {
    throw badField('partitions', value, rule);
  }
  const isNumber = (each: unknown): each is number =>
    Number.isSafeInteger(each) && Number(each) >= 0;
  const partitions = value.filter(isNumber);
  if (partitions.length < value.length || new Set(partitions).size < partitions.length) {
    throw badField('partitions', value, rule);
  }
  return partitions;
}

const TARGETS = ['timestamp', 'offset', 'shift'] as const;
const TARGET_RULE = '"earliest", "latest", or an object with one of timestamp, offset and shift';

function readTarget(value: unknown): ResetTarget {
  if (value === 'earliest' || value === 'latest') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badField('to', value, TARGET_RULE);
  }
  refuseUnknownMembers(value as JsonObject, TARGETS, 'to');
  const [kind, ...more] = TARGETS.filter((each) => Object.hasOwn(value, each));
  if (kind === undefined || more.length > 0) throw badField('to', value, TARGET_RULE);
  const received = (value as JsonObject)[kind];
  const named = { [`to.${kind}`]: received };
  if (kind === 'timestamp') return { timestamp: readTimestamp(received) };
  if (kind === 'offset') {
    return { offset: requireInteger(named, 'to.offset', { min: 0, max: INT64_SAFE_MAX }) };
  }
  const either = { min: -INT64_SAFE_MAX, max: INT64_SAFE_MAX };
  return { shift: requireInteger(named, 'to.shift', either) };
}

function readTimestamp(value: unknown): number {
  const isText = typeof value === 'string' || (typeof value === 'number' && value >= 0);
  const timestamp = isText ? parseTimestamp(String(value)) : undefined;
  if (timestamp === undefined) throw badField('to.timestamp', value, TIMESTAMP_ALLOWED);
  return timestamp;
}

function readDryRun(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw badField('dry_run', value, 'true or false');
}
