/** Schemas in words: what a value is, and the members of an object. */
import { Html, html, inline } from './html.ts';
import type { Json } from './openapi-document.ts';

/** More values are no phrase any more. */
const ENUM_SHOWN_MAX = 8;

/** One phrase, such as `integer 0 to 10000`, with links to named schemas. */
export function schemaPhrase(schema: Json): Html {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  const either = (schema['oneOf'] ?? schema['anyOf']) as readonly Json[] | undefined;
  if (either !== undefined) return join(either.map(schemaPhrase), ' or ');
  if (schema['const'] !== undefined) return html`${JSON.stringify(schema['const'])}`;
  if (Array.isArray(schema['enum'])) {
    if (schema['enum'].length > ENUM_SHOWN_MAX) return html`one of ${schema['enum'].length} names`;
    return html`${schema['enum'].map((each) => JSON.stringify(each)).join(' or ')}`;
  }
  if (schema['items'] !== undefined) {
    return html`list of ${schemaPhrase(schema['items'] as Json)}`;
  }
  const words = html`${[typeNames(schema['type']), ...bounds(schema)].join(' ')}`;
  const values = schema['additionalProperties'];
  return isSchema(values) ? html`${words} of ${schemaPhrase(values)}` : words;
}

function isSchema(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function typeNames(type: unknown): string {
  if (type === undefined) return 'any JSON';
  return Array.isArray(type) ? type.join(' or ') : JSON.stringify(type).slice(1, -1);
}

function bounds(schema: Json): string[] {
  const { minimum, maximum, maxLength, format } = schema as Readonly<{
    [keyword: string]: string | number | undefined;
  }>;
  const words: string[] = [];
  if (format !== undefined) words.push(`(${format})`);
  // The largest safe integer is a bound of JSON, not of the member.
  const top = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum !== undefined && top !== undefined) words.push(`${minimum} to ${top}`);
  else if (minimum !== undefined) words.push(`from ${minimum}`);
  if (maxLength !== undefined) words.push(`of at most ${maxLength} characters`);
  return words;
}

function join(parts: readonly Html[], between: string): Html {
  return new Html(parts.map((part) => part.text).join(between));
}

/** The members of an object schema; undefined when it has none of its own. */
export function memberList(schema: Json): Html | undefined {
  const properties = schema['properties'] as Readonly<{ [name: string]: Json }> | undefined;
  if (properties === undefined) return undefined;
  const required = (schema['required'] ?? []) as readonly string[];
  return html`<dl>
    ${Object.entries(properties).map(([name, member]) =>
      definition(name, required.includes(name) ? undefined : 'optional', member),
    )}
  </dl>`;
}

/** One row: a name, a remark under it, and what its value is. */
export function definition(name: string, remark: string | undefined, schema: Json): Html {
  const { default: fallback, description, items } = schema;
  return html`<div>
    <dt>${name}${remark === undefined ? '' : html`<small>${remark}</small>`}</dt>
    <dd>
      ${typeof description === 'string' ? inline(description) : ''}
      <span class="kind"
        >${schemaPhrase(schema)}${
          fallback === undefined ? '' : `; default ${JSON.stringify(fallback)}`
        }</span
      >
      ${memberList(schema)} ${isSchema(items) ? memberList(items) : ''}
    </dd>
  </div>`;
}
