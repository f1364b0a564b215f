import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { readJsonBody, refuseUnknownMembers, requireJsonBody } from '../../src/http/json-body.ts';
import { ADMIN_BODY_BYTES_MAX, BODY_DEPTH_MAX } from '../../src/model/limits.ts';
import { refusalOf } from '../support/refusal.ts';

const JSON_TYPE = 'application/json';

function request(body: string | Uint8Array | undefined, type: string | undefined = JSON_TYPE) {
  const bytes = body === undefined ? undefined : Buffer.from(body as string);
  return { body: bytes, headers: { 'content-type': type } } as unknown as FastifyRequest;
}

describe('readJsonBody', () => {
  test('an object is read, under any spelling of its type', () => {
    for (const type of [
      JSON_TYPE,
      'Application/Json; charset=utf-8',
      'application/vnd.kafka.v2+json',
    ]) {
      expect(readJsonBody(request('{"a": 1}', type))).toEqual({ a: 1 });
    }
  });

  test('no body is undefined, whatever the type; requireJsonBody refuses it', () => {
    expect(readJsonBody(request(undefined))).toBeUndefined();
    expect(readJsonBody(request('', 'text/plain'))).toBeUndefined();
    expect(refusalOf(() => requireJsonBody(request(undefined))).code).toBe('INVALID_REQUEST');
  });

  test('curl -d without a type is told what to add', () => {
    const { code, message } = refusalOf(() =>
      readJsonBody(request('{}', 'application/x-www-form-urlencoded')),
    );
    expect(code).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(message).toContain("add -H 'content-type: application/json', or use --json");
  });

  test('no type and another type are refused', () => {
    const withoutType = { body: Buffer.from('{}'), headers: {} } as unknown as FastifyRequest;
    expect(refusalOf(() => readJsonBody(withoutType)).message).toContain('no Content-Type');
    expect(refusalOf(() => readJsonBody(request('{}', 'text/plain'))).message).toContain(
      '"text/plain"',
    );
  });

  test.each(['[]', 'null', '"x"', '1'])('%s is not an object', (body) => {
    expect(refusalOf(() => readJsonBody(request(body))).message).toBe(
      'the body must be a JSON object',
    );
  });

  test('what is not JSON says where it stops being it', () => {
    expect(refusalOf(() => readJsonBody(request('{"a": tru}'))).message).toMatch(
      /^the body is not JSON: Unexpected token '\}'/,
    );
  });

  test('bytes that are not UTF-8 are refused, not replaced', () => {
    const body = Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d);
    expect(refusalOf(() => readJsonBody(request(body))).message).toBe(
      'the body is not valid UTF-8',
    );
  });

  test('the depth is bounded, far beyond it too', () => {
    const nested = (levels: number): string =>
      `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(readJsonBody(request(nested(BODY_DEPTH_MAX)))).toBeDefined();
    for (const levels of [BODY_DEPTH_MAX + 1, 100_000]) {
      expect(refusalOf(() => readJsonBody(request(nested(levels)))).message).toContain(
        `deeper than ${BODY_DEPTH_MAX}`,
      );
    }
  });

  test('a number that is none is refused as it was sent, wherever it stands', () => {
    for (const [sent, received] of [
      ['1e400', '1e400'],
      ['-2.5E+999', '-2.5E+999'],
      ['9'.repeat(1_000), '9'.repeat(40)],
    ]) {
      for (const text of [
        `{"a":${sent}}`,
        `{"b":1e308,"a":[{"c":"1e999"},[${sent}, null, 1e500]]}`,
      ]) {
        const { code, message, details } = refusalOf(() => readJsonBody(request(text)));
        expect(code).toBe('INVALID_REQUEST');
        expect(message).toBe(
          `the body holds the number ${received}, which is too large for any field`,
        );
        expect(details).toEqual({ received });
      }
    }
    expect(readJsonBody(request('{"a":-1e308}'))).toEqual({ a: -1e308 });
  });

  test('the size is bounded', () => {
    const sized = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
    expect(readJsonBody(request(sized(ADMIN_BODY_BYTES_MAX)))).toBeDefined();
    const { code, details } = refusalOf(() =>
      readJsonBody(request(sized(ADMIN_BODY_BYTES_MAX + 1))),
    );
    expect(code).toBe('BODY_TOO_LARGE');
    expect(details).toEqual({ limit_bytes: ADMIN_BODY_BYTES_MAX });
  });
});

test('unknown members are named, also those that JavaScript knows', () => {
  const body = readJsonBody(request('{"partitions": 1, "__proto__": {}, "constructor": 2}'));
  const { message, details } = refusalOf(() =>
    refuseUnknownMembers(body ?? {}, ['partitions'], 'the body'),
  );
  expect(message).toBe(
    'the body has unknown members: "__proto__", "constructor"; known are partitions',
  );
  expect(details['unknown']).toEqual(['__proto__', 'constructor']);
});
