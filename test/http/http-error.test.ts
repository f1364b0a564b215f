import { expect, test } from 'vitest';
import { HTTP_FAULTS, HttpError } from '../../src/http/http-error.ts';

test('each fault has its status, and status x 100 where v2 has no number', () => {
  const v2Codes = new Map<string, number>();
  for (const [code, { status }] of Object.entries(HTTP_FAULTS)) {
    const error = new HttpError(code as keyof typeof HTTP_FAULTS, 'no');
    expect(error.status).toBe(status);
    expect(Math.trunc(error.errorCode / 100)).toBe(status);
    if (error.errorCode !== status * 100) v2Codes.set(code, error.errorCode);
    expect([error.details, error.headers]).toEqual([{}, {}]);
  }
  expect(v2Codes).toEqual(
    new Map([
      ['CONSUMER_INSTANCE_NOT_FOUND', 40403],
      ['CONSUMER_ALREADY_EXISTS', 40902],
      ['ILLEGAL_STATE', 40903],
      ['INVALID_CONSUMER_CONFIG', 42204],
    ]),
  );
  expect(new HttpError('NOT_ACCEPTABLE', 'no', { errorCode: 40601 }).errorCode).toBe(40601);
});
