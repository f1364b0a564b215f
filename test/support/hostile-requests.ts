/**
 * Requests made from the API's description: of every operation, with every parameter, header and
 * media type that it names, as described or nearly so.
 */
import * as fc from 'fast-check';
import { encodeMsgpack } from '../../src/codec/msgpack.ts';
import type {
  OpenApiDocument,
  Operation,
  OperationParameter,
} from '../../src/http/openapi-document.ts';
import { encodedBatch, textRecord } from './batches.ts';
import { CODECS, compressedBatch } from './compressed-frames.ts';
import type { DescribedOperation } from './description.ts';
import { operationsOf } from './description.ts';
import type { Schema } from './hostile-values.ts';
import { valuesOf } from './hostile-values.ts';
import { damaged } from './json-arbitraries.ts';

export interface HostileRequest {
  readonly method: string;
  /** Path and query, in which `@...` stands for what the run has learned. */
  readonly url: string;
  readonly headers: Readonly<{ [name: string]: string }>;
  /** JSON as text, in which the same stands; anything else as bytes. */
  readonly body: string | Buffer | undefined;
}

/** Of a hundred values of a request, about so many are odd. */
const ODDNESS = 2;

const ODD_TYPES = [
  ...['', ' application/json', 'application/json ', '\tapplication/json', 'APPLICATION/JSON'],
  ...['application/json\ta', 'application/json a', 'application/json, text/plain', 'application'],
  ...['application/json; charset=utf-16', 'application/json;charset="UTF-8"', 'a/b;c', '/', '*/*'],
  ...['application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', 'text/plain'],
  ...['application/vnd.kafka.avro.v2+json', 'application/vnd.kafka.recordbatch;a=b'],
];

const ODD_ACCEPTS = ['*/*', 'text/plain', 'application/*;q=0', 'a', '"', ',,,', '*/*;q=2'];

/** What every run begins with, so that there is something to be asked for, and to be broken. */
export const PRELUDE: readonly HostileRequest[] = [
  ['PUT', '/topics/alpha', { partitions: 2 }],
  ['PUT', '/topics/beta', { partitions: 3 }],
  [
    'POST',
    '/topics/alpha',
    { records: [{ value: 1 }, { key: 'k', value: null, headers: { a: 'b' } }] },
  ],
  [
    'POST',
    '/topics/beta',
    {
      records: [
        { value: 'x', partition: 0 },
        { value: [], partition: 1 },
      ],
    },
  ],
  ['POST', '/groups/idle/offsets', { offsets: [{ topic: 'alpha', partition: 0, offset: 1 }] }],
  ['POST', '/groups/g/members', { topics: ['alpha', 'beta'] }],
  ['POST', '/consumers/h', { name: 'i1', 'auto.offset.reset': 'earliest' }],
  ['POST', '/consumers/h/instances/i1/subscription', { topics: ['alpha'] }],
  ['POST', '/consumers/g', { name: 'i2', format: 'json' }],
  [
    'POST',
    '/consumers/g/instances/i2/assignments',
    { partitions: [{ topic: 'beta', partition: 1 }] },
  ],
].map(([method, url, body]) => ({
  method: method as string,
  url: url as string,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
}));

/** One request of any operation. */
export function hostileRequests(document: OpenApiDocument): fc.Arbitrary<HostileRequest> {
  return fc.oneof(...operationsOf(document).map((each) => requestsOf(document, each)));
}

function requestsOf(
  document: OpenApiDocument,
  { method, path, operation }: DescribedOperation,
): fc.Arbitrary<HostileRequest> {
  const parameters = operation.parameters ?? [];
  return fc
    .record({
      inPath: texts(document, parameters, 'path'),
      inQuery: texts(document, parameters, 'query'),
      inHeader: texts(document, parameters, 'header'),
      stranger: fc.oneof({ weight: 30, arbitrary: fc.constant('') }, strangers),
      accept: accepts(operation),
      content: contents(document, operation),
    })
    .map(({ inPath, inQuery, inHeader, stranger, accept, content }) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        escaped(inPath[name] ?? ''),
      );
      const pairs = Object.entries(inQuery).map(([name, text]) => `${name}=${escaped(text)}`);
      const query = [...pairs, ...(stranger === '' ? [] : [stranger])].join('&');
      const headers: { [name: string]: string } = { ...inHeader };
      if (accept !== undefined) headers['accept'] = accept;
      if (content.type !== undefined) headers['content-type'] = content.type;
      return {
        method: method.toUpperCase(),
        url: query === '' ? filled : `${filled}?${query}`,
        headers: onlyVisible(headers),
        body: content.body,
      };
    });
}

const strangers = fc.constantFrom(
  'x=1',
  '__proto__=1',
  'format=json&format=text',
  'a',
  '%zz',
  '&&',
);

function texts(
  document: OpenApiDocument,
  parameters: readonly OperationParameter[],
  place: OperationParameter['in'],
): fc.Arbitrary<{ [name: string]: string }> {
  const those = parameters.filter((each) => each.in === place);
  const arbitraries = those.map((each) => [
    each.name,
    valuesOf(document, each.schema, each.name, ODDNESS).map((value) =>
      typeof value === 'string' ? value : JSON.stringify(value),
    ),
  ]);
  const shape = Object.fromEntries(arbitraries) as { [name: string]: fc.Arbitrary<string> };
  if (place === 'path') return fc.record(shape);
  return fc.record(shape, { requiredKeys: [] }) as fc.Arbitrary<{ [name: string]: string }>;
}

function accepts({ responses }: Operation): fc.Arbitrary<string | undefined> {
  const described = Object.values(responses).flatMap(({ content = {} }) => Object.keys(content));
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 4, arbitrary: fc.constantFrom('*/*', ...described) },
    fc.constantFrom(...ODD_ACCEPTS),
  );
}

interface Content {
  readonly type: string | undefined;
  readonly body: string | Buffer | undefined;
}

function contents(document: OpenApiDocument, { requestBody }: Operation): fc.Arbitrary<Content> {
  const none = fc.constant<Content>({ type: undefined, body: undefined });
  if (requestBody === undefined) return none;
  const described = Object.entries(requestBody.content).map(([type, { schema }]) =>
    bodies(document, type, schema).map((body): Content => ({ type, body })),
  );
  const oddlyTyped = fc
    .tuple(fc.constantFrom(...ODD_TYPES, undefined), fc.oneof(...described))
    .map(([type, { body }]): Content => ({ type, body }));
  return fc.oneof(
    { weight: 16, arbitrary: fc.oneof(...described) },
    { weight: 2, arbitrary: oddlyTyped },
    { weight: 1, arbitrary: none },
  );
}

function bodies(
  document: OpenApiDocument,
  type: string,
  schema: Schema,
): fc.Arbitrary<string | Buffer> {
  const json = (of: Schema): fc.Arbitrary<string> =>
    valuesOf(document, of, '', ODDNESS).map((value) => JSON.stringify(value));
  switch (type) {
    case 'application/msgpack':
      return json({ $ref: '#/components/schemas/Produce' }).map((text) =>
        encodeMsgpack(JSON.parse(text)),
      );
    case 'application/vnd.kafka.recordbatch':
      return recordBatches;
    case '*/*':
      return fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    default:
      return fc.oneof(
        { weight: 20, arbitrary: json(schema) },
        { weight: 1, arbitrary: damaged(json(schema)) },
      );
  }
}

const PLAIN = encodedBatch([textRecord('1'), textRecord('"two"')]);

const recordBatches = fc.oneof(
  fc.constantFrom(PLAIN, ...CODECS.map((codec) => compressedBatch(PLAIN, codec))),
  fc
    .array(fc.constantFrom(PLAIN, ...CODECS.map((codec) => compressedBatch(PLAIN, codec))), {
      maxLength: 3,
    })
    .map((batches) => Buffer.concat(batches)),
  fc.nat(PLAIN.length).map((length) => PLAIN.subarray(0, length)),
);

/**
 * Like `encodeURIComponent`, which throws at half a character; `@` stays for the run. The client
 * would resolve dots itself, in whatever spelling.
 */
function escaped(text: string): string {
  const isDots = text === '.' || text === '..';
  return isDots ? '...' : encodeURIComponent(text.toWellFormed()).replaceAll('%40', '@');
}

/** What a header cannot hold would be refused by the client, not by the server. */
function onlyVisible(headers: { readonly [name: string]: string }): { [name: string]: string } {
  const entries = Object.entries(headers).map(([name, text]) => [
    name,
    text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?'),
  ]);
  return Object.fromEntries(entries) as { [name: string]: string };
}
