import { expect, test } from 'vitest';
import { askAs, DESCRIBE_CLUSTER } from '../../support/kafka-admin-messages.ts';
import { kafkaParts } from '../../support/kafka-face.ts';

const NOT_ASKED = -(2 ** 31);

test.each([0, 1])('v%i tells of the one broker', async (version) => {
  const { context, broker } = kafkaParts();
  expect(await askAs({ context, version }, DESCRIBE_CLUSTER, {})).toEqual({
    throttleTimeMs: 0,
    errorCode: 0,
    errorMessage: null,
    ...(version >= 1 && { endpointType: 1 }),
    clusterId: broker.clusterId,
    controllerId: 1,
    brokers: [{ brokerId: 1, host: '127.0.0.1', port: 9092, rack: null }],
    clusterAuthorizedOperations: NOT_ASKED,
  });
});

test('the broker is where it is advertised', async () => {
  const advertised = { host: 'kafka.test', port: 19_092 };
  const { context } = kafkaParts({ settings: { advertised } });
  expect(await askAs({ context, version: 1 }, DESCRIBE_CLUSTER, {})).toMatchObject({
    brokers: [{ brokerId: 1, ...advertised }],
  });
});

test('what a client may do is told where it asks', async () => {
  const { context } = kafkaParts();
  const asked = { includeClusterAuthorizedOperations: true };
  expect(await askAs({ context, version: 0 }, DESCRIBE_CLUSTER, asked)).toMatchObject({
    clusterAuthorizedOperations: 8_096,
  });
});

test.each([
  [2, 114],
  [0, 115],
  [3, 115],
])('endpoints of type %i are not here: %i', async (endpointType, errorCode) => {
  const { context } = kafkaParts();
  expect(await askAs({ context, version: 1 }, DESCRIBE_CLUSTER, { endpointType })).toMatchObject({
    errorCode,
    errorMessage: `this is an endpoint of brokers (1), not of type ${endpointType}`,
  });
});
