/**
 * Every operating error of Millrace. A programming error is not one of these: it is an assertion
 * that ends the process.
 *
 * Codes have Kafka's names where Kafka has one (org.apache.kafka.common.protocol.Errors). The
 * list is closed: each face maps it in one table that does not compile when a code is missing.
 */
export const ERROR_CODES = [
  // The request itself.
  'INVALID_REQUEST', // malformed, or a member that does not exist
  'INVALID_RECORD', // well-formed, but a record in it is refused
  'INVALID_TIMESTAMP', // too far ahead of (or behind) the server
  'CORRUPT_MESSAGE', // an encoded batch from a client fails its checks
  'UNSUPPORTED_COMPRESSION_TYPE',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT', // transactional or control batches from clients
  'MESSAGE_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION', // a name outside the rules
  'INVALID_PARTITIONS',
  'INVALID_CONFIG',
  // What the request is about.
  'UNKNOWN_TOPIC_OR_PARTITION', // details.partition is set when the topic exists but it does not
  'TOPIC_ALREADY_EXISTS',
  'OFFSET_OUT_OF_RANGE',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'INVALID_PRODUCER_EPOCH',
  'POLICY_VIOLATION', // a limit of this server on topics, partitions, groups or named producers
  // Consumer groups.
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'INCONSISTENT_GROUP_PROTOCOL', // no protocol that all members know, or another kind of group
  'MEMBER_ID_REQUIRED', // details.member_id is the one to join again with
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID', // another member has taken over this group.instance.id
  'GROUP_ID_NOT_FOUND',
  'NON_EMPTY_GROUP', // it has members, so it cannot be deleted or reset
  'GROUP_MAX_SIZE_REACHED',
  'GROUP_SUBSCRIBED_TO_TOPIC', // offsets of a topic that members are reading
  'OFFSET_METADATA_TOO_LARGE',
  'NO_COMMITTED_OFFSET', // and the caller asked for no starting point instead
  // The server's state.
  'THROTTLING_QUOTA_EXCEEDED', // too many bytes or waits in flight; nothing was written
  'KAFKA_STORAGE_ERROR', // the partition is offline: damage or an I/O error
  'DISK_FULL',
  'SHUTTING_DOWN',
  'DATA_DIRECTORY_IN_USE',
  'DATA_DIRECTORY_UNUSABLE', // unwritable, not a data directory, or of a newer format
  'UNKNOWN_SERVER_ERROR',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * What is known about the effect of a failed write. `no`: it will never appear. `unknown`: it may,
 * and nobody can tell. Errors that are not about writing carry neither.
 */
export type Written = 'yes' | 'no' | 'unknown';

export interface ErrorFacts {
  /** Whether the same request may succeed later without being changed. Default false. */
  readonly retriable?: boolean;
  readonly written?: Written;
  /** The numbers and names that disagreed; plain JSON values only. */
  readonly details?: Readonly<{ [name: string]: unknown }>;
  readonly cause?: unknown;
}

export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  readonly code: ErrorCode;
  readonly retriable: boolean;
  readonly written: Written | undefined;
  readonly details: Readonly<{ [name: string]: unknown }>;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.retriable = facts.retriable ?? false;
    this.written = facts.written;
    this.details = facts.details ?? {};
  }
}
