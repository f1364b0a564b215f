/**
 * Every operating error as Kafka says it: a number of org.apache.kafka.common.protocol.Errors, by
 * what the request was about, because clients do not act alike on one number everywhere. One
 * table, which does not compile when a code is missing.
 *
 * A client that meets a number it may retry tries again by itself; so the numbers are chosen by
 * what the client then does, and the words stand in `error_message` where a response has one.
 */
import type { ErrorCode, MillraceError } from '../model/errors.ts';

export const NO_ERROR = 0;

interface KafkaCodes {
  /** Of topics, configs and whatever has no column of its own. */
  readonly code: number;
  /** Of a partition's log: produce, fetch, offsets. */
  readonly log?: number;
  /** Of a group, asked of its coordinator. */
  readonly group?: number;
}

const UNKNOWN_SERVER_ERROR = -1;
const OFFSET_OUT_OF_RANGE = 1;
const CORRUPT_MESSAGE = 2;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
const NOT_LEADER_OR_FOLLOWER = 6;
const REQUEST_TIMED_OUT = 7;
const MESSAGE_TOO_LARGE = 10;
const OFFSET_METADATA_TOO_LARGE = 12;
const COORDINATOR_LOAD_IN_PROGRESS = 14;
const NOT_COORDINATOR = 16;
const INVALID_TOPIC_EXCEPTION = 17;
const ILLEGAL_GENERATION = 22;
const INCONSISTENT_GROUP_PROTOCOL = 23;
const INVALID_GROUP_ID = 24;
const UNKNOWN_MEMBER_ID = 25;
const INVALID_SESSION_TIMEOUT = 26;
const REBALANCE_IN_PROGRESS = 27;
const INVALID_TIMESTAMP = 32;
const TOPIC_ALREADY_EXISTS = 36;
const INVALID_PARTITIONS = 37;
const INVALID_CONFIG = 40;
const NOT_CONTROLLER = 41;
const INVALID_REQUEST = 42;
const POLICY_VIOLATION = 44;
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
const INVALID_PRODUCER_EPOCH = 47;
const KAFKA_STORAGE_ERROR = 56;
const NON_EMPTY_GROUP = 68;
const GROUP_ID_NOT_FOUND = 69;
const UNSUPPORTED_COMPRESSION_TYPE = 76;
const MEMBER_ID_REQUIRED = 79;
const GROUP_MAX_SIZE_REACHED = 81;
const FENCED_INSTANCE_ID = 82;
const GROUP_SUBSCRIBED_TO_TOPIC = 86;
const INVALID_RECORD = 87;
const THROTTLING_QUOTA_EXCEEDED = 89;

const KAFKA_CODES: Readonly<Record<ErrorCode, KafkaCodes>> = {
  INVALID_REQUEST: { code: INVALID_REQUEST },
  INVALID_RECORD: { code: INVALID_RECORD },
  INVALID_TIMESTAMP: { code: INVALID_TIMESTAMP },
  CORRUPT_MESSAGE: { code: CORRUPT_MESSAGE },
  UNSUPPORTED_COMPRESSION_TYPE: { code: UNSUPPORTED_COMPRESSION_TYPE },
  // Old formats, transactional and control batches. Kafka's number of the same name is for
  // fetches; clients take this one for final, with its message.
  UNSUPPORTED_FOR_MESSAGE_FORMAT: { code: INVALID_RECORD },
  MESSAGE_TOO_LARGE: { code: MESSAGE_TOO_LARGE },
  INVALID_TOPIC_EXCEPTION: { code: INVALID_TOPIC_EXCEPTION },
  INVALID_PARTITIONS: { code: INVALID_PARTITIONS },
  INVALID_CONFIG: { code: INVALID_CONFIG },
  UNKNOWN_TOPIC_OR_PARTITION: { code: UNKNOWN_TOPIC_OR_PARTITION },
  TOPIC_ALREADY_EXISTS: { code: TOPIC_ALREADY_EXISTS },
  OFFSET_OUT_OF_RANGE: { code: OFFSET_OUT_OF_RANGE },
  OUT_OF_ORDER_SEQUENCE_NUMBER: { code: OUT_OF_ORDER_SEQUENCE_NUMBER },
  INVALID_PRODUCER_EPOCH: { code: INVALID_PRODUCER_EPOCH },
  POLICY_VIOLATION: { code: POLICY_VIOLATION },
  INVALID_GROUP_ID: { code: INVALID_GROUP_ID },
  INVALID_SESSION_TIMEOUT: { code: INVALID_SESSION_TIMEOUT },
  INCONSISTENT_GROUP_PROTOCOL: { code: INCONSISTENT_GROUP_PROTOCOL },
  MEMBER_ID_REQUIRED: { code: MEMBER_ID_REQUIRED },
  UNKNOWN_MEMBER_ID: { code: UNKNOWN_MEMBER_ID },
  ILLEGAL_GENERATION: { code: ILLEGAL_GENERATION },
  REBALANCE_IN_PROGRESS: { code: REBALANCE_IN_PROGRESS },
  FENCED_INSTANCE_ID: { code: FENCED_INSTANCE_ID },
  GROUP_ID_NOT_FOUND: { code: GROUP_ID_NOT_FOUND },
  NON_EMPTY_GROUP: { code: NON_EMPTY_GROUP },
  GROUP_MAX_SIZE_REACHED: { code: GROUP_MAX_SIZE_REACHED },
  GROUP_SUBSCRIBED_TO_TOPIC: { code: GROUP_SUBSCRIBED_TO_TOPIC },
  OFFSET_METADATA_TOO_LARGE: { code: OFFSET_METADATA_TOO_LARGE },
  // Said by members over HTTP alone.
  NO_COMMITTED_OFFSET: { code: INVALID_REQUEST },
  // Clients come again later with each of these, and none of them doubts what was not written.
  THROTTLING_QUOTA_EXCEEDED: {
    code: THROTTLING_QUOTA_EXCEEDED,
    log: NOT_LEADER_OR_FOLLOWER,
    group: COORDINATOR_LOAD_IN_PROGRESS,
  },
  KAFKA_STORAGE_ERROR: { code: KAFKA_STORAGE_ERROR, group: NOT_COORDINATOR },
  DISK_FULL: { code: KAFKA_STORAGE_ERROR, group: NOT_COORDINATOR },
  // As of a broker that gives up its partitions: look for another, and come again.
  SHUTTING_DOWN: { code: NOT_CONTROLLER, log: NOT_LEADER_OR_FOLLOWER, group: NOT_COORDINATOR },
  // These two end a start; no request meets them.
  DATA_DIRECTORY_IN_USE: { code: UNKNOWN_SERVER_ERROR },
  DATA_DIRECTORY_UNUSABLE: { code: UNKNOWN_SERVER_ERROR },
  UNKNOWN_SERVER_ERROR: { code: UNKNOWN_SERVER_ERROR },
};

export function errorNumber(error: MillraceError): number {
  return KAFKA_CODES[error.code].code;
}

/** Of a partition's log. What may or may not have been written is a request timed out to clients. */
export function logErrorNumber(error: MillraceError): number {
  if (error.written === 'unknown') return REQUEST_TIMED_OUT;
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
