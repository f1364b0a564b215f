import { describe, expect, test } from 'vitest';
import { ERROR_ANSWERS, errorBody, errorStatus } from '../../src/http/errors.ts';
import { HTTP_FAULTS, HttpError } from '../../src/http/http-error.ts';
import { ERROR_CODES, MillraceError } from '../../src/model/errors.ts';

test('every code of the closed list has a status of its kind', () => {
  for (const code of ERROR_CODES) {
    const { status, meaning } = ERROR_ANSWERS[code];
    expect(status, code).toBeGreaterThanOrEqual(400);
    expect(meaning.length, code).toBeGreaterThan(0);
    const { error_code: number } = errorBody(new MillraceError(code, 'x'));
    expect(Math.trunc(number / 100), code).toBe(status);
  }
});

test("codes of HTTP's own do not hide one of the closed list", () => {
  for (const code of Object.keys(HTTP_FAULTS)) expect(ERROR_CODES).not.toContain(code);
});

describe('numbers', () => {
  test.each([
    [new MillraceError('INVALID_REQUEST', 'x'), 400, 40002],
    [new MillraceError('UNKNOWN_TOPIC_OR_PARTITION', 'x', { details: { topic: 't' } }), 404, 40401],
    [
      new MillraceError('UNKNOWN_TOPIC_OR_PARTITION', 'x', { details: { partition: 0 } }),
      404,
      40402,
    ],
    [new MillraceError('OFFSET_OUT_OF_RANGE', 'x'), 416, 41600],
    [new MillraceError('DISK_FULL', 'x', { retriable: true }), 507, 50700],
    [new MillraceError('THROTTLING_QUOTA_EXCEEDED', 'x'), 429, 42900],
    [new MillraceError('UNKNOWN_SERVER_ERROR', 'x'), 500, 50002],
    [new MillraceError('UNKNOWN_SERVER_ERROR', 'x', { retriable: true }), 500, 50003],
    [new HttpError('ROUTE_NOT_FOUND', 'x'), 404, 40400],
    [new HttpError('NOT_ACCEPTABLE', 'x', { errorCode: 40601 }), 406, 40601],
  ])('%s is %i %i', (error, status, number) => {
    expect(errorStatus(error)).toBe(status);
    expect(errorBody(error).error_code).toBe(number);
  });
});

describe('the body', () => {
  test('holds what is known and nothing else', () => {
    expect(errorBody(new MillraceError('DISK_FULL', 'full'))).toEqual({
      error_code: 50700,
      message: 'full',
      code: 'DISK_FULL',
      retriable: false,
    });
    expect(
      errorBody(
        new MillraceError('DISK_FULL', 'full', {
          retriable: true,
          written: 'no',
          details: { bytes: 1 },
          cause: new Error('secret'),
        }),
      ),
    ).toEqual({
      error_code: 50700,
      message: 'full',
      code: 'DISK_FULL',
      retriable: true,
      written: 'no',
      details: { bytes: 1 },
    });
  });
});
