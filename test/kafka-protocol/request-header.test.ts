import { expect, test } from 'vitest';
import { KafkaReader } from '../../src/codec/kafka-reader.ts';
import { KafkaWriter } from '../../src/codec/kafka-writer.ts';
import {
  readHeaderTags,
  readRequestHeader,
  writeResponseHeader,
} from '../../src/kafka-protocol/request-header.ts';
import { bytesOf } from '../support/damaged-bytes.ts';

function headerOf(text: string, isFlexible: boolean) {
  const reader = new KafkaReader(bytesOf(text), 'INVALID_REQUEST');
  const header = readRequestHeader(reader);
  readHeaderTags(reader, isFlexible);
  return { ...header, left: reader.left };
}

test('a request says its API, version, number and client', () => {
  const read = headerOf('0003 0009 00000007 0002 "me"', false);
  expect(read).toEqual({ key: 3, version: 9, correlationId: 7, clientId: 'me', left: 0 });
  expect(headerOf('0003 0000 ffffffff ffff', false)).toMatchObject({
    correlationId: -1,
    clientId: null,
  });
});

test('the client id keeps its plain form in front of tags', () => {
  const read = headerOf('0003 0009 00000007 0002 "me" 01 00 01 ff 05', true);
  expect(read).toMatchObject({ clientId: 'me', left: 1 });
});

test.each([
  [3, false, '00000007'],
  [3, true, '00000007 00'],
  [18, false, '00000007'],
  [18, true, '00000007'],
])('a response of API %i, flexible %s, begins %s', (key, isFlexible, expected) => {
  const writer = new KafkaWriter();
  writeResponseHeader(writer, { key, correlationId: 7 }, isFlexible);
  expect(writer.written()).toEqual(bytesOf(expected));
  expect(writer.isFlexible).toBe(isFlexible);
});
