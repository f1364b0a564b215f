import { protocolErrors } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import {
  errorNumber,
  errorText,
  groupErrorNumber,
  logErrorNumber,
} from '../../src/kafka-protocol/errors.ts';
import type { ErrorCode } from '../../src/model/errors.ts';
import { ERROR_CODES, MillraceError } from '../../src/model/errors.ts';

const error = (code: ErrorCode): MillraceError => new MillraceError(code, 'why');

/** org.apache.kafka.common.protocol.Errors, as a client knows it. */
const KAFKA_NUMBERS = new Map(Object.values(protocolErrors).map(({ id, code }) => [id, code]));

describe('a code of ours with a name of Kafka has its number', () => {
  /** Said otherwise on purpose. */
  const different = ['UNSUPPORTED_FOR_MESSAGE_FORMAT', 'UNKNOWN_SERVER_ERROR'];
  const same = ERROR_CODES.filter((code) => KAFKA_NUMBERS.has(code) && !different.includes(code));

  test.each(same)('%s', (code) => {
    expect(errorNumber(error(code))).toBe(KAFKA_NUMBERS.get(code));
  });

  test('and most have', () => {
    expect(same.length).toBeGreaterThan(20);
  });
});

test('batches that are of no use here are invalid records, which clients do not send again', () => {
  expect(logErrorNumber(error('UNSUPPORTED_FOR_MESSAGE_FORMAT'))).toBe(87);
});

describe('of a partition', () => {
  test('what may have been written has timed out; what surely was not, a storage error', () => {
    const failed = (written: 'no' | 'unknown'): MillraceError =>
      new MillraceError('KAFKA_STORAGE_ERROR', 'why', { written });
    expect(logErrorNumber(failed('unknown'))).toBe(7);
    expect(logErrorNumber(failed('no'))).toBe(56);
    expect(logErrorNumber(error('DISK_FULL'))).toBe(56);
  });

  test('a stop, and too much at once, send clients to look for the leader and come again', () => {
    expect(logErrorNumber(error('SHUTTING_DOWN'))).toBe(6);
    expect(logErrorNumber(error('THROTTLING_QUOTA_EXCEEDED'))).toBe(6);
    expect(logErrorNumber(error('OFFSET_OUT_OF_RANGE'))).toBe(1);
  });
});

describe('of a group', () => {
  test('failures of the commit log and a stop send clients to look for the coordinator', () => {
    for (const code of ['KAFKA_STORAGE_ERROR', 'DISK_FULL', 'SHUTTING_DOWN'] as const) {
      expect(groupErrorNumber(error(code))).toBe(16);
    }
    expect(groupErrorNumber(error('THROTTLING_QUOTA_EXCEEDED'))).toBe(14);
    expect(groupErrorNumber(error('MEMBER_ID_REQUIRED'))).toBe(79);
  });
});

test('of topics, a stop sends clients to look for the controller', () => {
  expect(errorNumber(error('SHUTTING_DOWN'))).toBe(41);
});

test('the text is the message, cut where a string of the protocol could not hold it', () => {
  expect(errorText(error('INVALID_CONFIG'))).toBe('why');
  expect(errorText(new MillraceError('INVALID_CONFIG', 'x'.repeat(40_000)))).toHaveLength(1_024);
});
