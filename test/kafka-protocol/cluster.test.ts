import { expect, test } from 'vitest';
import { brokerAddress, isFutureEpoch } from '../../src/kafka-protocol/cluster.ts';
import { callOf, kafkaParts } from '../support/kafka-face.ts';

test('the broker is where its client found it, unless something else is advertised', () => {
  const found = callOf(kafkaParts().context);
  expect(brokerAddress(found)).toEqual(found.peer.local);
  const advertised = { host: 'kafka.test', port: 19_092 };
  expect(brokerAddress(callOf(kafkaParts({ settings: { advertised } }).context))).toEqual(
    advertised,
  );
});

test('epoch 0 and those who know of none are let pass, later leaders there never were', () => {
  expect([-1, 0, 1, 2_147_483_647].map(isFutureEpoch)).toEqual([false, false, true, true]);
});
