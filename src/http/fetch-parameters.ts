/** Query parameters of the routes that read records; `offset` has a file of its own. */
import { MillraceError } from '../model/errors.ts';
import {
  FETCH_BYTES_DEFAULT,
  FETCH_BYTES_MAX,
  FETCH_RECORDS_DEFAULT,
  FETCH_RECORDS_MAX,
  FETCH_WAIT_MS_MAX,
} from '../model/limits.ts';
import { OFFSET } from './fetch-offset.ts';
import { EVENTS_TYPE, NDJSON_TYPE } from './fetch-types.ts';
import type { Parameter, Texts } from './parameters.ts';
import { booleanParameter, choiceParameter, integerParameter } from './parameters.ts';
import type { ValueFormat } from './record-json.ts';
import { VALUE_FORMATS } from './record-json.ts';

export const MAX_RECORDS: Parameter<number | undefined> = integerParameter<number | undefined>({
  name: 'max_records',
  doc:
    `Records of the answer, ${FETCH_RECORDS_DEFAULT} if not said. Record batches leave whole: ` +
    'there it ends the answer after the batch that reaches it, and is no bound if not said. A ' +
    'stream ends after so many, and is not bounded if not said; it may be larger there.',
  min: 1,
  default: undefined,
});

export const MAX_BYTES: Parameter<number> = integerParameter<number>({
  name: 'max_bytes',
  doc:
    'Bytes of stored batches to make the answer of; the first batch is taken however large, so ' +
    'there is always a record if there is any. Fewer may be taken while the server is busy.',
  min: 1,
  max: FETCH_BYTES_MAX,
  default: FETCH_BYTES_DEFAULT,
});

export const MIN_BYTES: Parameter<number> = integerParameter<number>({
  name: 'min_bytes',
  doc: 'Bytes of stored batches worth ending the wait for; needs `timeout`.',
  max: FETCH_BYTES_MAX,
  default: 1,
});

export const TIMEOUT: Parameter<number> = integerParameter<number>({
  name: 'timeout',
  doc: 'Milliseconds to wait for `min_bytes`; then comes what there is, also nothing.',
  max: FETCH_WAIT_MS_MAX,
  default: 0,
});

export const FORMAT: Parameter<ValueFormat> = choiceParameter<ValueFormat, ValueFormat>({
  name: 'format',
  doc:
    'How values are shown in JSON. `json`: as the JSON they are, byte for byte. `text`: as a ' +
    'string. `base64`: as `value_base64`, and keys as `key_base64`. What is not valid JSON or ' +
    'UTF-8 always comes as base64.',
  choices: VALUE_FORMATS,
  default: 'json',
});

export const FOLLOW: Parameter<boolean> = booleanParameter({
  name: 'follow',
  doc:
    'Whether the stream stays open for records to come. An NDJSON stream does not if not said, an ' +
    'event stream does.',
  default: false,
});

export const RECORD_OFFSET: Parameter<number> = integerParameter<number>({
  name: 'offset',
  doc: 'Offset of the record.',
  default: 0,
});

export const RECORD_FORMAT: Parameter<ValueFormat | 'raw'> = choiceParameter<
  ValueFormat | 'raw',
  ValueFormat
>({
  name: 'format',
  doc:
    'How the value is shown in JSON, see the reading of many records; or `raw`: the answer is ' +
    'the value itself, under the content type it was stored with.',
  choices: [...VALUE_FORMATS, 'raw'],
  default: 'json',
});

export const FETCH_PARAMETERS = [
  OFFSET,
  MAX_RECORDS,
  MAX_BYTES,
  MIN_BYTES,
  TIMEOUT,
  FORMAT,
  FOLLOW,
] as const;

/** `max_records` of a page: pages are bounded whatever the caller says. */
export function pageRecords<T extends number | undefined>(texts: Texts, fallback: T): number | T {
  const records = MAX_RECORDS.read(texts);
  if (records !== undefined && records > FETCH_RECORDS_MAX) {
    throw new MillraceError(
      'INVALID_REQUEST',
      `parameter max_records is ${records}; it must be at most ${FETCH_RECORDS_MAX} here`,
      { details: { parameter: 'max_records', received: records, allowed: FETCH_RECORDS_MAX } },
    );
  }
  return records ?? fallback;
}

/** Throws INVALID_REQUEST if one of `parameters`, which mean nothing with `type`, was given. */
export function refuseParameters(
  texts: Texts,
  parameters: readonly Parameter<unknown>[],
  type: string,
): void {
  const given = parameters.find(({ name }) => texts[name] !== undefined);
  if (given === undefined) return;
  const hint = given === FOLLOW ? `; send accept: ${NDJSON_TYPE} or ${EVENTS_TYPE}` : '';
  throw new MillraceError(
    'INVALID_REQUEST',
    `parameter ${given.name} means nothing to an answer of ${type}${hint}`,
    { details: { parameter: given.name, type } },
  );
}
