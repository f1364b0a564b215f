/** The Java client, the one that all others are measured against. */
import { expect } from 'vitest';
import { clientTest } from '../support/clients/client.ts';
import { driverScene } from '../support/clients/driver-scene.ts';
import { groupScenarios } from '../support/clients/group-scenarios.ts';
import { startJavaDriver } from '../support/clients/java-client.ts';
import { recordScenarios } from '../support/clients/record-scenarios.ts';
import { retryScenario } from '../support/clients/retry-scenario.ts';

const scene = await driverScene('java', startJavaDriver);

retryScenario(scene);
recordScenarios(scene);
groupScenarios(scene);

clientTest('java', 'is told in words that there are no transactions', async (java) => {
  const records = [{ key: null, value: 'a' }];
  const call = { topic: 'transactions', transaction: 'a-transaction', records };
  await expect(scene.start(java).produce(call)).rejects.toThrow(/TransactionalIdAuthorization/);
});
