/** kafka-python, a client without native code. */
import { adminScenarios } from '../support/clients/admin-scenarios.ts';
import { driverScene, withoutNullHeaders } from '../support/clients/driver-scene.ts';
import { startPythonDriver } from '../support/clients/python-client.ts';
import { groupScenarios } from '../support/clients/group-scenarios.ts';
import { recordScenarios } from '../support/clients/record-scenarios.ts';
import { retryScenario } from '../support/clients/retry-scenario.ts';

const scene = await driverScene('kafka-python', startPythonDriver);

retryScenario(scene);
recordScenarios(scene, { adapt: withoutNullHeaders });
groupScenarios(scene);
adminScenarios(scene);
