/** Query parameters of the routes about partitions. */
import type { Parameter } from './parameters.ts';
import { integerParameter, parameter } from './parameters.ts';
import { TIMESTAMP_ALLOWED, parseTimestamp } from './timestamps.ts';

/** As in Kafka's DeleteRecords. */
export const BEFORE_HIGH_WATERMARK = -1;

export const BEFORE: Parameter<number> = integerParameter<number>({
  name: 'before',
  doc: 'Records below this offset are removed; -1, the default, removes all that readers can see.',
  min: BEFORE_HIGH_WATERMARK,
  default: BEFORE_HIGH_WATERMARK,
});

export const TIMESTAMP: Parameter<number | undefined> = parameter<number | undefined>({
  name: 'timestamp',
  doc: 'Also answer the first offset whose record has this time or a later one: milliseconds since 1970, or RFC 3339.',
  schema: { type: 'string', examples: ['2026-11-21T06:00:00Z'] },
  allowed: TIMESTAMP_ALLOWED,
  default: undefined,
  parse: parseTimestamp,
});
