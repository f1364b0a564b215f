import { describe, expect, test } from 'vitest';
import {
  FORMAT,
  KEY,
  KEY_BASE64,
  PRODUCER_HEADER_SCHEMAS,
  prefersMinimal,
  readProducer,
  refuseForType,
} from '../../src/http/produce-parameters.ts';
import { refusalOf } from '../support/refusal.ts';

test('parameters are read strictly', () => {
  expect(FORMAT.read({})).toBe('json');
  expect(FORMAT.read({ format: 'text' })).toBe('text');
  expect(refusalOf(() => FORMAT.read({ format: 'avro' })).message).toBe(
    'parameter format is "avro"; it must be "json" or "text" or "base64"',
  );
  expect(KEY.read({ key: '' })).toBe('');
  expect(KEY_BASE64.read({ key_base64: 'YWI=' })).toEqual(Buffer.from('ab'));
  expect(refusalOf(() => KEY_BASE64.read({ key_base64: '%' })).message).toBe(
    'parameter key_base64 is "%"; it must be base64',
  );
});

test('a parameter that means nothing to a type is refused, not ignored', () => {
  refuseForType({ key: 'a' }, [FORMAT], 'text/plain');
  expect(refusalOf(() => refuseForType({ key: 'a' }, [FORMAT, KEY], 'application/json'))).toEqual({
    code: 'INVALID_REQUEST',
    message: 'parameter key means nothing to a body of application/json',
    details: { parameter: 'key', type: 'application/json' },
  });
});

describe('the headers of a producer', () => {
  const all = { 'producer-id': '17', 'producer-epoch': '3', 'producer-seq': '2147483647' };

  test('come together or not at all', () => {
    expect(readProducer({})).toBeUndefined();
    expect(readProducer(all)).toEqual({
      producerId: 17,
      producerEpoch: 3,
      baseSequence: 2_147_483_647,
    });
    for (const name of Object.keys(all)) {
      const refused = refusalOf(() => readProducer({ ...all, [name]: undefined }));
      expect(refused.message).toContain(`header ${name} is missing; a producer sends all three`);
    }
  });

  test.each([
    ['producer-id', '-1'],
    ['producer-id', '9007199254740992'],
    ['producer-id', 'a'],
    ['producer-epoch', '32768'],
    ['producer-epoch', '0, 1'],
    ['producer-seq', '2147483648'],
    ['producer-seq', ''],
    ['producer-seq', '1.0'],
  ])('are integers within their bounds: %s %j is refused', (name, text) => {
    const refused = refusalOf(() => readProducer({ ...all, [name]: text }));
    expect(refused.code).toBe('INVALID_REQUEST');
    expect(refused.message).toContain(`header ${name} is ${JSON.stringify(text)}; it must be`);
    expect(refused.details).toMatchObject({ header: name, received: text });
  });

  test('are described by the names they are read by', () => {
    expect(Object.keys(PRODUCER_HEADER_SCHEMAS)).toEqual(Object.keys(all));
  });
});

test.each([
  ['return=minimal', true],
  ['RETURN=minimal', true],
  ['return="minimal"', true],
  ['respond-async, return=minimal; foo=bar', true],
  ['return = minimal', true],
  ['return=representation', false],
  ['return=minimalistic', false],
  ['noreturn=minimal', false],
  ['', false],
])('Prefer: %s', (prefer, expected) => {
  expect(prefersMinimal(prefer)).toBe(expected);
});

test('no Prefer is no preference', () => {
  expect(prefersMinimal(undefined)).toBe(false);
});
