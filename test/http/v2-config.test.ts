import { describe, expect, test } from 'vitest';
import { FETCH_BYTES_MAX, FETCH_WAIT_MS_MAX } from '../../src/model/limits.ts';
import { readV2Config } from '../../src/http/v2-config.ts';
import { refusalOf } from '../support/refusal.ts';

const DEFAULTS = {
  name: undefined,
  format: 'binary',
  autoOffsetReset: 'latest',
  autoCommit: true,
  bytesMin: 1,
  waitMs: undefined,
};

test('nothing said means what it means in Confluent', () => {
  expect(readV2Config({})).toEqual(DEFAULTS);
  const nulls = { name: null, format: null, 'auto.offset.reset': null, 'fetch.min.bytes': null };
  expect(readV2Config(nulls)).toEqual(DEFAULTS);
});

test('every key may be said, numbers and booleans also as text', () => {
  const said = {
    name: 'a b/ü',
    format: 'JSON',
    'auto.offset.reset': 'earliest',
    'auto.commit.enable': 'False',
    'enable.auto.commit': false,
    'fetch.min.bytes': '100',
    'consumer.request.timeout.ms': 0,
  };
  expect(readV2Config(said)).toEqual({
    name: 'a b/ü',
    format: 'json',
    autoOffsetReset: 'earliest',
    autoCommit: false,
    bytesMin: 100,
    waitMs: 0,
  });
  expect(readV2Config({ 'enable.auto.commit': 'false' }).autoCommit).toBe(false);
  expect(readV2Config({ 'fetch.min.bytes': -1 }).bytesMin).toBe(1);
  expect(readV2Config({ 'fetch.min.bytes': FETCH_BYTES_MAX }).bytesMin).toBe(FETCH_BYTES_MAX);
  expect(readV2Config({ name: 'x'.repeat(255) }).name).toHaveLength(255);
});

describe('is refused, and the key named:', () => {
  test.each([
    [{ name: '' }, 'name'],
    [{ name: 7 }, 'name'],
    [{ name: '..' }, 'name'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ name: 'x'.repeat(256) }, 'name'],
    [{ format: 'avro' }, 'format'],
    [{ format: 'jsonschema' }, 'format'],
    [{ format: 1 }, 'format'],
    [{ 'auto.offset.reset': 'smallest' }, 'auto.offset.reset'],
    [{ 'auto.commit.enable': 'yes' }, 'auto.commit.enable'],
    [{ 'auto.commit.enable': 1 }, 'auto.commit.enable'],
    [{ 'auto.commit.enable': true, 'enable.auto.commit': 'false' }, 'enable.auto.commit'],
    [{ 'fetch.min.bytes': -2 }, 'fetch.min.bytes'],
    [{ 'fetch.min.bytes': FETCH_BYTES_MAX + 1 }, 'fetch.min.bytes'],
    [{ 'fetch.min.bytes': '1e3' }, 'fetch.min.bytes'],
    [{ 'fetch.min.bytes': 1.5 }, 'fetch.min.bytes'],
    [{ 'consumer.request.timeout.ms': FETCH_WAIT_MS_MAX + 1 }, 'consumer.request.timeout.ms'],
  ])('%j', (body, key) => {
    const { code, message, details } = refusalOf(() => readV2Config(body));
    expect(code).toBe('INVALID_CONSUMER_CONFIG');
    expect(message).toContain(`sets ${key} to `);
    expect(details).toMatchObject({ key });
  });

  test('keys that are not known, however they are called', () => {
    const body = JSON.parse('{"name": "a", "auto.offset.rest": "x", "__proto__": 1}');
    expect(refusalOf(() => readV2Config(body))).toMatchObject({
      code: 'INVALID_CONSUMER_CONFIG',
      details: { unknown: ['auto.offset.rest', '__proto__'] },
    });
  });
});
