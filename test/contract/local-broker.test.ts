import { openLocalBroker } from '../support/local-broker.ts';
import { SimulatedMachine } from '../support/simulated-machine.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { describeBrokerContract } from './broker-contract.ts';

describeBrokerContract('the local broker on the real disk', async ({ clock, ...settings }) =>
  openLocalBroker({ directory: await temporaryDirectory(), clock, settings }),
);

describeBrokerContract('the local broker on a simulated disk', ({ clock, ...settings }) => {
  const machine = new SimulatedMachine();
  return machine.start(machine.disk, { clock, settings });
});
