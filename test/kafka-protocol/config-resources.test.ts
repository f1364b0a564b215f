import { expect, test } from 'vitest';
import {
  checkBrokerName,
  CONFIG_RESOURCE,
  resourceKey,
} from '../../src/kafka-protocol/config-resources.ts';

test('two resources have the same key only when they are the same', () => {
  const { TOPIC, BROKER } = CONFIG_RESOURCE;
  expect(resourceKey({ type: TOPIC, name: '1' })).toBe(resourceKey({ type: TOPIC, name: '1' }));
  expect(resourceKey({ type: TOPIC, name: '1' })).not.toBe(
    resourceKey({ type: BROKER, name: '1' }),
  );
  expect(resourceKey({ type: 2, name: '2 x' })).not.toBe(resourceKey({ type: 2, name: '2' }));
});

test('the broker is called by its id, and all brokers by nothing', () => {
  for (const name of ['1', '']) expect(() => checkBrokerName(name)).not.toThrow();
  for (const name of ['0', '2', '1 ', 'one']) {
    expect(() => checkBrokerName(name)).toThrow(/there is no broker/);
  }
});
