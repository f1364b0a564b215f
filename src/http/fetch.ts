/**
 * Stateless replay: reading one partition from anywhere, as often as one likes. Nothing is
 * remembered about a reader; where to go on stands in each answer.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FETCH_RECORDS_DEFAULT } from '../model/limits.ts';
import { callerSignal } from './caller-signal.ts';
import type { HttpContext } from './context.ts';
import { pageAnswer } from './fetch-answers.ts';
import type { PageType } from './fetch-answers.ts';
import type { FetchBudget } from '../broker/fetch-budget.ts';
import { FETCH_RECORDS } from './fetch-descriptions.ts';
import { OFFSET } from './fetch-offset.ts';
import type { Page, PageRequest } from './fetch-page.ts';
import { readPage } from './fetch-page.ts';
import {
  FETCH_PARAMETERS,
  FOLLOW,
  FORMAT,
  MAX_BYTES,
  MAX_RECORDS,
  MIN_BYTES,
  TIMEOUT,
  pageRecords,
  refuseParameters,
} from './fetch-parameters.ts';
import { sendAnswer } from './fetch-send.ts';
import { Inflater } from './inflater.ts';
import {
  acceptedType,
  BATCH_TYPE,
  EVENTS_TYPE,
  FETCH_TYPES,
  JSON_TYPE,
  NDJSON_TYPE,
  varyOnAccept,
} from './fetch-types.ts';
import type { Texts } from './parameters.ts';
import { PARTITION, readPath, readQuery, TOPIC } from './parameters.ts';
import { registerSingleRecord } from './single-record.ts';
import { answerStream } from './stream.ts';

export function registerFetch(app: FastifyInstance, context: HttpContext): void {
  const budget = app.fetchBudget;
  app.get(
    '/topics/:topic/partitions/:partition/records',
    { schema: FETCH_RECORDS },
    (request, reply) => {
      const texts = readQuery(request, FETCH_PARAMETERS);
      const type = acceptedType(request, FETCH_TYPES);
      varyOnAccept(reply);
      if (type === NDJSON_TYPE || type === EVENTS_TYPE) {
        const parts = { context, budget, counters: app.counters };
        return answerStream(parts, { request, reply, type, texts });
      }
      return answerPage({ context, budget }, { request, reply, type, texts });
    },
  );
  registerSingleRecord(app, context, budget);
}

interface Parts {
  readonly context: HttpContext;
  readonly budget: FetchBudget;
}

interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly type: PageType;
  readonly texts: Texts;
}

async function answerPage({ context, budget }: Parts, call: Call): Promise<FastifyReply> {
  const { request, reply, type, texts } = call;
  refuseParameters(texts, type === JSON_TYPE ? [FOLLOW] : [FOLLOW, FORMAT], type);
  const recordsMax =
    type === BATCH_TYPE ? MAX_RECORDS.read(texts) : pageRecords(texts, FETCH_RECORDS_DEFAULT);
  const path = readPath(request);
  const place = { topic: TOPIC.read(path), partition: PARTITION.read(path) };
  const wish = {
    ...place,
    start: OFFSET.read(texts),
    bytesMin: MIN_BYTES.read(texts),
    bytesMax: budget.share(MAX_BYTES.read(texts)),
    waitMs: TIMEOUT.read(texts),
  };
  // While it is read it counts as if all of it were there; a wait holds nothing.
  const reading = wish.waitMs === 0 ? budget.take(wish.bytesMax) : undefined;
  const page = await waitForPage(context, reply, wish).finally(() => reading?.release());
  // What was read and, at about the same size, the answer made of it.
  const hold = budget.take(2 * page.batches.length);
  const inflater = new Inflater(budget);
  try {
    const answer = await pageAnswer(type, page, {
      ...place,
      recordsMax,
      format: FORMAT.read(texts),
      inflater,
    });
    inflater.release();
    const headers = {
      'content-type': answer.contentType,
      'millrace-next-offset': String(answer.nextOffset),
      'millrace-log-start-offset': String(page.logStartOffset),
      'millrace-high-watermark': String(page.highWatermark),
    };
    sendAnswer(reply, { headers, parts: answer.parts }, hold, { clock: context.clock, budget });
  } finally {
    inflater.release();
    hold.release();
  }
  return reply;
}

/** Parked on the caller's behalf, as long as there is a caller. */
async function waitForPage(
  { broker, stopping }: HttpContext,
  reply: FastifyReply,
  request: PageRequest,
): Promise<Page> {
  if (request.waitMs === 0) return readPage(broker, request);
  const { signal, dispose } = callerSignal(reply.raw, stopping);
  try {
    return await readPage(broker, { ...request, signal });
  } finally {
    dispose();
  }
}
