/**
 * Every operating error as Kafka says it: a number of org.apache.kafka.common.protocol.Errors, by
 * what the request was about, because clients do not act alike on one number everywhere. One
 * table, which does not compile when a code is missing.
 *
 * A client that meets a number it may retry tries again by itself; so the numbers are chosen by
 * what the client then does, and the words stand in `error_message` where a response has one.
 */
import type { ErrorCode, MillraceError } from '../model/errors.ts';
import { KAFKA_ERROR } from './error-numbers.ts';

interface KafkaCodes {
  /** Of topics, configs and whatever has no column of its own. */
  readonly code: number;
  /** Of a partition's log: produce, fetch, offsets. */
  readonly log?: number;
  /** Of a group, asked of its coordinator. */
  readonly group?: number;
}

const KAFKA_CODES: Readonly<Record<ErrorCode, KafkaCodes>> = {
  INVALID_REQUEST: { code: KAFKA_ERROR.INVALID_REQUEST },
  INVALID_RECORD: { code: KAFKA_ERROR.INVALID_RECORD },
  INVALID_TIMESTAMP: { code: KAFKA_ERROR.INVALID_TIMESTAMP },
  CORRUPT_MESSAGE: { code: KAFKA_ERROR.CORRUPT_MESSAGE },
  UNSUPPORTED_COMPRESSION_TYPE: { code: KAFKA_ERROR.UNSUPPORTED_COMPRESSION_TYPE },
  // Old formats, transactional and control batches. Kafka's number of the same name is for
  // fetches; clients take this one for final, with its message.
  UNSUPPORTED_FOR_MESSAGE_FORMAT: { code: KAFKA_ERROR.INVALID_RECORD },
  MESSAGE_TOO_LARGE: { code: KAFKA_ERROR.MESSAGE_TOO_LARGE },
  INVALID_TOPIC_EXCEPTION: { code: KAFKA_ERROR.INVALID_TOPIC_EXCEPTION },
  INVALID_PARTITIONS: { code: KAFKA_ERROR.INVALID_PARTITIONS },
  INVALID_CONFIG: { code: KAFKA_ERROR.INVALID_CONFIG },
  UNKNOWN_TOPIC_OR_PARTITION: { code: KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION },
  TOPIC_ALREADY_EXISTS: { code: KAFKA_ERROR.TOPIC_ALREADY_EXISTS },
  OFFSET_OUT_OF_RANGE: { code: KAFKA_ERROR.OFFSET_OUT_OF_RANGE },
  OUT_OF_ORDER_SEQUENCE_NUMBER: { code: KAFKA_ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER },
  INVALID_PRODUCER_EPOCH: { code: KAFKA_ERROR.INVALID_PRODUCER_EPOCH },
  POLICY_VIOLATION: { code: KAFKA_ERROR.POLICY_VIOLATION },
  INVALID_GROUP_ID: { code: KAFKA_ERROR.INVALID_GROUP_ID },
  INVALID_SESSION_TIMEOUT: { code: KAFKA_ERROR.INVALID_SESSION_TIMEOUT },
  INCONSISTENT_GROUP_PROTOCOL: { code: KAFKA_ERROR.INCONSISTENT_GROUP_PROTOCOL },
  MEMBER_ID_REQUIRED: { code: KAFKA_ERROR.MEMBER_ID_REQUIRED },
  UNKNOWN_MEMBER_ID: { code: KAFKA_ERROR.UNKNOWN_MEMBER_ID },
  ILLEGAL_GENERATION: { code: KAFKA_ERROR.ILLEGAL_GENERATION },
  REBALANCE_IN_PROGRESS: { code: KAFKA_ERROR.REBALANCE_IN_PROGRESS },
  FENCED_INSTANCE_ID: { code: KAFKA_ERROR.FENCED_INSTANCE_ID },
  GROUP_ID_NOT_FOUND: { code: KAFKA_ERROR.GROUP_ID_NOT_FOUND },
  NON_EMPTY_GROUP: { code: KAFKA_ERROR.NON_EMPTY_GROUP },
  GROUP_MAX_SIZE_REACHED: { code: KAFKA_ERROR.GROUP_MAX_SIZE_REACHED },
  GROUP_SUBSCRIBED_TO_TOPIC: { code: KAFKA_ERROR.GROUP_SUBSCRIBED_TO_TOPIC },
  OFFSET_METADATA_TOO_LARGE: { code: KAFKA_ERROR.OFFSET_METADATA_TOO_LARGE },
  // Said by members over HTTP alone.
  NO_COMMITTED_OFFSET: { code: KAFKA_ERROR.INVALID_REQUEST },
  // Clients come again later with each of these, and none of them doubts what was not written.
  THROTTLING_QUOTA_EXCEEDED: {
    code: KAFKA_ERROR.THROTTLING_QUOTA_EXCEEDED,
    log: KAFKA_ERROR.NOT_LEADER_OR_FOLLOWER,
    group: KAFKA_ERROR.COORDINATOR_LOAD_IN_PROGRESS,
  },
  KAFKA_STORAGE_ERROR: {
    code: KAFKA_ERROR.KAFKA_STORAGE_ERROR,
    group: KAFKA_ERROR.NOT_COORDINATOR,
  },
  DISK_FULL: { code: KAFKA_ERROR.KAFKA_STORAGE_ERROR, group: KAFKA_ERROR.NOT_COORDINATOR },
  // As of a broker that gives up its partitions: look for another, and come again.
  SHUTTING_DOWN: {
    code: KAFKA_ERROR.NOT_CONTROLLER,
    log: KAFKA_ERROR.NOT_LEADER_OR_FOLLOWER,
    group: KAFKA_ERROR.NOT_COORDINATOR,
  },
  // These two end a start; no request meets them.
  DATA_DIRECTORY_IN_USE: { code: KAFKA_ERROR.UNKNOWN_SERVER_ERROR },
  DATA_DIRECTORY_UNUSABLE: { code: KAFKA_ERROR.UNKNOWN_SERVER_ERROR },
  UNKNOWN_SERVER_ERROR: { code: KAFKA_ERROR.UNKNOWN_SERVER_ERROR },
};

export function errorNumber(error: MillraceError): number {
  return KAFKA_CODES[error.code].code;
}

/** Of a partition's log. What may or may not have been written is a request timed out to clients. */
export function logErrorNumber(error: MillraceError): number {
  if (error.written === 'unknown') return KAFKA_ERROR.REQUEST_TIMED_OUT;
  const { code, log = code } = KAFKA_CODES[error.code];
  return log;
}

export function groupErrorNumber(error: MillraceError): number {
  const { code, group = code } = KAFKA_CODES[error.code];
  return group;
}

/** Long enough for every sentence of ours; a string of the protocol has 32,767 bytes at the most. */
const MESSAGE_LENGTH_MAX = 1_024;

/** For `error_message`. */
export function errorText(error: MillraceError): string {
  return error.message.slice(0, MESSAGE_LENGTH_MAX);
}
