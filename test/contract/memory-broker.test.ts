import { createMemoryBroker } from '../support/memory-broker.ts';
import { describeBrokerContract } from './broker-contract.ts';

describeBrokerContract('the memory broker', async (settings) => createMemoryBroker(settings));
