/**
 * Values made from the JSON Schemas of the API's description: mostly as described, now and then
 * not. What means something to the server (topics, members, cursors ...) comes from small pools,
 * so that one request meets what another one left.
 */
import * as fc from 'fast-check';
import type { OpenApiDocument } from '../../src/http/openapi-document.ts';
import { resolveRef } from './json-schema.ts';

export type Schema = Readonly<{ [keyword: string]: unknown }>;
type Values = fc.Arbitrary<unknown>;

const TOPICS = ['alpha', 'alpha', 'alpha', 'beta', 'beta', 'gamma'];
const ODD_TEXTS = [
  ...['', '.', '..', '__proto__', 'constructor', 'a/b', '\0', '\ud800', '\ufeff', 'ä\u2028', '%zz'],
  ...[250, 513, 5_000].map((length) => 'x'.repeat(length)),
];
const ODD_NUMBERS = [
  ...[-1, -0, 0, 1.5, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, 2 ** 53, -(2 ** 63), 1e300],
];

/** What JSON can say, and mostly of a wrong kind. */
const oddValue: Values = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(...ODD_NUMBERS),
  fc.constantFrom(null, true, false, [], {}, [[[[]]]]),
  fc.jsonValue({ maxDepth: 3 }),
);

/** `@...` stands for what only earlier answers can tell (`hostile-run.ts`). */
const NAMED: Readonly<{ [name: string]: Values }> = {
  topic: fc.constantFrom(...TOPICS),
  topic_pattern: fc.constantFrom('.*', 'a.+|beta', '[a-g]+', '(', '(a{1,240}){1,240}'),
  group: fc.constantFrom('g', 'g', 'g', 'h', 'h', 'idle'),
  member: fc.constantFrom('@member', '@member', '@member', 'nobody'),
  member_id: fc.constantFrom('@member', '@member', 'nobody'),
  group_instance_id: fc.constantFrom(null, null, 's1'),
  instance: fc.constantFrom('i1', 'i1', 'i2'),
  name: fc.constantFrom('i1', 'i2', null),
  generation: fc.constantFrom('@generation', '@generation', '@generation', 0, 99),
  cursor: fc.constantFrom('@cursor', '@cursor', '@cursor', 'AAAA', '%%'),
  partition: fc.constantFrom(0, 0, 0, 1, 2, 7),
  offset: fc.constantFrom(0, 1, 2, 5, 1_000_000),
  key_base64: fc.base64String(),
  value_base64: fc.base64String(),
  'producer-id': fc.constantFrom(0, 1, 2, 1_000),
  'producer-epoch': fc.constantFrom(0, 1),
  'producer-seq': fc.constantFrom(0, 1, 2, 3),
  before: fc.constantFrom(-1, 0, 1, 3),
  timestamp: fc.constantFrom(null, 0, 1_780_000_000_000, 2 ** 53 - 1),
};

/** The elements of lists under these names. */
const LISTED: Readonly<{ [name: string]: Values }> = {
  topics: fc.constantFrom('alpha', 'beta', 'gamma'),
  assignors: fc.constantFrom('range', 'roundrobin', 'sticky', 'cooperative-sticky', 'x'),
};

/** Of a hundred values about `oddness` are not what is described. */
export function valuesOf(
  document: OpenApiDocument,
  schema: Schema,
  name: string,
  oddness: number,
): Values {
  const make = (part: unknown, partName: string): Values =>
    valuesOf(document, part as Schema, partName, oddness);
  const described = (Object.hasOwn(NAMED, name) && NAMED[name]) || describedValues(schema, name);
  return fc.oneof(
    { weight: 100 - oddness, arbitrary: described },
    { weight: oddness, arbitrary: oddValue },
  );

  function describedValues(each: Schema, at: string): Values {
    if (each['$ref'] !== undefined) {
      return describedValues(resolveRef(document, each['$ref'] as string), at);
    }
    if (each['const'] !== undefined) return fc.constant(each['const']);
    if (each['enum'] !== undefined) return fc.constantFrom(...(each['enum'] as unknown[]));
    const choices = (each['anyOf'] ?? each['oneOf']) as Schema[] | undefined;
    if (choices !== undefined) return fc.oneof(...choices.map((choice) => make(choice, at)));
    const types = [each['type'] ?? 'any'].flat() as string[];
    return fc.oneof(...types.map((type) => valuesOfType(type, each, at)));
  }

  function valuesOfType(type: string, each: Schema, at: string): Values {
    switch (type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return integers(each, at);
      case 'string':
        return fc.oneof(fc.constantFrom('earliest', 'latest', '1', '@0'), fc.string());
      case 'array': {
        const items = LISTED[at] ?? make(each['items'] ?? {}, at);
        return fc.array(items, { minLength: Number(each['minItems'] ?? 0), maxLength: 3 });
      }
      case 'object':
        return objects(each);
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  function integers(each: Schema, at: string): Values {
    const min = Number(each['minimum'] ?? 0);
    const max = Number(each['maximum'] ?? Number.MAX_SAFE_INTEGER);
    // Ten thousand partitions in every second run would test nothing but patience.
    if (at === 'partitions') return fc.constantFrom(1, 2, 3, max + 1);
    return fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min, max: Math.min(max, min + 5_000) }) },
      fc.constantFrom(min, max, min - 1, max + 1),
    );
  }

  function objects(each: Schema): Values {
    const properties = (each['properties'] ?? {}) as { [name: string]: Schema };
    const required = (each['required'] ?? []) as string[];
    const members = Object.entries(properties).map(([property, part]) => [
      property,
      make(part, property),
    ]);
    const whole = fc.record(Object.fromEntries(members) as { [name: string]: Values }, {
      requiredKeys: required as never[],
      noNullPrototype: true,
    });
    return fc.oneof(
      { weight: 100 - oddness, arbitrary: whole },
      { weight: oddness, arbitrary: fc.tuple(whole, fc.string()).map(withStranger) },
    );
  }
}

function withStranger([object, name]: [object, string]): object {
  return { ...object, [name]: 1 };
}
