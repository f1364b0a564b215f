import { expect, test } from 'vitest';
import { checkCommitted } from '../../src/membership/commit-outcomes.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { refusalOf } from '../support/refusal.ts';

const place = (partition: number) => ({ topic: 't', partition });

test('outcomes without an error pass', () => {
  checkCommitted([]);
  checkCommitted([{ ...place(0), error: undefined }]);
});

test('the first error is thrown, with how many and which offsets shared its fate', () => {
  const error = new MillraceError('KAFKA_STORAGE_ERROR', 'the disk is gone', {
    retriable: true,
    written: 'unknown',
    details: { file: 'x' },
  });
  const outcomes = Array.from({ length: 30 }, (_, partition) => ({
    ...place(partition),
    error: partition < 12 ? undefined : error,
  }));
  expect(() => checkCommitted(outcomes)).toThrow(
    expect.objectContaining({ retriable: true, written: 'unknown', cause: error }),
  );
  expect(refusalOf(() => checkCommitted(outcomes))).toEqual({
    code: 'KAFKA_STORAGE_ERROR',
    message: '18 of 30 offsets were not committed; partition 12 of topic "t": the disk is gone',
    details: {
      file: 'x',
      not_committed_count: 18,
      not_committed: Array.from({ length: 10 }, (_, index) => place(12 + index)),
    },
  });
});
