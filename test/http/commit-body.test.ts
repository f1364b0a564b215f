import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { readCommitBody } from '../../src/http/commit-body.ts';
import { encodeCursor } from '../../src/membership/cursor.ts';
import {
  COMMIT_OFFSETS_MAX,
  CURSOR_LENGTH_MAX,
  OFFSET_METADATA_BYTES_MAX,
} from '../../src/model/limits.ts';
import { refusalOf } from '../support/refusal.ts';

function read(body: unknown) {
  const headers = { 'content-type': 'application/json' };
  const request = { headers, body: Buffer.from(JSON.stringify(body)) };
  return readCommitBody(request as unknown as FastifyRequest, 'g');
}

const OFFSET = { topic: 't', partition: 0, offset: 5 };
const READ_OFFSET = { ...OFFSET, leaderEpoch: -1, metadata: '' };
const CURSOR = encodeCursor({
  group: 'g',
  subscription: { kind: 'topics', topics: ['t'] },
  autoOffsetReset: 'none',
  fingerprint: 7,
  assigned: [],
  generation: 1,
  positions: [],
});

test("offsets alone are nobody's", () => {
  expect(read({ offsets: [OFFSET] })).toEqual({
    memberId: '',
    generation: -1,
    groupInstanceId: undefined,
    what: { kind: 'offsets', offsets: [READ_OFFSET] },
  });
});

test('a member gives its id and generation, and a static one its name', () => {
  const member = { member_id: 'm', generation: 0, group_instance_id: 'i' };
  expect(read({ ...member, cursor: CURSOR })).toMatchObject({
    memberId: 'm',
    generation: 0,
    groupInstanceId: 'i',
    what: { kind: 'cursor', cursor: { group: 'g', fingerprint: 7 } },
  });
});

test('null counts as left out', () => {
  const nothing = { member_id: null, generation: null, group_instance_id: null, cursor: null };
  expect(read({ ...nothing, offsets: [{ ...OFFSET, metadata: null }] })).toEqual(
    read({ offsets: [OFFSET] }),
  );
  expect(read({ cursor: CURSOR, offsets: null }).what.kind).toBe('cursor');
});

test('the largest that is allowed', () => {
  const metadata = 'ü'.repeat(OFFSET_METADATA_BYTES_MAX / 2);
  const { what } = read({ offsets: [{ ...OFFSET, offset: Number.MAX_SAFE_INTEGER, metadata }] });
  expect(what).toMatchObject({ offsets: [{ offset: Number.MAX_SAFE_INTEGER, metadata }] });
  const offsets = Array.from({ length: COMMIT_OFFSETS_MAX }, (_, partition) => ({
    ...OFFSET,
    partition,
  }));
  expect(read({ offsets }).what).toMatchObject({ kind: 'offsets' });
  expect(refusalOf(() => read({ offsets: [...offsets, OFFSET] })).message).toBe(
    'offsets has 10001 of them; it must be a list of 1 to 10000 offsets, or send cursor',
  );
});

describe('is refused', () => {
  test.each<[object, string]>([
    [{}, 'offsets is missing; it must be a list of 1 to 10000 offsets, or send cursor'],
    [{ offsets: [] }, 'it must be a list of 1 to 10000 offsets'],
    [{ offsets: OFFSET }, 'it must be a list of 1 to 10000 offsets'],
    [{ offsets: [OFFSET], cursor: CURSOR }, 'cursor and offsets are both given; send one of them'],
    [{ offsets: [OFFSET], colour: 1 }, 'the body has unknown members: "colour"'],
    [{ offsets: [OFFSET, 5] }, 'offsets[1] is "5"; it must be an object'],
    [{ offsets: [null] }, 'offsets[0] is "null"; it must be an object'],
    [{ offsets: [{ ...OFFSET, of: 1 }] }, 'offsets[0] has unknown members: "of"'],
    [{ offsets: [{ ...OFFSET, topic: 7 }] }, 'offsets[0].topic is "7"; it must be a string'],
    [{ offsets: [{ ...OFFSET, topic: '' }] }, 'offsets[0].topic is'],
    [{ offsets: [{ topic: 't', offset: 1 }] }, 'offsets[0].partition is missing'],
    [{ offsets: [{ ...OFFSET, partition: -1 }] }, 'offsets[0].partition is "-1"'],
    [{ offsets: [{ ...OFFSET, partition: 2 ** 31 }] }, 'offsets[0].partition is "2147483648"'],
    [{ offsets: [{ topic: 't', partition: 0 }] }, 'offsets[0].offset is missing'],
    [{ offsets: [OFFSET, { ...OFFSET, offset: -1 }] }, 'offsets[1].offset is "-1"; it must be'],
    [{ offsets: [{ ...OFFSET, offset: 1.5 }] }, 'offsets[0].offset is "1.5"'],
    [{ offsets: [{ ...OFFSET, offset: '5' }] }, 'offsets[0].offset is'],
    [{ offsets: [{ ...OFFSET, offset: 2 ** 53 }] }, 'offsets[0].offset is "9007199254740992"'],
    [{ offsets: [{ ...OFFSET, metadata: 1 }] }, 'offsets[0].metadata is "1"; it must be a string'],
    [{ offsets: [{ ...OFFSET, metadata: '\ud800' }] }, 'offsets[0].metadata is'],
    [{ cursor: 'nonsense' }, 'the cursor'],
    [{ cursor: 'x'.repeat(CURSOR_LENGTH_MAX + 1) }, 'cursor is'],
    [{ cursor: CURSOR, member_id: 'm' }, 'generation is missing; it must be an integer from 0'],
    [{ cursor: CURSOR, member_id: 'm', generation: -1 }, 'generation is "-1"'],
    [{ cursor: CURSOR, generation: 1 }, 'member_id is missing; it must be given with generation'],
    [{ cursor: CURSOR, group_instance_id: 'i' }, 'member_id is missing'],
    [{ cursor: CURSOR, member_id: '', generation: 1 }, 'member_id is'],
  ])('%j', (body, message) => {
    const refusal = refusalOf(() => read(body));
    expect(refusal.code).toBe('INVALID_REQUEST');
    expect(refusal.message).toContain(message);
  });

  test('a topic name that breaks the rules, by the rule', () => {
    const { code, message } = refusalOf(() => read({ offsets: [{ ...OFFSET, topic: 'a/b' }] }));
    expect([code, message]).toEqual([
      'INVALID_TOPIC_EXCEPTION',
      expect.stringContaining('may hold only ASCII letters'),
    ]);
  });

  test('metadata by its bytes', () => {
    const metadata = 'ü'.repeat(OFFSET_METADATA_BYTES_MAX / 2 + 1);
    expect(refusalOf(() => read({ offsets: [{ ...OFFSET, metadata }] }))).toMatchObject({
      code: 'OFFSET_METADATA_TOO_LARGE',
      details: { field: 'offsets[0].metadata', bytes: 4_098, bytes_max: 4_096 },
    });
  });

  test('a cursor of another group', () => {
    const headers = { 'content-type': 'application/json' };
    const request = { headers, body: Buffer.from(JSON.stringify({ cursor: CURSOR })) };
    const reading = () => readCommitBody(request as unknown as FastifyRequest, 'h');
    expect(refusalOf(reading).message).toContain('is of group "g", not of group "h"');
  });
});
