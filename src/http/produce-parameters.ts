/** What a produce request says beside its body: query parameters, and the headers of producers. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ProducerSequence } from '../broker/broker.ts';
import { MillraceError } from '../model/errors.ts';
import { HEADER_BYTES_MAX, INT32_MAX, INT64_SAFE_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import { decodeBase64 } from './json-values.ts';
import type { Parameter, Schema, Texts } from './parameters.ts';
import { choiceParameter, parameter, textParameter } from './parameters.ts';

export const PRODUCE_FORMATS = ['json', 'text', 'base64'] as const;
export type ProduceFormat = (typeof PRODUCE_FORMATS)[number];

export const FORMAT: Parameter<ProduceFormat> = choiceParameter<ProduceFormat, ProduceFormat>({
  name: 'format',
  doc:
    'What values are in a body of `application/json`. `json`: any JSON, stored byte for byte as ' +
    'it was sent. `text`: a string, stored as its UTF-8. `base64`: `value_base64` and ' +
    '`key_base64` only.',
  choices: PRODUCE_FORMATS,
  default: 'json',
});

export const KEY: Parameter<string | undefined> = textParameter<string | undefined>({
  name: 'key',
  doc: 'Key of the one record whose value is the body, for bodies of other types.',
  lengthMax: HEADER_BYTES_MAX,
  default: undefined,
});

export const KEY_BASE64: Parameter<Uint8Array | undefined> = parameter<Uint8Array | undefined>({
  name: 'key_base64',
  doc: 'The same for a key that is not text.',
  schema: { type: 'string', contentEncoding: 'base64' },
  allowed: 'base64',
  default: undefined,
  parse: decodeBase64,
});

export const PRODUCE_PARAMETERS = [FORMAT, KEY, KEY_BASE64] as const;

/** Throws INVALID_REQUEST if one of `parameters`, which mean nothing to `type`, was given. */
export function refuseForType(
  texts: Texts,
  parameters: readonly Parameter<unknown>[],
  type: string,
): void {
  const given = parameters.find(({ name }) => texts[name] !== undefined);
  if (given === undefined) return;
  throw new MillraceError(
    'INVALID_REQUEST',
    `parameter ${given.name} means nothing to a body of ${type}`,
    { written: 'no', details: { parameter: given.name, type } },
  );
}

interface ProducerHeader {
  readonly name: string;
  readonly max: number;
  readonly doc: string;
}

/** Kafka's int16. */
const EPOCH_MAX = 32_767;

const ID: ProducerHeader = {
  name: 'producer-id',
  max: INT64_SAFE_MAX,
  doc: 'Makes the request safe to repeat: `producer_id` of `POST /producers`.',
};
const EPOCH: ProducerHeader = {
  name: 'producer-epoch',
  max: EPOCH_MAX,
  doc: '`producer_epoch` of the same.',
};
const SEQ: ProducerHeader = {
  name: 'producer-seq',
  max: INT32_MAX,
  doc: 'Sequence of the first record in this partition: 0 at first, then plus the number of records sent, 0 again after 2147483647.',
};
const PRODUCER_HEADERS = [ID, EPOCH, SEQ] as const;

export const PREFER_SCHEMA: Schema = {
  type: 'string',
  description:
    '`return=minimal` (RFC 7240): the answer names one base offset and count for each partition.',
};

export const PRODUCER_HEADER_SCHEMAS: Schema = Object.fromEntries(
  PRODUCER_HEADERS.map(({ name, max, doc }) => [
    name,
    { type: 'integer', minimum: 0, maximum: max, description: doc },
  ]),
);

/** Throws INVALID_REQUEST unless all three headers of a producer are there, or none. */
export function readProducer(headers: IncomingHttpHeaders): ProducerSequence | undefined {
  if (!PRODUCER_HEADERS.some(({ name }) => name in headers)) return undefined;
  return {
    producerId: readHeader(headers, ID),
    producerEpoch: readHeader(headers, EPOCH),
    baseSequence: readHeader(headers, SEQ),
  };
}

function readHeader(headers: IncomingHttpHeaders, { name, max }: ProducerHeader): number {
  const sent = headers[name];
  const text = typeof sent === 'string' ? sent : undefined;
  if (text !== undefined && /^\d{1,16}$/.test(text) && Number(text) <= max) return Number(text);
  const what = text === undefined ? 'is missing; a producer sends all three' : `is ${quote(text)}`;
  throw new MillraceError(
    'INVALID_REQUEST',
    `header ${name} ${what}; it must be an integer from 0 to ${max}`,
    { written: 'no', details: { header: name, received: text?.slice(0, 200) ?? null, max } },
  );
}

/** Whether `Prefer` (RFC 7240) asks for `return=minimal`. */
export function prefersMinimal(prefer: string | string[] | undefined): boolean {
  return (
    prefer !== undefined &&
    /(?:^|[,;\s])return\s*=\s*"?minimal"?\s*(?:[,;]|$)/i.test(String(prefer))
  );
}
