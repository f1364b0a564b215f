/** Reading as a member of a group, and reading a whole topic for a group without joining it. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { GroupMember } from '../broker/groups.ts';
import type { ReadBounds } from '../membership/assigned-read.ts';
import type { MemberRead } from '../membership/read.ts';
import { readAsMember, readWithoutJoining } from '../membership/read.ts';
import { FETCH_RECORDS_DEFAULT } from '../model/limits.ts';
import { badField } from './body-fields.ts';
import { callerSignal } from './caller-signal.ts';
import type { HttpContext } from './context.ts';
import type { FetchBudget } from '../broker/fetch-budget.ts';
import { FORMAT, MAX_BYTES, MIN_BYTES, pageRecords } from './fetch-parameters.ts';
import { sendAnswer } from './fetch-send.ts';
import { Inflater } from './inflater.ts';
import { acceptedType, EVENTS_TYPE, varyOnAccept } from './fetch-types.ts';
import type { MemberReadType } from './member-answers.ts';
import { MEMBER_READ_TYPES, memberAnswer } from './member-answers.ts';
import type { ReadBody } from './member-bodies.ts';
import { readReadBody } from './member-bodies.ts';
import { READ_MEMBER, READ_TOPIC_FOR_GROUP, STREAM_MEMBER } from './member-descriptions.ts';
import {
  CURSOR,
  GENERATION,
  GROUP,
  GROUP_QUERY,
  MEMBER,
  MEMBER_RECORDS_PARAMETERS,
  MEMBER_TIMEOUT,
  readUrlCursor,
  TOPIC_RECORDS_PARAMETERS,
} from './member-parameters.ts';
import { answerMemberStream } from './member-stream.ts';
import { Turns } from './member-turns.ts';
import type { Texts } from './parameters.ts';
import { readPath, readQuery, TOPIC } from './parameters.ts';

export function registerMemberReads(app: FastifyInstance, context: HttpContext): void {
  const { counters, fetchBudget: budget } = app;
  const { broker } = context;
  const means = { context, budget, counters, turns: new Turns() };

  app.post('/groups/:group/members/:member/fetch', { schema: READ_MEMBER }, (request, reply) => {
    readQuery(request, []);
    const path = readPath(request);
    const wish = readReadBody(request, GROUP.read(path));
    const type = acceptedType(request, MEMBER_READ_TYPES);
    const member = memberOf(path, wish);
    return answerRead(means, { reply, type, wish }, (bounds) =>
      readAsMember(broker, { ...bounds, member }),
    );
  });

  app.get('/groups/:group/members/:member/records', { schema: STREAM_MEMBER }, (request, reply) => {
    const path = readPath(request);
    const texts = readQuery(request, MEMBER_RECORDS_PARAMETERS);
    const type = acceptedType(request, [...MEMBER_READ_TYPES, EVENTS_TYPE]);
    const generation = GENERATION.read(texts);
    if (generation === undefined) throw badField('generation', undefined, 'the one of the join');
    const wish = { ...readWish(texts, GROUP.read(path)), generation };
    const member = memberOf(path, wish);
    if (type === EVENTS_TYPE) return answerMemberStream(means, { reply, wish, member });
    return answerRead(means, { reply, type, wish }, (bounds) =>
      readAsMember(broker, { ...bounds, member }),
    );
  });

  app.get('/topics/:topic/records', { schema: READ_TOPIC_FOR_GROUP }, (request, reply) => {
    const texts = readQuery(request, TOPIC_RECORDS_PARAMETERS);
    const group = GROUP_QUERY.read(texts);
    const topic = TOPIC.read(readPath(request));
    const type = acceptedType(request, MEMBER_READ_TYPES);
    const wish = { ...readWish(texts, group), generation: undefined };
    return answerRead(means, { reply, type, wish }, (bounds) =>
      readWithoutJoining(broker, { ...bounds, group, topic }),
    );
  });
}

interface ReadMeans {
  readonly context: HttpContext;
  readonly budget: FetchBudget;
  readonly turns: Turns;
}

type Wish = Omit<ReadBody, 'generation'> & { readonly generation: number | undefined };

interface ReadCall {
  readonly reply: FastifyReply;
  readonly type: MemberReadType;
  readonly wish: Wish;
}

async function answerRead(
  { context, budget, turns }: ReadMeans,
  { reply, type, wish }: ReadCall,
  read: (bounds: Wish & ReadBounds) => Promise<MemberRead>,
): Promise<FastifyReply> {
  varyOnAccept(reply);
  const { signal, dispose } = callerSignal(reply.raw, context.stopping);
  try {
    const bytesMax = budget.share(wish.bytesMax);
    const found = await read({ ...wish, bytesMax, turn: turns.next(), signal });
    const bytes = found.partitions.reduce((sum, { batches }) => sum + batches.length, 0);
    // What was read and, at about the same size, the answer made of it.
    const hold = budget.take(2 * bytes);
    const inflater = new Inflater(budget);
    try {
      const { contentType, parts } = await memberAnswer(type, found, { ...wish, inflater });
      inflater.release();
      const headers = { 'content-type': contentType };
      sendAnswer(reply, { headers, parts }, hold, { clock: context.clock, budget });
    } finally {
      inflater.release();
      hold.release();
    }
  } finally {
    dispose();
  }
  return reply;
}

function memberOf(
  path: Texts,
  { generation, groupInstanceId }: Pick<ReadBody, 'generation' | 'groupInstanceId'>,
): GroupMember {
  return { group: GROUP.read(path), memberId: MEMBER.read(path), generation, groupInstanceId };
}

function readWish(texts: Texts, group: string): Omit<ReadBody, 'generation'> {
  return {
    cursor: readUrlCursor(CURSOR.read(texts), group),
    groupInstanceId: undefined,
    waitMs: MEMBER_TIMEOUT.read(texts),
    recordsMax: pageRecords(texts, FETCH_RECORDS_DEFAULT),
    bytesMax: MAX_BYTES.read(texts),
    bytesMin: MIN_BYTES.read(texts),
    format: FORMAT.read(texts),
  };
}
