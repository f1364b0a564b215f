/**
 * Parameters of paths and queries: one definition makes both what the API's description says of
 * a parameter and what reads it. An error names the parameter, what came and what is allowed; a
 * parameter given twice or not known is refused by name, because a mistyped one that is ignored
 * is a wrong answer that looks right.
 */
import assert from 'node:assert';
import type { FastifyRequest } from 'fastify';
import { MillraceError } from '../model/errors.ts';
import { INT32_MAX, INT64_SAFE_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';

/** A JSON Schema, as far as it is written by hand here. */
export type Schema = Readonly<{ [keyword: string]: unknown }>;

/** Texts by name, as `readQuery` and `readPath` give them. */
export type Texts = Readonly<{ [name: string]: string | undefined }>;

export interface Parameter<T> {
  readonly name: string;
  readonly schema: Schema;
  /** The value, or the default when it was not given. Throws INVALID_REQUEST. */
  read(texts: Texts): T;
}

interface About<T> {
  readonly name: string;
  /** For people: what it does, in which unit. */
  readonly doc: string;
  readonly default: T;
}

interface Definition<T> extends About<T> {
  /** JSON Schema of the value. */
  readonly schema: Schema;
  /** Ends the sentence "it must be ...". */
  readonly allowed: string;
  /** undefined when `text` is not allowed. */
  readonly parse: (text: string) => T | undefined;
}

/** The general form, for what the ones below do not fit. */
export function parameter<T>(definition: Definition<T>): Parameter<T> {
  const { name, doc, allowed, parse, default: fallback } = definition;
  const shown = fallback === undefined || fallback === null ? {} : { default: fallback };
  return {
    name,
    schema: { ...definition.schema, description: doc, ...shown },
    read(texts) {
      const text = texts[name];
      if (text === undefined) return fallback;
      const value = parse(text);
      if (value === undefined) throw invalidParameter(name, text, allowed);
      return value;
    },
  };
}

export function invalidParameter(name: string, received: string, allowed: string): MillraceError {
  return new MillraceError(
    'INVALID_REQUEST',
    `parameter ${name} is ${quote(received)}; it must be ${allowed}`,
    { details: { parameter: name, received: received.slice(0, 200), allowed } },
  );
}

interface IntegerAbout<T> extends About<T> {
  readonly min?: number;
  readonly max?: number;
}

export function integerParameter<T extends number | undefined>(
  about: IntegerAbout<T>,
): Parameter<T | number> {
  const { min = 0, max = INT64_SAFE_MAX } = about;
  return parameter<T | number>({
    ...about,
    schema: { type: 'integer', minimum: min, maximum: max },
    allowed: `an integer from ${min} to ${max}`,
    parse: (text) => parseInteger(text, min, max),
  });
}

function parseInteger(text: string, min: number, max: number): number | undefined {
  if (!/^-?\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

export function choiceParameter<T extends string, D extends T | undefined>(
  about: About<D> & { readonly choices: readonly T[] },
): Parameter<T | D> {
  return parameter<T | D>({
    ...about,
    schema: { type: 'string', enum: about.choices },
    allowed: about.choices.map((choice) => `"${choice}"`).join(' or '),
    parse: (text) => about.choices.find((choice) => choice === text),
  });
}

/** `true` and `false`; the bare name means true. */
export function booleanParameter(about: About<boolean>): Parameter<boolean> {
  return parameter<boolean>({
    ...about,
    schema: { type: 'boolean' },
    allowed: 'true or false',
    parse: (text) => (text === 'true' || text === '' ? true : text === 'false' ? false : undefined),
  });
}

export function textParameter<T extends string | undefined>(
  about: About<T> & { readonly lengthMax: number },
): Parameter<T | string> {
  return parameter<T | string>({
    ...about,
    schema: { type: 'string', maxLength: about.lengthMax },
    allowed: `at most ${about.lengthMax} characters`,
    parse: (text) => (text.length <= about.lengthMax ? text : undefined),
  });
}

/** The query's texts, after a check that each parameter is one of `known` and given once. */
export function readQuery(request: FastifyRequest, known: readonly Parameter<unknown>[]): Texts {
  const query = request.query as Readonly<{ [name: string]: string | string[] }>;
  for (const name of Object.keys(query)) {
    if (!known.some((each) => each.name === name)) throw unknownParameter(name, known);
    const given = query[name];
    if (Array.isArray(given)) {
      throw new MillraceError(
        'INVALID_REQUEST',
        `parameter ${name} is given ${given.length} times; give it once`,
        { details: { parameter: name, received: given.map((each) => each.slice(0, 200)) } },
      );
    }
  }
  return query as Texts;
}

function unknownParameter(name: string, known: readonly Parameter<unknown>[]): MillraceError {
  const allowed = known.map((each) => each.name);
  const hint = allowed.length === 0 ? 'this route takes none' : `known are ${allowed.join(', ')}`;
  return new MillraceError('INVALID_REQUEST', `parameter ${quote(name)} is unknown; ${hint}`, {
    details: { parameter: name.slice(0, 200), allowed },
  });
}

/** The JSON Schema of a whole query or path, for the API's description. */
export function parametersSchema(known: readonly Parameter<unknown>[]): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(known.map((each) => [each.name, each.schema])),
  };
}

/** The decoded texts of the path, such as `topic`. */
export function readPath(request: FastifyRequest): Texts {
  return request.params as Texts;
}

/** A part of the path, which is always there. */
export function pathParameter<T>(definition: Omit<Definition<T>, 'default'>): Parameter<T> {
  const optional = parameter<T | undefined>({ ...definition, default: undefined });
  return {
    ...optional,
    read(texts) {
      const value = optional.read(texts);
      assert(value !== undefined, `the route has no :${definition.name}`);
      return value;
    },
  };
}

/** `:topic`; what a name may be is the broker's to say. */
export const TOPIC: Parameter<string> = pathParameter({
  name: 'topic',
  doc: 'Name of the topic.',
  schema: { type: 'string', pattern: '^[a-zA-Z0-9._-]{1,249}$' },
  allowed: 'a topic name',
  parse: (text) => text,
});

/** `:partition`; whether the topic has it is the broker's to say. */
export const PARTITION: Parameter<number> = pathParameter({
  name: 'partition',
  doc: 'Number of the partition, from 0.',
  schema: { type: 'integer', minimum: 0, maximum: INT32_MAX },
  allowed: `an integer from 0 to ${INT32_MAX}`,
  parse: (text) => parseInteger(text, 0, INT32_MAX),
});
