import { expect, test } from 'vitest';
import { HttpError } from '../../src/http/http-error.ts';
import { errorToTell, readerStalled, StreamEnding } from '../../src/http/stream-ending.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { READER_STALL_MS } from '../../src/model/limits.ts';
import { silentLog } from '../../src/model/log.ts';

test('a stop of the server ends what is parked, and is told', () => {
  const stopping = new AbortController();
  const ending = new StreamEnding(stopping.signal);
  expect(() => ending.checkServing()).not.toThrow();
  stopping.abort();
  expect([ending.signal.aborted, ending.isOver]).toEqual([true, false]);
  expect(() => ending.checkServing()).toThrow(
    expect.objectContaining({ code: 'SHUTTING_DOWN', retriable: true }),
  );
});

test('so does one that has begun before', () => {
  expect(new StreamEnding(AbortSignal.abort()).signal.aborted).toBe(true);
});

test('a reader that goes ends it, with nothing to tell', () => {
  const ending = new StreamEnding(new AbortController().signal);
  ending.close();
  expect([ending.signal.aborted, ending.isOver]).toEqual([true, true]);
  expect(() => ending.checkServing()).not.toThrow();
});

test('a reader that takes nothing is told for how long', () => {
  expect(readerStalled()).toMatchObject({
    code: 'REQUEST_TIMED_OUT',
    details: { limit_ms: READER_STALL_MS },
  });
});

test('errors of ours are told as they are, faults are logged instead', () => {
  const lines: unknown[] = [];
  const log = { ...silentLog, error: (facts: object) => void lines.push(facts) };
  for (const known of [new MillraceError('DISK_FULL', 'full'), readerStalled()]) {
    expect(errorToTell(known, log)).toBe(known);
  }
  expect(readerStalled()).toBeInstanceOf(HttpError);
  expect(lines).toEqual([]);
  const fault = new TypeError('a bug');
  expect(errorToTell(fault, log)).toMatchObject({ code: 'UNKNOWN_SERVER_ERROR' });
  expect(lines).toEqual([{ err: fault }]);
});
