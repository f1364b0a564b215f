/**
 * The part of JSON Schema 2020-12 that our OpenAPI document uses. A keyword it does not know is an
 * error, so that nothing is passed over in silence.
 */

type Schema = Readonly<{ [keyword: string]: unknown }>;

const ANNOTATIONS = new Set([
  'description',
  'default',
  'example',
  'examples',
  'format',
  'contentEncoding',
  'deprecated',
  'title',
]);

/** What is wrong with `value`, each line with its place; empty when it conforms. */
export function schemaFaults(root: object, schema: Schema, value: unknown, place = '$'): string[] {
  const check = (part: unknown, each: unknown, where: string): string[] =>
    schemaFaults(root, part as Schema, each, where);
  return Object.entries(schema).flatMap(([keyword, rule]): string[] => {
    switch (keyword) {
      case '$ref':
        return check(resolveRef(root, rule as string), value, place);
      case 'type': {
        const types = [rule].flat() as string[];
        return types.some((type) => isType(type, value))
          ? []
          : [`${place} is ${JSON.stringify(value)?.slice(0, 80)}, not ${types.join(' or ')}`];
      }
      case 'const':
        return value === rule ? [] : [`${place} is not ${JSON.stringify(rule)}`];
      case 'enum':
        return (rule as unknown[]).includes(value) ? [] : [`${place} is not one of its values`];
      case 'oneOf':
      case 'anyOf': {
        const faults = (rule as unknown[]).map((each) => check(each, value, place));
        return faults.some((each) => each.length === 0) ? [] : faults.flat();
      }
      case 'required':
        return isType('object', value)
          ? (rule as string[])
              .filter((name) => !Object.hasOwn(value as object, name))
              .map((name) => `${place}.${name} is missing`)
          : [];
      case 'properties':
        return isType('object', value)
          ? Object.entries(rule as object).flatMap(([name, part]) =>
              Object.hasOwn(value as object, name)
                ? check(part, (value as Schema)[name], `${place}.${name}`)
                : [],
            )
          : [];
      case 'additionalProperties':
        return isType('object', value) ? additional(schema, value as Schema, place, check) : [];
      case 'uniqueItems':
        return Array.isArray(value) &&
          new Set(value.map((each) => JSON.stringify(each))).size < value.length
          ? [`${place} has an element twice`]
          : [];
      case 'items':
        return Array.isArray(value)
          ? value.flatMap((each, index) => check(rule, each, `${place}[${index}]`))
          : [];
      case 'minimum':
        return typeof value !== 'number' || value >= (rule as number)
          ? []
          : [`${place} is too small`];
      case 'maximum':
        return typeof value !== 'number' || value <= (rule as number)
          ? []
          : [`${place} is too large`];
      case 'minItems':
      case 'maxItems':
      case 'minLength':
      case 'maxLength':
      case 'minProperties':
      case 'pattern':
        // Bounds of what is sent to the server, not of what it answers.
        return [];
      default:
        return ANNOTATIONS.has(keyword) || keyword.startsWith('x-')
          ? []
          : [`${place}: the keyword ${keyword} is unknown to this checker`];
    }
  });
}

function additional(
  { properties = {}, additionalProperties: rule }: Schema,
  value: Schema,
  place: string,
  check: (part: unknown, each: unknown, where: string) => string[],
): string[] {
  const names = Object.keys(value).filter((name) => !Object.hasOwn(properties as object, name));
  if (rule === true) return [];
  if (rule === false) return names.map((name) => `${place}.${name} is not described`);
  return names.flatMap((name) => check(rule, value[name], `${place}.${name}`));
}

function isType(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isSafeInteger(value);
    default:
      return typeof value === type;
  }
}

/** Throws when a reference leads nowhere. */
export function resolveRef(root: object, reference: string): Schema {
  const found = reference
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((at, name) => (at as Schema | undefined)?.[name], root);
  if (found === undefined) throw new Error(`${reference} leads nowhere`);
  return found as Schema;
}
