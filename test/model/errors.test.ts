import { describe, expect, it } from 'vitest';
import { ERROR_CODES, MillraceError } from '../../src/model/errors.ts';

describe('an operating error', () => {
  it('is not retriable and says nothing of writing unless it is told to', () => {
    const error = new MillraceError('INVALID_REQUEST', 'no');
    expect(error).toMatchObject({ retriable: false, written: undefined, details: {} });
    expect(error).toBeInstanceOf(Error);
    expect('cause' in error).toBe(false);
  });

  it('keeps its cause, its facts and what is known of the write', () => {
    const cause = new Error('ENOSPC');
    const facts = { retriable: true, written: 'no', details: { bytes: 7 }, cause } as const;
    expect(new MillraceError('DISK_FULL', 'full', facts)).toMatchObject(facts);
  });

  it('has a code that stands in the list once', () => {
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
  });
});
