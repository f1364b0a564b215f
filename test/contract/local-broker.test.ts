import { openLocalBroker } from '../support/local-broker.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { describeBrokerContract } from './broker-contract.ts';

describeBrokerContract('the local broker on the real disk', async ({ clock, ...settings }) =>
  openLocalBroker({ directory: await temporaryDirectory(), clock, settings }),
);

describeBrokerContract('the local broker on a simulated disk', async ({ clock, ...settings }) => {
  // The lock and the catalogue are SQLite's and stay on the real one.
  const directory = await temporaryDirectory();
  return openLocalBroker({ directory, clock, settings, files: new SimulatedFiles({ seed: 1 }) });
});
