import { expect, test } from 'vitest';
import {
  CLUSTER_OPERATIONS,
  OPERATIONS_NOT_ASKED,
  TOPIC_OPERATIONS,
} from '../../src/kafka-protocol/authorized-operations.ts';

test('they are the numbers that Kafka without an authorizer gives', () => {
  expect(TOPIC_OPERATIONS).toBe(3_576);
  expect(CLUSTER_OPERATIONS).toBe(8_096);
  expect(OPERATIONS_NOT_ASKED).toBe(-(2 ** 31));
});
