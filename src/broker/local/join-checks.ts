/** What is wrong with a join, a sync or an id in itself, whatever the group: bounds and times. */
import { MillraceError } from '../../model/errors.ts';
import {
  GROUP_PROTOCOLS_MAX,
  MEMBER_ID_LENGTH_MAX,
  MEMBER_METADATA_BYTES_MAX,
  SESSION_TIMEOUT_MS_MAX,
  SESSION_TIMEOUT_MS_MIN,
} from '../../model/limits.ts';
import type { JoinGroupRequest, SyncGroupRequest } from '../groups.ts';
import { tooMany } from '../refusals.ts';
import { topicIdFrom } from './topic-id.ts';

/** Throws INVALID_SESSION_TIMEOUT, or POLICY_VIOLATION for what is too long or too much. */
export function checkJoin(request: JoinGroupRequest): void {
  const { sessionTimeoutMs: received, protocols } = request;
  // Written so that NaN fails too.
  if (!(received >= SESSION_TIMEOUT_MS_MIN && received <= SESSION_TIMEOUT_MS_MAX)) {
    const allowed = { min: SESSION_TIMEOUT_MS_MIN, max: SESSION_TIMEOUT_MS_MAX };
    throw new MillraceError(
      'INVALID_SESSION_TIMEOUT',
      `a session time of ${received} ms; ${allowed.min} to ${allowed.max} ms are allowed`,
      { details: { received, ...allowed } },
    );
  }
  checkLength('characters of a member id', request.memberId);
  checkLength('characters of a group instance id', request.groupInstanceId ?? '');
  checkLength('characters of a client id', request.clientId);
  checkLength('characters of a client host', request.clientHost);
  checkLength('characters of a protocol type', request.protocolType);
  atMost('protocols of one member', protocols.length, GROUP_PROTOCOLS_MAX);
  let bytes = 0;
  for (const { name, metadata } of protocols) {
    checkLength('characters of a protocol name', name);
    bytes += metadata.length;
  }
  atMost('bytes of a member', bytes, MEMBER_METADATA_BYTES_MAX);
}

/** Throws POLICY_VIOLATION. */
export function checkSync({ assignments }: SyncGroupRequest): void {
  for (const { assignment } of assignments) {
    atMost('bytes of an assignment', assignment.length, MEMBER_METADATA_BYTES_MAX);
  }
}

/** `random`: 16 bytes. */
export function memberIdFor(clientId: string, random: Uint8Array): string {
  const unique = `-${topicIdFrom(random)}`;
  return `${clientId.slice(0, MEMBER_ID_LENGTH_MAX - unique.length)}${unique}`;
}

function checkLength(what: string, text: string): void {
  atMost(what, text.length, MEMBER_ID_LENGTH_MAX);
}

function atMost(what: string, received: number, allowed: number): void {
  if (received > allowed) throw tooMany(what, { received, allowed });
}
