import { expect, test } from 'vitest';
import { takenBack } from '../../../src/broker/local/storage-errors.ts';
import { MillraceError } from '../../../src/model/errors.ts';

const withCode = (code: string): Error => Object.assign(new Error('of the disk'), { code });

test.each([
  ['ENOSPC', 'DISK_FULL', 'no topic: the disk is full'],
  ['EDQUOT', 'DISK_FULL', 'no topic: the disk is full'],
  ['EIO', 'KAFKA_STORAGE_ERROR', 'no topic: of the disk'],
])('%s is told as %s', (code, expected, message) => {
  const cause = withCode(code);
  const error = takenBack('no topic', cause);
  expect(error).toMatchObject({ code: expected, message, written: 'no', retriable: true, cause });
});

test('other errors come back as they are', () => {
  for (const error of [new TypeError('a'), new MillraceError('TOPIC_ALREADY_EXISTS', 'b')]) {
    expect(takenBack('no topic', error)).toBe(error);
  }
});
