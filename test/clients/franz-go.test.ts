/** franz-go, a Go client. */
import { adminScenarios } from '../support/clients/admin-scenarios.ts';
import { driverScene } from '../support/clients/driver-scene.ts';
import { startGoDriver } from '../support/clients/go-clients.ts';
import { groupScenarios } from '../support/clients/group-scenarios.ts';
import { recordScenarios } from '../support/clients/record-scenarios.ts';
import { retryScenario } from '../support/clients/retry-scenario.ts';

const scene = await driverScene('franz-go', startGoDriver);

retryScenario(scene);
recordScenarios(scene);
groupScenarios(scene, { assignor: 'RangeBalancer' });
adminScenarios(scene);
