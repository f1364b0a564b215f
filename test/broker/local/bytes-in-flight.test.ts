import { expect, test } from 'vitest';
import { BytesInFlight } from '../../../src/broker/local/bytes-in-flight.ts';
import { MillraceError } from '../../../src/model/errors.ts';

test('bytes are counted until they are given back', () => {
  const inFlight = new BytesInFlight(100);
  inFlight.take(60);
  inFlight.take(40);
  expect(inFlight.bytes).toBe(100);
  inFlight.give(60);
  expect(inFlight.bytes).toBe(40);
});

test('what would exceed the bound is refused, changes nothing, and may be tried again', () => {
  const inFlight = new BytesInFlight(100);
  inFlight.take(60);
  const error = thrownBy(() => inFlight.take(41));
  expect(error).toMatchObject({
    code: 'THROTTLING_QUOTA_EXCEEDED',
    retriable: true,
    written: 'no',
    details: { in_flight_bytes: 60, received: 41, allowed: 100 },
  });
  expect(inFlight.bytes).toBe(60);
});

test('a request larger than the bound passes while it is alone: it could never pass otherwise', () => {
  const inFlight = new BytesInFlight(100);
  inFlight.take(500);
  expect(thrownBy(() => inFlight.take(1)).code).toBe('THROTTLING_QUOTA_EXCEEDED');
});

function thrownBy(act: () => void): MillraceError {
  try {
    act();
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
