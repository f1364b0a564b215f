/** Which form a produce is answered in, and the answer in that form. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { encodeMsgpack } from '../codec/msgpack.ts';
import { JSON_TYPE, MSGPACK_TYPE } from './fetch-types.ts';
import { HttpError } from './http-error.ts';
import { chooseMediaType } from './media-types.ts';
import type { Produced } from './produce-answers.ts';
import { offsetsJson, offsetsMsgpack, v2Offsets, writtenPartitions } from './produce-answers.ts';
import type { ProduceBody, ProduceFamily } from './produce-body.ts';
import { V2_BODY_TYPES } from './produce-body.ts';
import { prefersMinimal } from './produce-parameters.ts';

export interface AnswerForm {
  readonly family: ProduceFamily;
  readonly type: string;
  /** Base offsets and counts instead of an offset for each record. */
  readonly isMinimal: boolean;
  /** Because `Prefer` asked for it. */
  readonly isPreferred: boolean;
}

/**
 * Longer text is handed over as bytes: it is all ASCII, and would be measured and then encoded as if
 * it were not. Shorter text leaves in one piece with the headers.
 */
const TEXT_CHARS_MAX = 4_096;

export const V2_TYPE = 'application/vnd.kafka.v2+json';

/** The first is what a caller without wishes gets. */
const ANSWER_TYPES: Readonly<Record<ProduceFamily, readonly string[]>> = {
  native: [JSON_TYPE, MSGPACK_TYPE],
  msgpack: [MSGPACK_TYPE, JSON_TYPE],
  // Some clients accept the type that they send.
  v2: [V2_TYPE, JSON_TYPE, ...V2_BODY_TYPES],
};

/** Throws 406 when `Accept` allows none of them: before anything is written. */
export function chooseAnswerForm({ headers }: FastifyRequest, body: ProduceBody): AnswerForm {
  const { family } = body;
  const offered = ANSWER_TYPES[family];
  const type = chooseMediaType(headers.accept, offered);
  if (type === undefined) {
    throw new HttpError('NOT_ACCEPTABLE', `Accept allows none of ${offered.join(', ')}`, {
      details: { received: headers.accept ?? null, offered },
    });
  }
  const isPreferred = family !== 'v2' && prefersMinimal(headers.prefer);
  // The records in encoded batches are not looked at one by one.
  return { family, type, isMinimal: isPreferred || body.kind === 'batches', isPreferred };
}

/** Sets the headers and gives the body, for the handler to return. */
export function answerProduced(
  reply: FastifyReply,
  form: AnswerForm,
  produced: Produced,
): string | Buffer {
  const { type, isPreferred } = form;
  if (isPreferred) reply.header('preference-applied', 'return=minimal');
  reply.header('content-type', type === JSON_TYPE ? 'application/json; charset=utf-8' : type);
  return payloadOf(form, produced);
}

function payloadOf({ family, type, isMinimal }: AnswerForm, produced: Produced): string | Buffer {
  // As bytes, because Fastify adds a charset to the type of text, and v2's type has none.
  if (family === 'v2') return Buffer.from(JSON.stringify(v2Offsets(produced)));
  if (type === MSGPACK_TYPE) {
    return isMinimal ? encodeMsgpack(writtenPartitions(produced)) : offsetsMsgpack(produced);
  }
  if (isMinimal) return JSON.stringify(writtenPartitions(produced));
  const json = offsetsJson(produced);
  return json.length > TEXT_CHARS_MAX ? Buffer.from(json, 'latin1') : json;
}
