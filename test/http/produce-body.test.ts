import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { encodeMsgpack } from '../../src/codec/msgpack.ts';
import type { ProduceBody } from '../../src/http/produce-body.ts';
import { V2_BODY_TYPES, readProduceBody } from '../../src/http/produce-body.ts';
import type { Texts } from '../../src/http/parameters.ts';
import { refusalOf } from '../support/refusal.ts';

const NOW = 1_780_000_000_000;

interface Sent {
  readonly body?: string | Buffer;
  readonly headers?: { readonly [name: string]: string };
  readonly texts?: Texts;
}

function read(
  type: string | undefined,
  { body = '', headers, texts = {} }: Sent = {},
): ProduceBody {
  const request = {
    headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
    body: body.length === 0 ? undefined : Buffer.from(body),
  };
  return readProduceBody(request as unknown as FastifyRequest, texts, NOW);
}

function recordsOf(body: ProduceBody) {
  return body.kind === 'records' ? body.input.records : [];
}

const JSON_BODY = '{"records":[{"value":"a"}]}';

describe('a body of records', () => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json;charset=utf8',
  ])('is native as %s', (type) => {
    const body = read(type, { body: JSON_BODY });
    expect(body).toMatchObject({ kind: 'records', family: 'native' });
    expect(recordsOf(body)).toMatchObject([{ value: Buffer.from('"a"') }]);
  });

  test('is read in the format that is asked for', () => {
    const body = read('application/json', { body: JSON_BODY, texts: { format: 'text' } });
    expect(recordsOf(body)).toMatchObject([{ value: Buffer.from('a') }]);
  });

  test('is MessagePack as application/msgpack', () => {
    const body = read('application/msgpack', {
      body: encodeMsgpack({ records: [{ value: 'a' }] }),
    });
    expect(body).toMatchObject({ kind: 'records', family: 'msgpack' });
    expect(recordsOf(body)).toMatchObject([{ value: Buffer.from('a') }]);
  });

  test.each([
    ['application/vnd.kafka.json.v2+json', '"YWI="'],
    ['application/vnd.kafka.binary.v2+json', 'ab'],
    ['application/vnd.kafka.text.v2+json', 'YWI='],
  ])('is v2 as %s', (type, value) => {
    const body = read(type, { body: '{"records":[{"value":"YWI="}]}' });
    expect(body).toMatchObject({ kind: 'records', family: 'v2' });
    expect(recordsOf(body)).toMatchObject([{ value: Buffer.from(value) }]);
  });

  test('is encoded batches as application/vnd.kafka.recordbatch, handed on unread', () => {
    const body = read('application/vnd.kafka.recordbatch', { body: 'anything' });
    expect(body).toEqual({ kind: 'batches', family: 'native', bytes: Buffer.from('anything') });
  });

  test('cannot be empty, whatever its type', () => {
    for (const type of [
      'application/json',
      'application/msgpack',
      'application/vnd.kafka.recordbatch',
      ...V2_BODY_TYPES,
    ]) {
      expect(refusalOf(() => read(type))).toMatchObject({
        code: 'INVALID_REQUEST',
        message: 'the body is empty',
      });
    }
  });
});

describe('a body of any other named type', () => {
  test('is one value as it is, and keeps its type as a header', () => {
    const type = 'image/png; note="x"';
    expect(recordsOf(read(type, { body: Buffer.of(0x89, 0x50, 0xff) }))).toEqual([
      {
        key: null,
        value: Buffer.of(0x89, 0x50, 0xff),
        headers: [{ key: 'content-type', value: Buffer.from(type) }],
        timestamp: NOW,
      },
    ]);
  });

  test('may be empty: an empty value, not a tombstone', () => {
    expect(recordsOf(read('text/plain'))).toMatchObject([{ value: Buffer.alloc(0) }]);
  });

  test('has its key as a parameter, as text or as base64', () => {
    const keyOf = (texts: Texts) => recordsOf(read('text/plain', { body: 'a', texts }))[0]?.key;
    expect(keyOf({ key: 'kü' })).toEqual(Buffer.from('kü'));
    expect(keyOf({ key: '' })).toEqual(Buffer.alloc(0));
    expect(keyOf({ key_base64: '/w==' })).toEqual(Buffer.of(255));
    expect(refusalOf(() => keyOf({ key: 'a', key_base64: 'YQ==' })).message).toContain(
      'both given',
    );
  });

  test('has a type of a length that can be given back', () => {
    const type = (length: number): string => `text/${'x'.repeat(length - 5)}`;
    expect(recordsOf(read(type(255), { body: 'a' }))).toHaveLength(1);
    expect(refusalOf(() => read(type(256), { body: 'a' }))).toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      details: { length_max: 255 },
    });
  });
});

describe('a body is refused with help', () => {
  test.each([
    [
      'application/x-www-form-urlencoded',
      "curl -d sends this; add -H 'content-type: application/json', or use --json",
    ],
    [
      'multipart/form-data; boundary=x',
      'Content-Type is "multipart/form-data; boundary=x"; send application/json or',
    ],
    [undefined, 'the body has no Content-Type; send application/json or'],
    ['nonsense', 'Content-Type is "nonsense"; send'],
    ['application/vnd.kafka.avro.v2+json', 'or application/vnd.kafka.json.v2+json'],
    ['application/vnd.kafka.jsonschema.v2+json', 'or application/vnd.kafka.json.v2+json'],
    ['application/vnd.kafka.v2+json', 'or application/vnd.kafka.json.v2+json'],
    ['application/vnd.kafka.json.v1+json', 'or application/vnd.kafka.json.v2+json'],
    ['APPLICATION/VND.KAFKA.PROTOBUF.V2+JSON', 'or application/vnd.kafka.json.v2+json'],
  ])('as %s', (type, message) => {
    const refused = refusalOf(() => read(type, { body: JSON_BODY }));
    expect(refused.code).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(refused.message).toContain(message);
  });

  test('when it is compressed', () => {
    const refused = refusalOf(() =>
      read('application/json', { body: JSON_BODY, headers: { 'content-encoding': 'gzip' } }),
    );
    expect(refused).toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      details: { received: 'gzip' },
    });
    const identity = { 'content-encoding': 'identity' };
    expect(
      recordsOf(read('application/json', { body: JSON_BODY, headers: identity })),
    ).toHaveLength(1);
  });

  test('when its JSON is in another charset', () => {
    const refused = refusalOf(() => read('application/json; charset=utf-16', { body: JSON_BODY }));
    expect(refused.message).toBe('charset is utf-16; send UTF-8');
  });

  test.each([
    ['application/json', 'key'],
    ['application/json', 'key_base64'],
    ['application/msgpack', 'format'],
    ['application/vnd.kafka.text.v2+json', 'format'],
    ['application/vnd.kafka.recordbatch', 'key'],
    ['text/plain', 'format'],
  ])('of %s with the parameter %s', (type, name) => {
    const refused = refusalOf(() => read(type, { body: JSON_BODY, texts: { [name]: 'text' } }));
    expect(refused.message).toBe(`parameter ${name} means nothing to a body of ${type}`);
  });
});
