/** @platformatic/kafka, an npm client. */
import { adminScenarios } from '../support/clients/admin-scenarios.ts';
import { driverScene, withoutNullHeaders } from '../support/clients/driver-scene.ts';
import { groupScenarios } from '../support/clients/group-scenarios.ts';
import { startPlatformaticDriver } from '../support/clients/npm-clients.ts';
import { recordScenarios } from '../support/clients/record-scenarios.ts';

const scene = await driverScene('platformatic', startPlatformaticDriver);

recordScenarios(scene, {
  adapt: withoutNullHeaders,
  partitioner: 'compatibilityPartitioner',
});
groupScenarios(scene);
adminScenarios(scene);
