/**
 * Members of a JSON object in a request's body, read strictly: what is not of the right type or
 * outside its range is refused by name, with what came and what is allowed.
 */
import { MillraceError } from '../model/errors.ts';
import { quote } from '../model/names.ts';
import type { JsonObject } from './json-body.ts';

/** Throws INVALID_REQUEST; `rule` ends the sentence "it must be ...". */
export function badField(field: string, received: unknown, rule: string): MillraceError {
  const shown = received === undefined ? 'missing' : quote(JSON.stringify(received));
  return new MillraceError('INVALID_REQUEST', `${field} is ${shown}; it must be ${rule}`, {
    details: { field, received: received ?? null },
  });
}

interface IntegerRule {
  readonly min: number;
  readonly max: number;
}

export function requireInteger(body: JsonObject, field: string, { min, max }: IntegerRule): number {
  const value = body[field];
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw badField(field, value, `an integer from ${min} to ${max}`);
}

export function readInteger<T>(
  body: JsonObject,
  field: string,
  rule: IntegerRule & { readonly fallback: T },
): number | T {
  return body[field] === undefined ? rule.fallback : requireInteger(body, field, rule);
}

interface TextRule {
  readonly lengthMax: number;
}

export function requireText(body: JsonObject, field: string, { lengthMax }: TextRule): string {
  const value = body[field];
  if (typeof value === 'string' && value.length > 0 && value.length <= lengthMax) return value;
  throw badField(field, value, `a string of 1 to ${lengthMax} characters`);
}

/** null counts as left out. */
export function readText(body: JsonObject, field: string, rule: TextRule): string | undefined {
  const value = body[field];
  return value === undefined || value === null ? undefined : requireText(body, field, rule);
}

export function readChoice<T extends string>(
  body: JsonObject,
  field: string,
  { choices, fallback }: { readonly choices: readonly T[]; readonly fallback: T },
): T {
  const value = body[field];
  if (value === undefined) return fallback;
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  throw badField(field, value, choices.map((choice) => `"${choice}"`).join(' or '));
}

/** A list of strings, at least one and no two the same. */
export function readTexts(
  body: JsonObject,
  field: string,
  { countMax, lengthMax }: TextRule & { readonly countMax: number },
): string[] | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  const isText = (each: unknown): each is string =>
    typeof each === 'string' && each.length > 0 && each.length <= lengthMax;
  const rule = `a list of 1 to ${countMax} strings of 1 to ${lengthMax} characters, none twice`;
  if (!Array.isArray(value) || value.length === 0 || value.length > countMax) {
    throw badField(field, value, rule);
  }
  const texts = value.filter(isText);
  if (texts.length < value.length || new Set(texts).size < texts.length) {
    throw badField(field, value, rule);
  }
  return texts;
}
