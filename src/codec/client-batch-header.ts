/**
 * What the header of a client's record batch must say before its records are looked at; see
 * client-batches.ts for what the whole check promises.
 */
import type { ErrorCode } from '../model/errors.ts';
import { RECORDS_PER_BATCH_MAX } from '../model/limits.ts';
import { NO_TIMESTAMP } from '../model/record.ts';
import {
  attributesAt,
  BATCH_MAGIC,
  batchBytesAt,
  batchLengthFault,
  COMPRESSION_MASK,
  COMPRESSIONS,
  CONTROL_BIT,
  crcFault,
  LOG_APPEND_TIME_BIT,
  magicAt,
  readBatchHeader,
  recordCountFault,
  TRANSACTIONAL_BIT,
} from './batch-header.ts';
import type { BatchHeader } from './batch-header.ts';
import { corrupt, faultError } from './corrupt.ts';
import type { Fault } from './corrupt.ts';

/** Where every message format, old ones too, has its number behind it. */
const MAGIC_END = 17;
const KNOWN_ATTRIBUTES = COMPRESSION_MASK | LOG_APPEND_TIME_BIT | TRANSACTIONAL_BIT | CONTROL_BIT;

/** The header of the batch at `at`, which is whole, sound and within the limits. */
export function checkClientHeader(bytes: Buffer, at: number, maxMessageBytes: number): BatchHeader {
  checkForm(bytes, at);
  const batchBytes = batchBytesAt(bytes, at);
  if (batchBytes > maxMessageBytes) {
    const expected = `at most max.message.bytes = ${maxMessageBytes} bytes`;
    refuse('MESSAGE_TOO_LARGE', 'batch', expected, `${batchBytes} bytes`);
  }
  refuseFault(crcFault(bytes, at));
  checkAttributes(attributesAt(bytes, at));
  refuseFault(recordCountFault(bytes, at));
  const header = readBatchHeader(bytes, at);
  checkNumbers(header);
  return header;
}

/** The old formats are shorter and their lengths mean something else: their number goes first. */
function checkForm(bytes: Buffer, at: number): void {
  const magic = bytes.length - at >= MAGIC_END ? magicAt(bytes, at) : BATCH_MAGIC;
  if (magic === 0 || magic === 1) {
    const expected = 'format 2 (record batches, of Kafka 0.11 and later)';
    refuse('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'magic', expected, `the old message format ${magic}`);
  }
  refuseFault(batchLengthFault(bytes, at, bytes.length));
  if (magic !== BATCH_MAGIC) refuse('CORRUPT_MESSAGE', 'magic', BATCH_MAGIC, magic);
}

function checkAttributes(attributes: number): void {
  const codec = attributes & COMPRESSION_MASK;
  if (codec >= COMPRESSIONS.length) {
    const expected = COMPRESSIONS.map((name, number) => `${number} (${name})`).join(', ');
    refuse('UNSUPPORTED_COMPRESSION_TYPE', 'attributes (codec)', expected, codec);
  }
  if ((attributes & TRANSACTIONAL_BIT) !== 0) {
    const expected = 'no transactional bit, for there are no transactions';
    refuse('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'attributes', expected, attributes);
  }
  if ((attributes & CONTROL_BIT) !== 0) {
    const expected = 'no control bit, for clients write no control batches';
    refuse('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'attributes', expected, attributes);
  }
  if ((attributes & ~KNOWN_ATTRIBUTES) !== 0) {
    refuse('CORRUPT_MESSAGE', 'attributes', 'bits 0 to 3 only', attributes);
  }
}

function checkNumbers(header: BatchHeader): void {
  const { recordCount, producerId, producerEpoch, baseSequence } = header;
  if (recordCount > RECORDS_PER_BATCH_MAX) {
    refuse('MESSAGE_TOO_LARGE', 'recordCount', `at most ${RECORDS_PER_BATCH_MAX}`, recordCount);
  }
  // NaN, an int64 that is no safe integer, fails each comparison.
  if (!(producerId >= -1)) refuse('CORRUPT_MESSAGE', 'producerId', '-1 to 2^53 - 1', producerId);
  if (producerId >= 0) {
    const expected = 'at least 0, for there is a producer id';
    if (producerEpoch < 0) refuse('CORRUPT_MESSAGE', 'producerEpoch', expected, producerEpoch);
    if (baseSequence < 0) refuse('CORRUPT_MESSAGE', 'baseSequence', expected, baseSequence);
  }
  if (!(header.baseTimestamp >= NO_TIMESTAMP)) {
    refuse('INVALID_TIMESTAMP', 'baseTimestamp', '-1 to 2^53 - 1', header.baseTimestamp);
  }
  if (header.timestampType === 'LogAppendTime' && !(header.maxTimestamp >= 0)) {
    refuse('INVALID_TIMESTAMP', 'maxTimestamp', '0 to 2^53 - 1', header.maxTimestamp);
  }
}

function refuseFault(fault: Fault | undefined): void {
  if (fault !== undefined) throw corrupt(fault);
}

function refuse(
  code: ErrorCode,
  field: string,
  expected: string | number,
  found: string | number,
): never {
  throw faultError(code, { field, expected: String(expected), found: String(found) });
}
