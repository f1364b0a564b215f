import { expect, test } from 'vitest';
import { brokerAddress } from '../../src/kafka-protocol/cluster.ts';
import { callOf, kafkaParts } from '../support/kafka-face.ts';

test('the broker is where its client found it, unless something else is advertised', () => {
  const found = callOf(kafkaParts().context);
  expect(brokerAddress(found)).toEqual(found.peer.local);
  const advertised = { host: 'kafka.test', port: 19_092 };
  expect(brokerAddress(callOf(kafkaParts({ settings: { advertised } }).context))).toEqual(
    advertised,
  );
});
