import { expect, test } from 'vitest';
import { KafkaReader } from '../../src/codec/kafka-reader.ts';
import { KafkaWriter } from '../../src/codec/kafka-writer.ts';
import { checkReplicas, readBrokers } from '../../src/kafka-protocol/replica-assignment.ts';

test('a partition lies on the one broker there is', () => {
  expect(() => checkReplicas([1], 0)).not.toThrow();
});

test.each([[[]], [[2]], [[1, 2]], [[1, 1]], [[-1]]])('it cannot lie on %j', (brokers) => {
  expect(() => checkReplicas(brokers, 7)).toThrow(
    expect.objectContaining({ number: 39, message: expect.stringContaining('partition 7') }),
  );
});

test.each([false, true])('brokers are read, flexible: %j', (isFlexible) => {
  const writer = new KafkaWriter();
  writer.isFlexible = isFlexible;
  writer.writeArray([1, -1, 2_147_483_647], (each) => writer.writeInt32(each));
  const reader = new KafkaReader(writer.written(), 'INVALID_REQUEST');
  reader.isFlexible = isFlexible;
  expect(readBrokers(reader)).toEqual([1, -1, 2_147_483_647]);
});
