/**
 * Members of a group over HTTP: joining, showing life, leaving. Nothing about one lives here: its
 * id, generation and cursor travel with each call, so it does not matter which server in front of
 * a broker is asked. How a member reads is in member-reads.ts.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { shuttingDown } from '../broker/refusals.ts';
import { encodeCursor } from '../membership/cursor.ts';
import { joinAsMember } from '../membership/join.ts';
import { unlessAborted } from '../model/unless-aborted.ts';
import { callerSignal } from './caller-signal.ts';
import type { HttpContext } from './context.ts';
import { readHeartbeatBody, readJoinBody } from './member-bodies.ts';
import { HEARTBEAT, JOIN_GROUP, LEAVE_GROUP } from './member-descriptions.ts';
import { GROUP, MEMBER } from './member-parameters.ts';
import { registerMemberReads } from './member-reads.ts';
import { readPath, readQuery } from './parameters.ts';

/** Shown by Kafka's tools beside the member's address. */
const CLIENT_ID = 'http';

export function registerMembers(app: FastifyInstance, context: HttpContext): void {
  const { broker } = context;
  app.post('/groups/:group/members', { schema: JOIN_GROUP }, async (request, reply) => {
    readQuery(request, []);
    return join(context, request, reply);
  });
  app.post(
    '/groups/:group/members/:member/heartbeat',
    { schema: HEARTBEAT },
    async (request, reply) => {
      readQuery(request, []);
      const path = readPath(request);
      const place = { group: GROUP.read(path), memberId: MEMBER.read(path) };
      await broker.heartbeat({ ...place, ...readHeartbeatBody(request) });
      return reply.code(204).send();
    },
  );
  app.delete('/groups/:group/members/:member', { schema: LEAVE_GROUP }, async (request, reply) => {
    readQuery(request, []);
    const path = readPath(request);
    const [outcome] = await broker.leaveGroup(GROUP.read(path), [{ memberId: MEMBER.read(path) }]);
    if (outcome?.error !== undefined) throw outcome.error;
    return reply.code(204).send();
  });
  registerMemberReads(app, context);
}

async function join(
  { broker, stopping }: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const body = readJoinBody(request, GROUP.read(readPath(request)));
  // A stop of the server must not look like a caller that went away: its member would leave.
  const { signal, dispose } = callerSignal(reply.raw);
  try {
    const who = { clientId: CLIENT_ID, clientHost: `/${request.ip}` };
    const joining = joinAsMember(broker, { ...body, ...who, signal });
    const joined = await unlessAborted(joining, stopping, shuttingDown);
    return {
      member_id: joined.memberId,
      generation: joined.generation,
      protocol: joined.protocol,
      assignment: joined.assignment,
      ...(joined.missing.length > 0 && { missing_topics: joined.missing }),
      cursor: encodeCursor(joined.cursor),
    };
  } finally {
    dispose();
  }
}
