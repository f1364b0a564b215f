import { expect, test } from 'vitest';
import { KafkaReader } from '../../src/codec/kafka-reader.ts';
import { KafkaWriter } from '../../src/codec/kafka-writer.ts';
import {
  errorOf,
  readInstanceId,
  readMember,
  refusalNumber,
} from '../../src/kafka-protocol/group-fields.ts';
import { MillraceError } from '../../src/model/errors.ts';

function readerOf(write: (writer: KafkaWriter) => void): KafkaReader {
  const writer = new KafkaWriter();
  write(writer);
  return new KafkaReader(writer.written(), 'INVALID_REQUEST');
}

function member(instance?: string | null) {
  return readerOf((writer) => {
    writer.writeString('g');
    writer.writeInt32(4);
    writer.writeString('m');
    if (instance !== undefined) writer.writeNullableString(instance);
  });
}

test('a member has an instance id where the version has it and the client gives one', () => {
  const known = { group: 'g', generation: 4, memberId: 'm' };
  expect(readMember(member(), false)).toEqual(known);
  expect(readMember(member(null), true)).toEqual(known);
  expect(readMember(member('i'), true)).toEqual({ ...known, groupInstanceId: 'i' });
  expect(readInstanceId(member(), false)).toEqual({});
});

test('a refusal becomes its number, work that is done none', async () => {
  const refusal = new MillraceError('ILLEGAL_GENERATION', 'old');
  expect(refusalNumber(refusal)).toBe(22);
  expect(await errorOf(Promise.reject(refusal))).toBe(22);
  expect(await errorOf(Promise.resolve('whatever'))).toBe(0);
});

test('a fault of our own is no refusal', async () => {
  const fault = new TypeError('a bug');
  expect(() => refusalNumber(fault)).toThrow(fault);
  await expect(errorOf(Promise.reject(fault))).rejects.toBe(fault);
});
