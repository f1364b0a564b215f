/**
 * What a consumer instance is asked to be. Its keys are Confluent's, mixed as they are; numbers
 * and booleans may come as text, because Kafka's own configurations are text.
 */
import type { Cursor } from '../membership/cursor.ts';
import { FETCH_BYTES_MAX, FETCH_WAIT_MS_MAX, GROUP_NAME_LENGTH_MAX } from '../model/limits.ts';
import { groupNameFault, quote } from '../model/names.ts';
import { HttpError } from './http-error.ts';
import type { JsonObject } from './json-body.ts';
import { RESETS } from './member-bodies.ts';
import type { V2Format } from './record-v2.ts';

export interface V2Config {
  /** undefined: the server makes one up. */
  readonly name: string | undefined;
  readonly format: V2Format;
  readonly autoOffsetReset: Cursor['autoOffsetReset'];
  readonly autoCommit: boolean;
  readonly bytesMin: number;
  /** The longest that a read waits; undefined: Confluent's default, and what a read asks for. */
  readonly waitMs: number | undefined;
}

export const V2_FORMATS = ['binary', 'json', 'text'] as const satisfies readonly V2Format[];

export const V2_CONFIG_KEYS = [
  'name',
  'format',
  'auto.offset.reset',
  'auto.commit.enable',
  'enable.auto.commit',
  'fetch.min.bytes',
  'consumer.request.timeout.ms',
] as const;

type Key = (typeof V2_CONFIG_KEYS)[number];

/** Throws INVALID_CONSUMER_CONFIG naming the key. null counts as left out. */
export function readV2Config(body: JsonObject): V2Config {
  const keys: readonly string[] = V2_CONFIG_KEYS;
  const unknown = Object.keys(body).filter((key) => !keys.includes(key));
  if (unknown.length > 0) {
    const named = unknown.slice(0, 10).map(quote).join(', ');
    throw refusal(`has keys that are not known: ${named}; known are ${keys.join(', ')}`, {
      unknown: unknown.slice(0, 10).map((each) => each.slice(0, 200)),
      allowed: keys,
    });
  }
  return {
    name: readName(body),
    format: readFormat(body),
    autoOffsetReset: readOf(body, 'auto.offset.reset', RESETS) ?? 'latest',
    autoCommit: readAutoCommit(body),
    // Confluent takes -1 for "not said".
    bytesMin: Math.max(1, readNumber(body, 'fetch.min.bytes', -1, FETCH_BYTES_MAX) ?? 1),
    waitMs: readNumber(body, 'consumer.request.timeout.ms', 0, FETCH_WAIT_MS_MAX),
  };
}

function readName(body: JsonObject): string | undefined {
  const name = body['name'] ?? undefined;
  if (name === undefined) return undefined;
  const rule = `text of 1 to ${GROUP_NAME_LENGTH_MAX} characters without control characters`;
  // The rules of group names: both stand in one path.
  if (typeof name !== 'string' || groupNameFault(name) !== undefined) {
    throw badValue('name', name, `${rule}, and not "." or ".."`);
  }
  return name;
}

function readFormat(body: JsonObject): V2Format {
  const value = body['format'];
  // Confluent does not mind the case.
  const text = typeof value === 'string' ? value.toLowerCase() : value;
  return readOf({ format: text }, 'format', V2_FORMATS) ?? 'binary';
}

function readAutoCommit(body: JsonObject): boolean {
  const [v2, kafka] = [readFlag(body, 'auto.commit.enable'), readFlag(body, 'enable.auto.commit')];
  if (v2 !== undefined && kafka !== undefined && v2 !== kafka) {
    throw badValue('enable.auto.commit', kafka, `what auto.commit.enable is, or left out`);
  }
  return v2 ?? kafka ?? true;
}

function readFlag(body: JsonObject, key: Key): boolean | undefined {
  const value = body[key] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw badValue(key, value, 'true or false');
}

function readNumber(body: JsonObject, key: Key, min: number, max: number): number | undefined {
  const value = body[key] ?? undefined;
  if (value === undefined) return undefined;
  const isText = typeof value === 'string' && /^-?\d{1,16}$/.test(value);
  const number = isText ? Number(value) : value;
  if (Number.isInteger(number) && (number as number) >= min && (number as number) <= max) {
    return number as number;
  }
  throw badValue(key, value, `an integer from ${min} to ${max}`);
}

function readOf<T extends string>(
  body: JsonObject,
  key: Key,
  choices: readonly T[],
): T | undefined {
  const value = body[key] ?? undefined;
  if (value === undefined) return undefined;
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  throw badValue(key, value, choices.map((choice) => `"${choice}"`).join(' or '));
}

function badValue(key: Key, received: unknown, rule: string): HttpError {
  const shown = quote(JSON.stringify(received));
  return refusal(`sets ${key} to ${shown}; it must be ${rule}`, { key, allowed: rule });
}

function refusal(fault: string, details: { readonly [name: string]: unknown }): HttpError {
  return new HttpError('INVALID_CONSUMER_CONFIG', `the consumer instance ${fault}`, { details });
}
