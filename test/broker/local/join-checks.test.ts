import { expect, test } from 'vitest';
import type { JoinGroupRequest } from '../../../src/broker/groups.ts';
import { checkJoin, checkSync, memberIdFor } from '../../../src/broker/local/join-checks.ts';
import {
  GROUP_PROTOCOLS_MAX,
  MEMBER_ID_LENGTH_MAX,
  MEMBER_METADATA_BYTES_MAX,
  SESSION_TIMEOUT_MS_MAX,
  SESSION_TIMEOUT_MS_MIN,
} from '../../../src/model/limits.ts';
import { refusalOf } from '../../support/refusal.ts';

const REQUEST: JoinGroupRequest = {
  group: 'g',
  memberId: '',
  clientId: 'client',
  clientHost: '/127.0.0.1',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 30_000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: new Uint8Array(0) }],
};

const protocols = (count: number, bytes = 0) =>
  Array.from({ length: count }, (_, index) => {
    return { name: `p${index}`, metadata: new Uint8Array(bytes) };
  });
const long = 'x'.repeat(MEMBER_ID_LENGTH_MAX + 1);

test('what is at a limit passes', () => {
  for (const wish of [
    { sessionTimeoutMs: SESSION_TIMEOUT_MS_MIN },
    { sessionTimeoutMs: SESSION_TIMEOUT_MS_MAX },
    { clientId: long.slice(1) },
    { protocols: protocols(GROUP_PROTOCOLS_MAX) },
    { protocols: protocols(2, MEMBER_METADATA_BYTES_MAX / 2) },
  ]) {
    checkJoin({ ...REQUEST, ...wish });
  }
});

test.each([0, SESSION_TIMEOUT_MS_MIN - 1, SESSION_TIMEOUT_MS_MAX + 1, Number.NaN])(
  'a session time of %d is refused',
  (sessionTimeoutMs) => {
    expect(refusalOf(() => checkJoin({ ...REQUEST, sessionTimeoutMs }))).toMatchObject({
      code: 'INVALID_SESSION_TIMEOUT',
      details: { received: sessionTimeoutMs, min: 1_000, max: 1_800_000 },
    });
  },
);

test.each([
  { memberId: long },
  { groupInstanceId: long },
  { clientId: long },
  { clientHost: long },
  { protocolType: long },
  { protocols: [{ name: long, metadata: new Uint8Array(0) }] },
  { protocols: protocols(GROUP_PROTOCOLS_MAX + 1) },
  { protocols: protocols(2, MEMBER_METADATA_BYTES_MAX / 2 + 1) },
])('what is over a limit is refused with both numbers (%#)', (wish) => {
  const { code, details } = refusalOf(() => checkJoin({ ...REQUEST, ...wish }));
  expect(code).toBe('POLICY_VIOLATION');
  expect(Number(details['received'])).toBeGreaterThan(Number(details['allowed']));
});

test('an assignment has a limit too', () => {
  const sync = (bytes: number) => ({
    group: 'g',
    memberId: 'm',
    generation: 1,
    assignments: [{ memberId: 'm', assignment: new Uint8Array(bytes) }],
  });
  checkSync(sync(MEMBER_METADATA_BYTES_MAX));
  const refusal = refusalOf(() => checkSync(sync(MEMBER_METADATA_BYTES_MAX + 1)));
  expect(refusal.code).toBe('POLICY_VIOLATION');
});

test('a member id is the client id and a UUID, and never longer than a member id may be', () => {
  const random = new Uint8Array(16);
  expect(memberIdFor('billing', random)).toBe('billing-00000000-0000-4000-8000-000000000000');
  expect(memberIdFor(long, random)).toHaveLength(MEMBER_ID_LENGTH_MAX);
});
