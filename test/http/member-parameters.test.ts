import { describe, expect, test } from 'vitest';
import {
  CURSOR,
  GENERATION,
  GROUP,
  GROUP_QUERY,
  MEMBER,
  MEMBER_TIMEOUT,
  readUrlCursor,
} from '../../src/http/member-parameters.ts';
import { encodeCursor } from '../../src/membership/cursor.ts';
import {
  CURSOR_URL_LENGTH_MAX,
  FETCH_WAIT_MS_MAX,
  GROUP_NAME_LENGTH_MAX,
  INT32_MAX,
  MEMBER_ID_LENGTH_MAX,
  MEMBER_WAIT_MS_DEFAULT,
} from '../../src/model/limits.ts';
import { refusalOf } from '../support/refusal.ts';

describe.each([
  ['the path', GROUP],
  ['the query', GROUP_QUERY],
])('a group in %s', (_, parameter) => {
  test.each(['g', 'a b', 'größe', '...', '__proto__', 'x'.repeat(GROUP_NAME_LENGTH_MAX)])(
    'may be %s',
    (group) => expect(parameter.read({ group })).toBe(group),
  );

  test.each(['', '.', '..', 'a\nb', 'a\u0000', '\ud800', 'x'.repeat(GROUP_NAME_LENGTH_MAX + 1)])(
    'may not be %j',
    (group) => {
      expect(refusalOf(() => parameter.read({ group })).code).toBe('INVALID_GROUP_ID');
    },
  );
});

test('a group must be in the query where no path has one', () => {
  const { code, message, details } = refusalOf(() => GROUP_QUERY.read({}));
  expect([code, details]).toEqual(['INVALID_REQUEST', { field: 'group', received: null }]);
  expect(message).toBe('group is missing; it must be the name of a group');
});

test('a member id may be anything of the length that ids have', () => {
  const longest = 'ü'.repeat(MEMBER_ID_LENGTH_MAX);
  expect(MEMBER.read({ member: longest })).toBe(longest);
  expect(refusalOf(() => MEMBER.read({ member: `${longest}x` }))).toMatchObject({
    code: 'INVALID_REQUEST',
    details: { parameter: 'member' },
  });
});

test('a generation is an int32 from 0, and whether it must be there is the route to say', () => {
  expect(GENERATION.read({})).toBeUndefined();
  expect(GENERATION.read({ generation: '0' })).toBe(0);
  expect(GENERATION.read({ generation: String(INT32_MAX) })).toBe(INT32_MAX);
  for (const generation of ['-1', '1.5', 'x', '', String(INT32_MAX + 1)]) {
    const { details } = refusalOf(() => GENERATION.read({ generation }));
    expect(details).toMatchObject({ parameter: 'generation' });
  }
});

test('a read waits its default time unless the query says otherwise, up to the bound', () => {
  expect(MEMBER_TIMEOUT.read({})).toBe(MEMBER_WAIT_MS_DEFAULT);
  expect(MEMBER_TIMEOUT.read({ timeout: '0' })).toBe(0);
  expect(MEMBER_TIMEOUT.read({ timeout: String(FETCH_WAIT_MS_MAX) })).toBe(FETCH_WAIT_MS_MAX);
  const { details } = refusalOf(() =>
    MEMBER_TIMEOUT.read({ timeout: String(FETCH_WAIT_MS_MAX + 1) }),
  );
  expect(details).toMatchObject({ parameter: 'timeout' });
});

describe('a cursor in a URL', () => {
  const cursor = {
    group: 'g',
    subscription: { kind: 'pattern', pattern: 'orders-.*' },
    autoOffsetReset: 'none',
    fingerprint: 2 ** 32 - 1,
    assigned: [],
    generation: 3,
    positions: [],
  } as const;

  test('is read as it was made', () => {
    expect(readUrlCursor(CURSOR.read({ cursor: encodeCursor(cursor) }), 'g')).toEqual(cursor);
  });

  test('may be left out', () => {
    expect(readUrlCursor(CURSOR.read({}), 'g')).toBeUndefined();
  });

  test('is refused when it is of another group or empty', () => {
    for (const text of [encodeCursor({ ...cursor, group: 'h' }), '']) {
      expect(refusalOf(() => readUrlCursor(text, 'g'))).toMatchObject({
        code: 'INVALID_REQUEST',
        details: { field: 'cursor' },
      });
    }
  });

  test('is refused when it is longer than a URL takes, which is less than a body does', () => {
    const pattern = 'x'.repeat(CURSOR_URL_LENGTH_MAX);
    const long = encodeCursor({ ...cursor, subscription: { kind: 'pattern', pattern } });
    const { message, details } = refusalOf(() => CURSOR.read({ cursor: long }));
    expect(details).toMatchObject({ parameter: 'cursor' });
    expect(message).toContain(String(CURSOR_URL_LENGTH_MAX));
    expect(refusalOf(() => readUrlCursor(long, 'g')).details).toEqual({ field: 'cursor' });
  });
});
