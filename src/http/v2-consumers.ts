/**
 * Consumers as Confluent's REST Proxy v2 has them: the one stateful part of this face. Whoever
 * has the choice takes the routes of a group's members, which need no memory here.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TopicPartition } from '../broker/groups.ts';
import { badField } from './body-fields.ts';
import { callerSignal } from './caller-signal.ts';
import type { HttpContext } from './context.ts';
import type { FetchBudget } from '../broker/fetch-budget.ts';
import { sendAnswer } from './fetch-send.ts';
import { Inflater } from './inflater.ts';
import { varyOnAccept } from './fetch-types.ts';
import { refuseUnknownMembers } from './json-body.ts';
import { GROUP } from './member-parameters.ts';
import type { Texts } from './parameters.ts';
import { readPath, readQuery } from './parameters.ts';
import { acceptedV2Type, sendV2, v2RecordsAnswer } from './v2-answers.ts';
import {
  nextOffsets,
  readV2Body,
  readV2Offsets,
  readV2Partitions,
  readV2Subscription,
  requireV2Body,
  takeGetBody,
} from './v2-bodies.ts';
import { readV2Config } from './v2-config.ts';
import {
  ASSIGN,
  ASSIGNMENT,
  COMMIT,
  COMMITTED,
  CREATE_CONSUMER,
  DELETE_CONSUMER,
  READ_CONSUMER,
  SEEK,
  SEEK_BEGINNING,
  SEEK_END,
  SUBSCRIBE,
  SUBSCRIPTION,
  UNSUBSCRIBE,
} from './v2-descriptions.ts';
import type { V2Entry } from './v2-instances.ts';
import { V2Instances } from './v2-instances.ts';
import {
  INSTANCE,
  PARTITION_QUERY,
  TOPIC_QUERY,
  V2_MAX_BYTES,
  V2_TIMEOUT,
  v2BytesMax,
  v2WaitMs,
} from './v2-parameters.ts';

export function registerV2Consumers(app: FastifyInstance, context: HttpContext): void {
  const instances = endWith(app, context);
  /** For routes without a query. */
  const entryOf = (request: FastifyRequest): V2Entry => {
    readQuery(request, []);
    return entryAt(instances, request);
  };
  const instanceOf = (request: FastifyRequest): V2Entry['instance'] => entryOf(request).instance;
  const done = (reply: FastifyReply): FastifyReply => reply.code(204).send();
  const at = '/consumers/:group/instances/:instance';

  const create = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    readQuery(request, []);
    const group = GROUP.read(readPath(request));
    const config = readV2Config(readV2Body(request) ?? {});
    const { name } = instances.create(group, config, `/${request.ip}`).identity;
    return sendV2(request, reply, { instance_id: name, base_uri: baseUri(request, group, name) });
  };
  app.post('/consumers/:group', { schema: CREATE_CONSUMER }, create);
  // So it stands in Confluent's own example.
  app.post('/consumers/:group/', { schema: { hide: true } }, create);
  app.delete(at, { schema: DELETE_CONSUMER }, async (request, reply) => {
    const { group, name } = instanceOf(request).identity;
    await instances.remove(group, name);
    return done(reply);
  });

  app.post(`${at}/subscription`, { schema: SUBSCRIBE }, async (request, reply) => {
    await instanceOf(request).subscribe(readV2Subscription(requireV2Body(request)));
    return done(reply);
  });
  app.get(`${at}/subscription`, { schema: SUBSCRIPTION }, async (request, reply) => {
    return sendV2(request, reply, { topics: await instanceOf(request).subscription() });
  });
  app.delete(`${at}/subscription`, { schema: UNSUBSCRIBE }, async (request, reply) => {
    await instanceOf(request).unsubscribe();
    return done(reply);
  });
  app.post(`${at}/assignments`, { schema: ASSIGN }, async (request, reply) => {
    await instanceOf(request).assign(readV2Partitions(requireV2Body(request)));
    return done(reply);
  });
  app.get(`${at}/assignments`, { schema: ASSIGNMENT }, async (request, reply) => {
    return sendV2(request, reply, { partitions: instanceOf(request).assignment() });
  });

  // No HEAD: nobody expects it to move a reader.
  const reading = { schema: READ_CONSUMER, exposeHeadRoute: false };
  app.get(`${at}/records`, reading, (request, reply) => {
    const texts = readQuery(request, [V2_TIMEOUT, V2_MAX_BYTES]);
    const { fetchBudget: budget } = app;
    return answerRecords({ context, budget }, entryAt(instances, request), {
      request,
      reply,
      texts,
    });
  });

  app.post(`${at}/offsets`, { schema: COMMIT }, async (request, reply) => {
    const instance = instanceOf(request);
    const body = readV2Body(request) ?? {};
    refuseUnknownMembers(body, ['offsets'], 'the body');
    const isAll = body['offsets'] === undefined;
    await instance.commit(isAll ? undefined : nextOffsets(readV2Offsets(body)));
    return sendV2(request, reply, []);
  });
  app.get(`${at}/offsets`, { schema: COMMITTED }, async (request, reply) => {
    const texts = readQuery(request, [TOPIC_QUERY, PARTITION_QUERY]);
    const { instance } = entryAt(instances, request);
    await takeGetBody(request);
    return sendV2(request, reply, {
      offsets: await instance.committed(partitionsAskedFor(request, texts)),
    });
  });

  app.post(`${at}/positions`, { schema: SEEK }, async (request, reply) => {
    await instanceOf(request).seek(readV2Offsets(requireV2Body(request)));
    return done(reply);
  });
  app.post(`${at}/positions/beginning`, { schema: SEEK_BEGINNING }, async (request, reply) => {
    await instanceOf(request).seekTo('earliest', readV2Partitions(requireV2Body(request)));
    return done(reply);
  });
  app.post(`${at}/positions/end`, { schema: SEEK_END }, async (request, reply) => {
    await instanceOf(request).seekTo('latest', readV2Partitions(requireV2Body(request)));
    return done(reply);
  });
}

/** The table, which ends when the server begins to stop, and is gone before the app is closed. */
function endWith(app: FastifyInstance, { broker, clock, log, stopping }: HttpContext): V2Instances {
  const instances = new V2Instances({ broker, clock, log });
  const end = (): void => void instances.close();
  stopping.addEventListener('abort', end);
  app.addHook('onClose', async () => {
    stopping.removeEventListener('abort', end);
    await instances.close();
  });
  return instances;
}

function entryAt(instances: V2Instances, request: FastifyRequest): V2Entry {
  const path = readPath(request);
  return instances.use(GROUP.read(path), INSTANCE.read(path));
}

/** HTTP/1.0 needs no Host: then the address that was called. */
function baseUri(request: FastifyRequest, group: string, name: string): string {
  const { localAddress = 'localhost', localPort } = request.socket;
  const address = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  const host = request.headers.host ?? `${address}:${localPort}`;
  const path = `${encodeURIComponent(group)}/instances/${encodeURIComponent(name)}`;
  return `${request.protocol}://${host}/consumers/${path}`;
}

function partitionsAskedFor(request: FastifyRequest, texts: Texts): readonly TopicPartition[] {
  const [topic, partition] = [TOPIC_QUERY.read(texts), PARTITION_QUERY.read(texts)];
  if (topic !== undefined && partition !== undefined) return [{ topic, partition }];
  const body = readV2Body(request);
  if (body !== undefined) return readV2Partitions(body);
  throw badField('partitions', undefined, 'in the body; or send both ?topic= and &partition=');
}

interface Means {
  readonly context: HttpContext;
  readonly budget: FetchBudget;
}

interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly texts: Texts;
}

async function answerRecords(
  { context, budget }: Means,
  { instance, reader }: V2Entry,
  { request, reply, texts }: Call,
): Promise<FastifyReply> {
  const { format, waitMs: configured, bytesMin } = instance.identity.config;
  const type = acceptedV2Type(request, format);
  varyOnAccept(reply);
  const { signal, dispose } = callerSignal(reply.raw, context.stopping);
  let hold = budget.take(0);
  const inflater = new Inflater(budget);
  try {
    const { headers, parts } = await reader.read({
      waitMs: v2WaitMs({ asked: V2_TIMEOUT.read(texts), configured }),
      bytesMin,
      bytesMax: budget.share(v2BytesMax(V2_MAX_BYTES.read(texts))),
      signal,
      write: (read) => {
        const bytes = read.partitions.reduce((sum, { batches }) => sum + batches.length, 0);
        // What was read and, at about the same size, the answer made of it.
        hold = budget.take(2 * bytes);
        return v2RecordsAnswer(read, format, inflater);
      },
    });
    inflater.release();
    const fixed = { 'content-type': type, 'cache-control': 'no-store' };
    sendAnswer(reply, { headers: { ...headers, ...fixed }, parts }, hold, {
      clock: context.clock,
      budget,
    });
  } finally {
    inflater.release();
    hold.release();
    dispose();
  }
  return reply;
}
