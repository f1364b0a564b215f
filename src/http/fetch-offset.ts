/** The `offset` parameter: the ways to say where a read begins, and what each is right now. */
import type { Broker } from '../broker/broker.ts';
import { INT64_SAFE_MAX } from '../model/limits.ts';
import type { Parameter } from './parameters.ts';
import { parameter } from './parameters.ts';
import { parseTimestamp, TIMESTAMP_ALLOWED } from './timestamps.ts';

export type StartOffset =
  | 'earliest'
  | 'latest'
  | { readonly kind: 'offset'; readonly offset: number }
  /** The last so many records. */
  | { readonly kind: 'last'; readonly count: number }
  /** The first record at or after a time, in milliseconds. */
  | { readonly kind: 'since'; readonly timestamp: number };

export const OFFSET: Parameter<StartOffset> = parameter<StartOffset>({
  name: 'offset',
  doc:
    'Where to begin: an offset; `earliest`; `latest` (what is written from now on); `-N`, the ' +
    'last N records (all of them if there are fewer); or `@` and a time, as milliseconds or RFC ' +
    '3339: the first record with that timestamp or a later one, the end if there is none. An ' +
    'offset outside the log is refused (416).',
  schema: {
    type: 'string',
    pattern: '^(earliest|latest|-?\\d{1,16}|@.+)$',
    examples: ['earliest', '42', '-10', '@2026-11-21T06:00:00Z'],
  },
  allowed: `an offset, "earliest", "latest", -N for the last N, or @ and ${TIMESTAMP_ALLOWED}`,
  default: 'earliest',
  parse: parseStartOffset,
});

export function parseStartOffset(text: string): StartOffset | undefined {
  if (text === 'earliest' || text === 'latest') return text;
  if (text.startsWith('@')) {
    const timestamp = parseTimestamp(text.slice(1));
    return timestamp === undefined ? undefined : { kind: 'since', timestamp };
  }
  if (!/^-?\d{1,16}$/.test(text)) return undefined;
  const number = Math.abs(Number(text));
  if (number > INT64_SAFE_MAX) return undefined;
  return text.startsWith('-')
    ? { kind: 'last', count: number }
    : { kind: 'offset', offset: number };
}

/** Whether the answer is never outside the log, but for a log that moves meanwhile. */
export function isRelative(start: StartOffset): boolean {
  return typeof start === 'string' || start.kind !== 'offset';
}

/** The number that `start` stands for now; an offset is itself, wherever it lies. */
export async function resolveStartOffset(
  broker: Broker,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  start: StartOffset,
): Promise<number> {
  const query = async (at: Parameters<Broker['listOffset']>[2]): Promise<number> =>
    (await broker.listOffset(topic, partition, at)).offset;
  if (typeof start === 'string') return query(start);
  switch (start.kind) {
    case 'offset':
      return start.offset;
    case 'since':
      return query({ timestamp: start.timestamp });
    case 'last':
      return Math.max(await query('earliest'), (await query('latest')) - start.count);
  }
}
