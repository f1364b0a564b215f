/** Parts of the path and the query of the routes of Confluent's v2 consumers. */
import { checkTopicName } from '../model/names.ts';
import {
  FETCH_BYTES_DEFAULT,
  FETCH_BYTES_MAX,
  FETCH_WAIT_MS_MAX,
  GROUP_NAME_LENGTH_MAX,
  INT32_MAX,
  INT64_SAFE_MAX,
  TOPIC_NAME_LENGTH_MAX,
  V2_WAIT_MS_DEFAULT,
} from '../model/limits.ts';
import type { Parameter } from './parameters.ts';
import { integerParameter, pathParameter, textParameter } from './parameters.ts';

/** `:instance`; whether there is such a one is the table's to say. */
export const INSTANCE: Parameter<string> = pathParameter({
  name: 'instance',
  doc: 'The `instance_id` that the creation answered.',
  schema: { type: 'string', minLength: 1, maxLength: GROUP_NAME_LENGTH_MAX },
  allowed: 'the name of an instance',
  parse: (text) => text,
});

export const V2_TIMEOUT: Parameter<number | undefined> = integerParameter<number | undefined>({
  name: 'timeout',
  doc:
    'Milliseconds to wait for the first records; no more than `consumer.request.timeout.ms` of ' +
    `the instance where that was said, and than ${FETCH_WAIT_MS_MAX}. Without it, or with 0 or ` +
    `less: that of the instance, else ${V2_WAIT_MS_DEFAULT}.`,
  min: -INT64_SAFE_MAX,
  default: undefined,
});

export const V2_MAX_BYTES: Parameter<number | undefined> = integerParameter<number | undefined>({
  name: 'max_bytes',
  doc:
    'Bytes of stored batches to make the answer of, no more than ' +
    `${FETCH_BYTES_MAX}; the first batch is taken however large. Without it, or with 0 or less: ` +
    `${FETCH_BYTES_DEFAULT}.`,
  min: -INT64_SAFE_MAX,
  default: undefined,
});

const TOPIC_TEXT: Parameter<string | undefined> = textParameter<string | undefined>({
  name: 'topic',
  doc: 'In place of a body: the topic of one partition.',
  lengthMax: TOPIC_NAME_LENGTH_MAX,
  default: undefined,
});

export const TOPIC_QUERY: Parameter<string | undefined> = {
  ...TOPIC_TEXT,
  read(texts) {
    const topic = TOPIC_TEXT.read(texts);
    if (topic !== undefined) checkTopicName(topic);
    return topic;
  },
};

export const PARTITION_QUERY: Parameter<number | undefined> = integerParameter<number | undefined>({
  name: 'partition',
  doc: 'In place of a body: the number of that partition.',
  max: INT32_MAX,
  default: undefined,
});

interface Wished {
  /** What a read asks for. */
  readonly asked: number | undefined;
  /** Of the instance. */
  readonly configured: number | undefined;
}

/** Confluent's rule: what a read asks for counts where it is smaller than the instance's own. */
export function v2WaitMs({ asked, configured }: Wished): number {
  if (asked === undefined || asked <= 0) return configured ?? V2_WAIT_MS_DEFAULT;
  return Math.min(asked, configured ?? FETCH_WAIT_MS_MAX);
}

export function v2BytesMax(asked: number | undefined): number {
  return asked === undefined || asked <= 0 ? FETCH_BYTES_DEFAULT : Math.min(asked, FETCH_BYTES_MAX);
}
