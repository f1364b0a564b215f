/**
 * Streams of records: NDJSON up to the present or open for what comes, and Server-Sent Events.
 * What is wrong with the request, the topic or the offset is a plain error answer; once the
 * stream began, its last line says why it ended.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { INT64_SAFE_MAX } from '../model/limits.ts';
import { bodyOf } from './answer-body.ts';
import type { HttpContext } from './context.ts';
import type { FetchBudget } from '../broker/fetch-budget.ts';
import type { StartOffset } from './fetch-offset.ts';
import { OFFSET } from './fetch-offset.ts';
import { readPage } from './fetch-page.ts';
import {
  FOLLOW,
  FORMAT,
  MAX_BYTES,
  MAX_RECORDS,
  MIN_BYTES,
  TIMEOUT,
  refuseParameters,
} from './fetch-parameters.ts';
import type { NDJSON_TYPE } from './fetch-types.ts';
import { EVENTS_TYPE } from './fetch-types.ts';
import type { HttpCounters } from './http-counters.ts';
import type { Texts } from './parameters.ts';
import { PARTITION, TOPIC, invalidParameter, readPath } from './parameters.ts';
import { eventFrames, ndjsonFrames } from './stream-frames.ts';
import { StreamSource } from './stream-source.ts';

export interface StreamParts {
  readonly context: HttpContext;
  readonly budget: FetchBudget;
  readonly counters: HttpCounters;
}

export interface StreamCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly type: typeof NDJSON_TYPE | typeof EVENTS_TYPE;
  readonly texts: Texts;
}

export async function answerStream(
  { context, budget, counters }: StreamParts,
  { request, reply, type, texts }: StreamCall,
): Promise<FastifyReply> {
  refuseParameters(texts, [MAX_BYTES, MIN_BYTES, TIMEOUT], type);
  const isEvents = type === EVENTS_TYPE;
  const isOpen = texts[FOLLOW.name] === undefined ? isEvents : FOLLOW.read(texts);
  const recordsMax = MAX_RECORDS.read(texts);
  const start = (isEvents ? lastEvent(request) : undefined) ?? OFFSET.read(texts);
  const path = readPath(request);
  const partition = PARTITION.read(path);
  const topic = await context.broker.topic(TOPIC.read(path));
  const source = { topic: topic.name, partition, format: FORMAT.read(texts) };
  const frames = isEvents ? eventFrames(source) : ndjsonFrames(source);
  // A first look, so that what is wrong with the place is told by the status of the answer.
  const look = { bytesMin: 0, bytesMax: 1, waitMs: 0 };
  const place = { topic: topic.name, partition, start };
  const { offset: from, highWatermark } = await readPage(context.broker, { ...place, ...look });
  void reply.headers({
    'content-type': frames.contentType,
    'cache-control': 'no-store',
    // nginx and its kin would keep the lines until a buffer is full.
    'x-accel-buffering': 'no',
  });
  if (request.method === 'HEAD') return reply.send();
  const to = isOpen ? undefined : highWatermark;
  const stream = new StreamSource({ topic, partition, from, to, recordsMax }, frames, {
    ...context,
    budget,
  });
  const body = bodyOf(stream, reply.raw, context.clock);
  counters.streamsOpen += 1;
  counters.streamsOpened += 1;
  body.once('close', () => {
    counters.streamsOpen -= 1;
  });
  // The caller shall see at once that the stream stands, though the first record may be long in
  // coming. Fastify has set the headers when it begins to pipe.
  body.once('resume', () => reply.raw.flushHeaders());
  return reply.send(body);
}

/** `Last-Event-ID: N`, as a browser sends it after a broken connection, means N + 1. */
function lastEvent(request: FastifyRequest): StartOffset | undefined {
  const text = request.headers['last-event-id'];
  if (text === undefined || text === '') return undefined;
  const id = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : INT64_SAFE_MAX;
  if (id >= INT64_SAFE_MAX) {
    throw invalidParameter('Last-Event-ID', String(text), 'the offset of a record');
  }
  return { kind: 'offset', offset: id + 1 };
}
