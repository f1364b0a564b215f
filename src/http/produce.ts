/**
 * Producing: records in, their offsets out. A request is checked completely before anything is
 * written, and a plain 200 means that every record is on stable storage.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ProducerSequence, Topic } from '../broker/broker.ts';
import { MillraceError } from '../model/errors.ts';
import type { HttpContext } from './context.ts';
import type { Parameter } from './parameters.ts';
import { PARTITION, TOPIC, readPath, readQuery } from './parameters.ts';
import type { ProduceBody } from './produce-body.ts';
import { readProduceBody } from './produce-body.ts';
import { PRODUCE_TO_PARTITION, PRODUCE_TO_TOPIC } from './produce-descriptions.ts';
import { isPartial, nameBadRecords, unwritten, writeFailure } from './produce-failures.ts';
import { PRODUCE_PARAMETERS, readProducer } from './produce-parameters.ts';
import type { Placement, Shares } from './produce-placement.ts';
import { StickyPartitions, placeBatches, placeRecords, sharesOf } from './produce-placement.ts';
import type { AnswerForm } from './produce-reply.ts';
import { chooseAnswerForm, answerProduced } from './produce-reply.ts';

/** Whether a topic may be created so is the broker's setting. */
const AUTO_CREATE = { autoCreate: true } as const;

interface Means extends Pick<HttpContext, 'broker' | 'clock'> {
  readonly sticky: StickyPartitions;
}

export function registerProduce(app: FastifyInstance, { broker, clock }: HttpContext): void {
  const means = { broker, clock, sticky: new StickyPartitions() };
  app.post('/topics/:topic', { schema: PRODUCE_TO_TOPIC }, (request, reply) =>
    produce(means, request, reply, undefined),
  );
  app.post(
    '/topics/:topic/partitions/:partition',
    { schema: PRODUCE_TO_PARTITION },
    (request, reply) => produce(means, request, reply, PARTITION),
  );
}

/**
 * One function and two waits, because promises are a good part of a small request's cost. For the
 * same reason the body is returned: a returned reply is a promise of its own, of the sending's end.
 */
async function produce(
  { broker, clock, sticky }: Means,
  request: FastifyRequest,
  reply: FastifyReply,
  route: Parameter<number> | undefined,
): Promise<string | Buffer> {
  let sent: Shares | undefined;
  try {
    let call: Call | undefined = readCall(request, route, clock.wallMs());
    const { form } = call;
    const topic = await broker.topic(call.topic, AUTO_CREATE);
    let placement: Placement | undefined = place(topic, call, sticky);
    sent = sharesOf(placement);
    const outcomes = broker.produce(placement.parts);
    // Only the log holds the records now, and not beyond their encoding.
    call = placement = undefined;
    const produced = { ...sent, outcomes: await outcomes };
    const failure = writeFailure(produced);
    // v2 says it record by record, as long as there is something else to say.
    if (failure === undefined || (form.family === 'v2' && isPartial(produced))) {
      return answerProduced(reply, form, produced);
    }
    throw failure;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    throw sent === undefined ? unwritten(error) : nameBadRecords(error, sent);
  }
}

interface Call {
  readonly topic: string;
  readonly partition: number | undefined;
  readonly producer: ProducerSequence | undefined;
  readonly body: ProduceBody;
  readonly form: AnswerForm;
}

/** All that can be refused without asking the broker. */
function readCall(
  request: FastifyRequest,
  route: Parameter<number> | undefined,
  nowMs: number,
): Call {
  const path = readPath(request);
  const partition = route?.read(path);
  const producer = readProducer(request.headers);
  const body = readProduceBody(request, readQuery(request, PRODUCE_PARAMETERS), nowMs);
  checkRoute(body, producer, partition);
  const form = chooseAnswerForm(request, body);
  return { topic: TOPIC.read(path), partition, producer, body, form };
}

function place(topic: Topic, call: Call, sticky: StickyPartitions): Placement {
  const { body, partition } = call;
  return body.kind === 'records'
    ? placeRecords(topic, body.input, call, sticky)
    : placeBatches(topic, body.bytes, partition as number);
}

/** What only a partition's route can do. */
function checkRoute(
  body: ProduceBody,
  producer: ProducerSequence | undefined,
  partition: number | undefined,
): void {
  if (producer !== undefined && body.kind === 'batches') {
    throw refused('record batches carry their own producer id; leave the headers Producer-* out');
  }
  if (partition !== undefined) return;
  if (producer !== undefined) {
    throw refused(
      'Producer-Seq counts within a partition; POST to /topics/{topic}/partitions/{partition}',
    );
  }
  if (body.kind === 'batches') {
    throw refused(
      'record batches belong to one partition; POST to /topics/{topic}/partitions/{partition}',
    );
  }
}

function refused(message: string): MillraceError {
  return new MillraceError('INVALID_RECORD', message, { written: 'no' });
}
