/** kafkajs, an npm client. */
import { adminScenarios } from '../support/clients/admin-scenarios.ts';
import { driverScene, withoutNullHeaders } from '../support/clients/driver-scene.ts';
import { groupScenarios } from '../support/clients/group-scenarios.ts';
import { startKafkaJsDriver } from '../support/clients/npm-clients.ts';
import { recordScenarios } from '../support/clients/record-scenarios.ts';

const scene = await driverScene('kafkajs', startKafkaJsDriver);

recordScenarios(scene, { adapt: withoutNullHeaders, plugged: 'snappy, lz4 and zstd' });
groupScenarios(scene);
adminScenarios(scene);
