import { beforeEach, describe, expect, test } from 'vitest';
import { OFFSET, parseStartOffset, resolveStartOffset } from '../../src/http/fetch-offset.ts';
import { ManualClock } from '../support/manual-clock.ts';
import type { MemoryBroker } from '../support/memory-broker.ts';
import { createMemoryBroker } from '../support/memory-broker.ts';
import { refusalOf } from '../support/refusal.ts';
import { valued } from '../support/stored-records.ts';

const NOON = Date.parse('2026-05-01T12:00:00Z');

describe('the parameter', () => {
  test.each([
    ['earliest', 'earliest'],
    ['latest', 'latest'],
    ['0', { kind: 'offset', offset: 0 }],
    ['42', { kind: 'offset', offset: 42 }],
    ['9007199254740991', { kind: 'offset', offset: Number.MAX_SAFE_INTEGER }],
    ['-3', { kind: 'last', count: 3 }],
    ['-0', { kind: 'last', count: 0 }],
    [`@${NOON}`, { kind: 'since', timestamp: NOON }],
    ['@2026-05-01T12:00:00Z', { kind: 'since', timestamp: NOON }],
    ['@2026-05-01T14:00:00+02:00', { kind: 'since', timestamp: NOON }],
    ['@2026-05-01T14:00:00 02:00', { kind: 'since', timestamp: NOON }],
  ])('%s is understood', (text, start) => {
    expect(parseStartOffset(text)).toEqual(start);
  });

  test.each([
    '',
    'Earliest',
    '1.5',
    '1e3',
    '+1',
    ' 1',
    '--1',
    '@',
    '@yesterday',
    '@2026-02-30T00:00:00Z',
    '9007199254740992',
    '99999999999999999',
  ])('%j is refused with what is allowed', (text) => {
    expect(refusalOf(() => OFFSET.read({ offset: text }))).toMatchObject({
      code: 'INVALID_REQUEST',
      details: {
        parameter: 'offset',
        received: text,
        allowed: expect.stringContaining('earliest'),
      },
    });
  });

  test('is earliest when it was not given', () => {
    expect(OFFSET.read({})).toBe('earliest');
  });
});

describe('where it begins', () => {
  const place = { topic: 't', partition: 0 };
  let broker: MemoryBroker;

  /** Offsets 2 to 5 are there, with the timestamps 102 to 105. */
  beforeEach(async () => {
    broker = createMemoryBroker({ clock: new ManualClock(0) });
    await broker.createTopic({ name: 't' });
    const records = [100, 101, 102, 103, 104, 105].map((timestamp) => valued('1', { timestamp }));
    await broker.produce([{ ...place, payload: { kind: 'records', records } }]);
    await broker.deleteRecords('t', 0, 2);
  });

  test.each([
    ['earliest', 2],
    ['latest', 6],
    ['0', 0],
    ['99', 99],
    ['-1', 5],
    ['-4', 2],
    ['-5', 2],
    ['-9007199254740991', 2],
    ['-0', 6],
    ['@0', 2],
    ['@102', 2],
    ['@103', 3],
    ['@105', 5],
    ['@106', 6],
    ['@2026-05-01T12:00:00Z', 6],
  ])('%s is offset %d', async (text, offset) => {
    const start = OFFSET.read({ offset: text });
    expect(await resolveStartOffset(broker, place, start)).toBe(offset);
  });
});
