import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { readHeartbeatBody, readJoinBody, readReadBody } from '../../src/http/member-bodies.ts';
import type { Cursor } from '../../src/membership/cursor.ts';
import { encodeCursor } from '../../src/membership/cursor.ts';
import {
  CURSOR_LENGTH_MAX,
  FETCH_BYTES_DEFAULT,
  FETCH_BYTES_MAX,
  FETCH_RECORDS_DEFAULT,
  FETCH_RECORDS_MAX,
  FETCH_WAIT_MS_MAX,
  INT32_MAX,
  MEMBER_ID_LENGTH_MAX,
  MEMBER_WAIT_MS_DEFAULT,
  REBALANCE_TIMEOUT_MS_DEFAULT,
  REBALANCE_TIMEOUT_MS_MAX,
  SESSION_TIMEOUT_MS_DEFAULT,
  SUBSCRIBED_TOPICS_MAX,
  TOPIC_PATTERN_LENGTH_MAX,
} from '../../src/model/limits.ts';
import { refusalOf } from '../support/refusal.ts';

const CURSOR: Cursor = {
  group: 'g',
  subscription: { kind: 'pattern', pattern: 'orders-.*' },
  autoOffsetReset: 'latest',
  fingerprint: 7,
  assigned: [{ topic: 'orders-eu', partitions: [1] }],
  generation: 3,
  positions: [],
};
const TEXT = encodeCursor(CURSOR);
const TOO_LONG_ID = 'x'.repeat(MEMBER_ID_LENGTH_MAX + 1);

function requestOf(body: unknown): FastifyRequest {
  const headers = { 'content-type': 'application/json' };
  return { headers, body: Buffer.from(JSON.stringify(body)) } as unknown as FastifyRequest;
}

const readJoin = (body: object) => readJoinBody(requestOf(body), 'g');
const readRead = (body: object) => readReadBody(requestOf(body), 'g');

/** That the refusal names the field, in its words and for programs. */
function expectRefused(read: () => unknown, field: string): void {
  const { code, message, details } = refusalOf(read);
  expect([code, details['field']]).toEqual(['INVALID_REQUEST', field]);
  expect(message).toContain(field);
}

describe('a join', () => {
  test('of topics alone has all defaults', () => {
    const { assignors, ...rest } = readJoin({ topics: ['t', 'u'] });
    expect(assignors.map(({ name }) => name)).toEqual([
      'range',
      'roundrobin',
      'RoundRobinAssigner',
    ]);
    expect(rest).toEqual({
      group: 'g',
      subscription: { kind: 'topics', topics: ['t', 'u'] },
      autoOffsetReset: 'earliest',
      memberId: '',
      groupInstanceId: undefined,
      sessionTimeoutMs: SESSION_TIMEOUT_MS_DEFAULT,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS_DEFAULT,
      cursor: undefined,
    });
  });

  test('has what it says', () => {
    const { assignors, ...rest } = readJoin({
      topic_pattern: 'orders-.*',
      member_id: 'm',
      group_instance_id: 'i',
      session_timeout_ms: 6_000,
      rebalance_timeout_ms: 1,
      assignors: ['sticky', 'range'],
      auto_offset_reset: 'none',
    });
    expect(assignors.map(({ name }) => name)).toEqual(['sticky', 'range']);
    expect(rest).toEqual({
      group: 'g',
      subscription: { kind: 'pattern', pattern: 'orders-.*' },
      autoOffsetReset: 'none',
      memberId: 'm',
      groupInstanceId: 'i',
      sessionTimeoutMs: 6_000,
      rebalanceTimeoutMs: 1,
      cursor: undefined,
    });
  });

  test('with a cursor needs no topics: it remembers them, and where to begin', () => {
    expect(readJoin({ cursor: TEXT })).toMatchObject({
      subscription: CURSOR.subscription,
      autoOffsetReset: 'latest',
      cursor: CURSOR,
    });
  });

  test('says more than its cursor does', () => {
    const said = { cursor: TEXT, topics: ['t'], auto_offset_reset: 'earliest' };
    expect(readJoin(said)).toMatchObject({
      subscription: { kind: 'topics', topics: ['t'] },
      autoOffsetReset: 'earliest',
      cursor: CURSOR,
    });
  });

  test('takes null for what may be null as left out', () => {
    const nothing = { member_id: null, group_instance_id: null, topic_pattern: null, cursor: null };
    const { groupInstanceId, memberId, cursor } = readJoin({ topics: ['t'], ...nothing });
    expect([groupInstanceId, memberId, cursor]).toEqual([undefined, '', undefined]);
  });

  test('leaves it to the broker which session times there may be', () => {
    for (const session_timeout_ms of [0, INT32_MAX]) {
      const { sessionTimeoutMs } = readJoin({ topics: ['t'], session_timeout_ms });
      expect(sessionTimeoutMs).toBe(session_timeout_ms);
    }
  });

  test.each<[string, unknown]>([
    ['topics', 't'],
    ['topics', [7]],
    ['topics', ['']],
    ['topics', Array.from({ length: SUBSCRIBED_TOPICS_MAX + 1 }, (_, index) => `t${index}`)],
    ['member_id', ''],
    ['member_id', TOO_LONG_ID],
    ['group_instance_id', 7],
    ['group_instance_id', TOO_LONG_ID],
    ['session_timeout_ms', -1],
    ['session_timeout_ms', 1.5],
    ['session_timeout_ms', INT32_MAX + 1],
    ['rebalance_timeout_ms', 0],
    ['rebalance_timeout_ms', REBALANCE_TIMEOUT_MS_MAX + 1],
    ['assignors', []],
    ['assignors', 'range'],
    ['assignors', ['range', 'range']],
    ['auto_offset_reset', null],
    ['auto_offset_reset', 'Earliest'],
    ['cursor', 7],
    ['cursor', ''],
    ['cursor', 'x'.repeat(CURSOR_LENGTH_MAX + 1)],
    ['cursor', encodeCursor({ ...CURSOR, group: 'h' })],
  ])('is refused for its %s', (field, value) => {
    expectRefused(() => readJoin({ topics: ['t'], [field]: value }), field);
  });

  test.each(['', 7, 'x'.repeat(TOPIC_PATTERN_LENGTH_MAX + 1)])(
    'is refused for its pattern %#',
    (topic_pattern) => expectRefused(() => readJoin({ topic_pattern }), 'topic_pattern'),
  );

  test('is told where its pattern is wrong', () => {
    const { message, details } = refusalOf(() => readJoin({ topic_pattern: 'a(' }));
    expect(details['field']).toBe('topic_pattern');
    expect(message).toContain('at position 1');
  });

  test('is refused by the rule for a topic whose name breaks it', () => {
    const { code, message } = refusalOf(() => readJoin({ topics: ['t', '..'] }));
    expect(code).toBe('INVALID_TOPIC_EXCEPTION');
    expect(message).toContain('".."');
  });

  test('is refused where topics and a pattern are both given', () => {
    const { details } = refusalOf(() => readJoin({ topics: ['t'], topic_pattern: 'x' }));
    expect(details).toEqual({ fields: ['topics', 'topic_pattern'] });
  });
});

describe('a read', () => {
  test('of a generation alone has all defaults', () => {
    expect(readRead({ generation: 0 })).toEqual({
      generation: 0,
      groupInstanceId: undefined,
      cursor: undefined,
      waitMs: MEMBER_WAIT_MS_DEFAULT,
      recordsMax: FETCH_RECORDS_DEFAULT,
      bytesMax: FETCH_BYTES_DEFAULT,
      bytesMin: 1,
      format: 'json',
    });
  });

  test('has what it says', () => {
    const body = { generation: 3, group_instance_id: 'i', cursor: TEXT, format: 'base64' };
    const bounds = { timeout_ms: 0, max_records: 1, max_bytes: 2, min_bytes: 0 };
    expect(readRead({ ...body, ...bounds })).toEqual({
      generation: 3,
      groupInstanceId: 'i',
      cursor: CURSOR,
      waitMs: 0,
      recordsMax: 1,
      bytesMax: 2,
      bytesMin: 0,
      format: 'base64',
    });
  });

  test.each<[string, unknown]>([
    ['generation', undefined],
    ['generation', null],
    ['generation', -1],
    ['generation', '1'],
    ['generation', INT32_MAX + 1],
    ['group_instance_id', ''],
    ['cursor', `${TEXT}A`],
    ['timeout_ms', -1],
    ['timeout_ms', FETCH_WAIT_MS_MAX + 1],
    ['max_records', 0],
    ['max_records', FETCH_RECORDS_MAX + 1],
    ['max_bytes', 0],
    ['max_bytes', FETCH_BYTES_MAX + 1],
    ['min_bytes', -1],
    ['min_bytes', FETCH_BYTES_MAX + 1],
    ['format', 'xml'],
  ])('is refused for its %s when it is %j', (field, value) => {
    expectRefused(() => readRead({ generation: 1, [field]: value }), field);
  });
});

describe('a heartbeat', () => {
  const readHeartbeat = (body: object) => readHeartbeatBody(requestOf(body));

  test('says the generation, and of a static member its instance', () => {
    expect(readHeartbeat({ generation: 1 })).toEqual({
      generation: 1,
      groupInstanceId: undefined,
    });
    expect(readHeartbeat({ generation: 1, group_instance_id: 'i' }).groupInstanceId).toBe('i');
  });

  test('is refused without a generation', () => {
    expectRefused(() => readHeartbeat({}), 'generation');
  });
});

test('a body is needed, and none may say what is not known', () => {
  const nothing = { headers: {} } as unknown as FastifyRequest;
  for (const read of [readJoinBody, readReadBody, readHeartbeatBody]) {
    expect(refusalOf(() => read(nothing, 'g')).message).toContain('the body is missing');
    const { details } = refusalOf(() => read(requestOf({ colour: 'red' }), 'g'));
    expect(details['unknown']).toEqual(['colour']);
  }
});
