/**
 * Every operating error as HTTP says it: its status, its `error_code` (the number of Confluent's
 * v2 where v2 has one, else status x 100) and the body that all of them share. One table, which
 * does not compile when a code is missing.
 */
import type { ErrorCode, MillraceError, Written } from '../model/errors.ts';
import type { HttpCode } from './http-error.ts';
import { HttpError } from './http-error.ts';

interface Answer {
  readonly status: number;
  /** Only where it is not status x 100. */
  readonly errorCode?: number;
  /** One phrase for the API's description. */
  readonly meaning: string;
}

export const ERROR_ANSWERS: Readonly<Record<ErrorCode, Answer>> = {
  INVALID_REQUEST: {
    status: 400,
    errorCode: 40002,
    meaning: 'malformed, or an unknown member or parameter',
  },
  INVALID_RECORD: {
    status: 422,
    meaning: 'a record of the request is refused; the first ten are named',
  },
  INVALID_TIMESTAMP: { status: 422, meaning: 'a timestamp too far from the server clock' },
  CORRUPT_MESSAGE: { status: 422, meaning: 'an encoded record batch fails its checks' },
  UNSUPPORTED_COMPRESSION_TYPE: {
    status: 422,
    meaning: 'a compression codec that is not supported',
  },
  UNSUPPORTED_FOR_MESSAGE_FORMAT: {
    status: 422,
    meaning: 'transactional or control batches from a client',
  },
  MESSAGE_TOO_LARGE: {
    status: 413,
    meaning: "a record or batch above the topic's max.message.bytes",
  },
  INVALID_TOPIC_EXCEPTION: { status: 422, meaning: 'a topic name outside the rules' },
  INVALID_PARTITIONS: { status: 422, meaning: 'a partition count outside the rules' },
  INVALID_CONFIG: {
    status: 422,
    meaning: 'a topic config that is unknown, unsupported or out of its range',
  },
  UNKNOWN_TOPIC_OR_PARTITION: {
    status: 404,
    errorCode: 40401,
    meaning: 'no such topic (40401) or partition (40402)',
  },
  TOPIC_ALREADY_EXISTS: {
    status: 409,
    meaning: 'the topic exists and differs from what was asked',
  },
  OFFSET_OUT_OF_RANGE: { status: 416, meaning: 'an offset outside log start and high watermark' },
  OUT_OF_ORDER_SEQUENCE_NUMBER: {
    status: 409,
    meaning: 'a producer sequence that does not follow the last one',
  },
  INVALID_PRODUCER_EPOCH: {
    status: 409,
    meaning: 'a newer holder of this producer name has fenced this one',
  },
  POLICY_VIOLATION: {
    status: 422,
    meaning: 'a limit of this server on topics, partitions or producers',
  },
  INVALID_GROUP_ID: { status: 422, meaning: 'a group name outside the rules' },
  INVALID_SESSION_TIMEOUT: { status: 422, meaning: 'a session time outside its range' },
  INCONSISTENT_GROUP_PROTOCOL: {
    status: 409,
    meaning: 'no assignor that all members of the group know',
  },
  MEMBER_ID_REQUIRED: { status: 409, meaning: 'join again with the member id in the details' },
  UNKNOWN_MEMBER_ID: { status: 404, meaning: 'no such member of the group: join anew' },
  ILLEGAL_GENERATION: { status: 409, meaning: 'the group has gone on: join again' },
  REBALANCE_IN_PROGRESS: { status: 409, meaning: 'partitions are being shared out: join again' },
  FENCED_INSTANCE_ID: {
    status: 409,
    meaning: 'another member has taken over this group_instance_id',
  },
  GROUP_ID_NOT_FOUND: { status: 404, meaning: 'no such group' },
  NON_EMPTY_GROUP: { status: 409, meaning: 'the group has members' },
  GROUP_MAX_SIZE_REACHED: { status: 422, meaning: 'the group has as many members as are allowed' },
  GROUP_SUBSCRIBED_TO_TOPIC: { status: 409, meaning: 'members of the group are reading the topic' },
  OFFSET_METADATA_TOO_LARGE: { status: 422, meaning: "a commit's metadata above the limit" },
  NO_COMMITTED_OFFSET: {
    status: 409,
    meaning: 'a partition without a committed offset, and auto_offset_reset is none',
  },
  THROTTLING_QUOTA_EXCEEDED: {
    status: 429,
    meaning: 'too many bytes or waits in flight; nothing was written',
  },
  KAFKA_STORAGE_ERROR: { status: 503, meaning: 'the partition is offline: damage or an I/O error' },
  DISK_FULL: { status: 507, meaning: 'no room on the disk; heals by itself once there is' },
  SHUTTING_DOWN: { status: 503, meaning: 'the server is stopping' },
  DATA_DIRECTORY_IN_USE: {
    status: 500,
    errorCode: 50002,
    meaning: 'another process owns the data directory',
  },
  DATA_DIRECTORY_UNUSABLE: {
    status: 500,
    errorCode: 50002,
    meaning: 'the data directory cannot be used',
  },
  UNKNOWN_SERVER_ERROR: {
    status: 500,
    errorCode: 50002,
    meaning: 'a fault of the server; its log says more',
  },
};

/** v2's numbers for a missing partition and for a fault that another try may not meet. */
const PARTITION_NOT_FOUND = 40402;
const RETRIABLE_SERVER_ERROR = 50003;

/** What every error answer holds. */
export interface ErrorBody {
  readonly error_code: number;
  readonly message: string;
  readonly code: ErrorCode | HttpCode;
  readonly retriable: boolean;
  readonly written?: Written;
  readonly details?: Readonly<{ [name: string]: unknown }>;
}

export function errorStatus(error: MillraceError | HttpError): number {
  return error instanceof HttpError ? error.status : ERROR_ANSWERS[error.code].status;
}

/** Also the end of a stream that fails on its way. */
export function errorBody(error: MillraceError | HttpError): ErrorBody {
  const written = error instanceof HttpError ? undefined : error.written;
  return {
    error_code: error instanceof HttpError ? error.errorCode : errorCode(error),
    message: error.message,
    code: error.code,
    retriable: isRetriable(error),
    ...(written === undefined ? {} : { written }),
    ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
  };
}

function errorCode(error: MillraceError): number {
  if (error.code === 'UNKNOWN_TOPIC_OR_PARTITION' && error.details['partition'] !== undefined) {
    return PARTITION_NOT_FOUND;
  }
  const answer = ERROR_ANSWERS[error.code];
  if (answer.status === 500 && error.retriable) return RETRIABLE_SERVER_ERROR;
  return answer.errorCode ?? answer.status * 100;
}

export function isRetriable(error: MillraceError | HttpError): boolean {
  return error instanceof HttpError
    ? error.status === 408 || error.status === 503
    : error.retriable;
}
