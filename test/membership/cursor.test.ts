import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32c } from '../../src/codec/crc32c.ts';
import { CURSOR_LENGTH_MAX, CURSOR_URL_LENGTH_MAX } from '../../src/model/limits.ts';
import { decodeCursor, encodeCursor, fingerprintOf } from '../../src/membership/cursor.ts';
import type { Cursor } from '../../src/membership/cursor.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

const HERE = { group: 'billing', lengthMax: CURSOR_LENGTH_MAX };

const CURSOR: Cursor = {
  group: 'billing',
  subscription: { kind: 'topics', topics: ['orders', 'refunds'] },
  autoOffsetReset: 'earliest',
  fingerprint: 0xfedc_ba98,
  assigned: [
    { topic: 'orders', partitions: [0, 1, 5] },
    { topic: 'refunds', partitions: [2] },
  ],
  generation: 7,
  positions: [
    { topicId: uuid(1), topic: 'orders', partition: 0, offset: 12 },
    { topicId: uuid(1), topic: 'orders', partition: 5, offset: Number.MAX_SAFE_INTEGER },
    { topicId: uuid(2), topic: 'refunds', partition: 2, offset: 0 },
  ],
};

function uuid(number: number): string {
  return `0b5c7e1a-4f2d-4a3b-8c9d-${number.toString(16).padStart(12, '0')}`;
}

/** A cursor around any body, with a checksum that fits. */
function around(body: Uint8Array, version = 1): string {
  const header = Buffer.alloc(5);
  header.writeUInt8(version, 0);
  header.writeUInt32BE(crc32c(body), 1);
  return Buffer.concat([header, body]).toString('base64url');
}

function bodyOf(cursor: Cursor): Buffer {
  return Buffer.from(encodeCursor(cursor), 'base64url').subarray(5);
}

const anyName = fc.string({ unit: 'grapheme', maxLength: 20 });
const anyPartition = fc.nat({ max: 2 ** 31 - 1 });
const anyCursor: fc.Arbitrary<Cursor> = fc.record({
  group: anyName,
  subscription: fc.oneof(
    fc.record({ kind: fc.constant('topics' as const), topics: fc.array(anyName) }),
    fc.record({ kind: fc.constant('pattern' as const), pattern: anyName }),
  ),
  autoOffsetReset: fc.constantFrom('earliest', 'latest', 'none'),
  fingerprint: fc.nat({ max: 2 ** 32 - 1 }),
  assigned: fc.array(
    fc.record({ topic: anyName, partitions: fc.array(anyPartition, { maxLength: 20 }) }),
  ),
  generation: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  positions: fc.array(
    fc.record({
      topicId: fc.uuid(),
      topic: anyName,
      partition: anyPartition,
      offset: fc.maxSafeNat(),
    }),
  ),
});

describe('a cursor', () => {
  test('comes back as it was', () => {
    expect(decodeCursor(encodeCursor(CURSOR), HERE)).toEqual(CURSOR);
    fc.assert(
      fc.property(anyCursor, (cursor) => {
        const text = encodeCursor(cursor);
        expect(text).toMatch(/^[\w-]+$/);
        expect(decodeCursor(text, { ...HERE, group: cursor.group })).toEqual(cursor);
      }),
      RUNS,
    );
  });

  test('of a thousand partitions of ten topics is a quarter of what is allowed', () => {
    const topics = Array.from({ length: 10 }, (_, index) => `${index}`.padEnd(249, 'x'));
    const partitions = Array.from({ length: 100 }, (_, index) => index);
    const cursor: Cursor = {
      ...CURSOR,
      subscription: { kind: 'topics', topics },
      assigned: topics.map((topic) => ({ topic, partitions })),
      positions: topics.flatMap((topic, index) =>
        partitions.map((partition) => ({
          topic,
          topicId: uuid(index),
          partition,
          offset: 10_000_000_000 + partition,
        })),
      ),
    };
    const text = encodeCursor(cursor);
    expect(text.length).toBeLessThan(CURSOR_LENGTH_MAX / 4);
    expect(decodeCursor(text, HERE)).toEqual(cursor);
  });

  test('that would be longer than is allowed is not given out', () => {
    const positions = Array.from({ length: 10_000 }, (_, partition) => ({
      topicId: uuid(1),
      topic: 'orders',
      partition,
      offset: 2 ** 40,
    }));
    const refusal = refusalOf(() => encodeCursor({ ...CURSOR, positions }));
    expect(refusal.code).toBe('POLICY_VIOLATION');
    expect(refusal.message).toMatch(/in 10000 partitions; commit more/);
    expect(refusal.details['length_max']).toBe(CURSOR_LENGTH_MAX);
  });
});

describe('refused is a cursor', () => {
  function refused(text: string, where = HERE): string {
    const { code, message, details } = refusalOf(() => decodeCursor(text, where));
    expect(code).toBe('INVALID_REQUEST');
    expect(details['field']).toBe('cursor');
    return message;
  }

  test('with any one bit of its bytes changed', () => {
    const bytes = Buffer.from(encodeCursor(CURSOR), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(refused(damaged.toString('base64url'))).toMatch(/damaged|version/);
    }
  });

  test('with any one bit of its text changed', () => {
    for (const cursor of [CURSOR, { ...CURSOR, generation: 64 }, { ...CURSOR, generation: 8192 }]) {
      const text = encodeCursor(cursor);
      for (let bit = 0; bit < text.length * 7; bit += 1) {
        const at = Math.floor(bit / 7);
        const other = String.fromCharCode(text.charCodeAt(at) ^ (1 << (bit % 7)));
        refused(text.slice(0, at) + other + text.slice(at + 1));
      }
    }
  });

  test('that is cut short anywhere or goes on behind its end', () => {
    const text = encodeCursor(CURSOR);
    for (let length = 0; length < text.length; length += 1) refused(text.slice(0, length));
    for (const more of ['A', 'AAAA', '=', ' ', '\n']) refused(text + more);
  });

  test('of another group, and the answer says of which', () => {
    const text = encodeCursor({ ...CURSOR, group: 'ship"ping' });
    expect(refused(text)).toBe('the cursor is of group "ship\\"ping", not of group "billing"');
  });

  test('of another version, and the answer says of which', () => {
    expect(refused(around(bodyOf(CURSOR), 0))).toMatch(/version 0, and this server knows 1/);
    expect(refused(around(bodyOf(CURSOR), 2))).toMatch(/version 2/);
  });

  test('one character longer than is allowed where it came', () => {
    const text = encodeCursor(CURSOR);
    expect(decodeCursor(text, { ...HERE, lengthMax: text.length })).toEqual(CURSOR);
    expect(refused(text, { ...HERE, lengthMax: text.length - 1 })).toMatch(
      `has ${text.length} characters; at most ${text.length - 1} are allowed`,
    );
    const long = 'A'.repeat(CURSOR_URL_LENGTH_MAX + 1);
    expect(refused(long, { ...HERE, lengthMax: CURSOR_URL_LENGTH_MAX })).toMatch(/at most 4096/);
  });

  test('that is text but not base64url', () => {
    for (const text of ['', 'a', '{}', '????', 'YWJj+w==', 'caf\u{e9}']) refused(text);
  });

  test('whose checksum fits and whose body is cut short, too long or anything', () => {
    const body = bodyOf(CURSOR);
    for (let length = 0; length < body.length; length += 1) {
      expect(refused(around(body.subarray(0, length)))).toMatch(/was not made by this server/);
    }
    expect(refused(around(Buffer.concat([body, Buffer.alloc(1)])))).toMatch(/its end/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        refused(around(bytes));
      }),
      RUNS,
    );
  });
});

describe('the fingerprint of topics', () => {
  const topics = new Map([
    ['orders', { topicId: uuid(1), partitionCount: 3 }],
    ['refunds', { topicId: uuid(2), partitionCount: 1 }],
  ]);

  test('does not depend on the order that they are listed in', () => {
    expect(fingerprintOf(new Map([...topics].toReversed()))).toBe(fingerprintOf(topics));
    expect(fingerprintOf(topics)).toBeGreaterThanOrEqual(0);
    expect(fingerprintOf(new Map())).toBe(0);
  });

  test('changes with a topic, its identity and its partitions', () => {
    const others = [
      new Map([...topics].slice(1)),
      new Map([...topics, ['returns', { topicId: uuid(3), partitionCount: 1 }]]),
      new Map([...topics, ['orders', { topicId: uuid(1), partitionCount: 4 }]]),
      new Map([...topics, ['orders', { topicId: uuid(9), partitionCount: 3 }]]),
    ];
    const all = [topics, ...others].map((each) => fingerprintOf(each));
    expect(new Set(all).size).toBe(all.length);
  });
});
