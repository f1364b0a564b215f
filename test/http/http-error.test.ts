import { expect, test } from 'vitest';
import { HTTP_FAULTS, HttpError } from '../../src/http/http-error.ts';

test('each fault has its status, and status x 100 where v2 has no number', () => {
  for (const [code, { status }] of Object.entries(HTTP_FAULTS)) {
    const error = new HttpError(code as keyof typeof HTTP_FAULTS, 'no');
    expect([error.status, error.errorCode]).toEqual([status, status * 100]);
    expect([error.details, error.headers]).toEqual([{}, {}]);
  }
  expect(new HttpError('NOT_ACCEPTABLE', 'no', { errorCode: 40601 }).errorCode).toBe(40601);
});
