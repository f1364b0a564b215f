/** The broker on disk, as tests open it: everything that is a machine's is passed in. */
import { onTestFinished } from 'vitest';
import type { LocalBrokerOptions } from '../../src/broker/local/local-broker.ts';
import { LocalBroker } from '../../src/broker/local/local-broker.ts';
import { silentLog } from '../../src/model/log.ts';
import { realFiles } from '../../src/storage/real-files.ts';
import type { HostFacts } from '../../src/storage/host.ts';
import { ManualClock } from './manual-clock.ts';
import { SeededRandom } from './seeded-random.ts';

/** A machine on which every other process is gone. */
const HOST: HostFacts = {
  hostName: 'test',
  bootId: 'boot',
  pid: 1,
  processStart: '1',
  isAlive: async () => false,
};

type Options = Partial<LocalBrokerOptions> & { readonly directory: string };

export function localBrokerOptions(options: Options): LocalBrokerOptions {
  const random = new SeededRandom(1);
  return {
    files: realFiles,
    clock: new ManualClock(),
    log: silentLog,
    host: HOST,
    randomBytes: (count) => random.bytes(count),
    settings: { autoCreateTopics: true, defaultPartitions: 1 },
    ...options,
  };
}

/** Closed when the test is over. */
export async function openLocalBroker(options: Options): Promise<LocalBroker> {
  const broker = await LocalBroker.open(localBrokerOptions(options));
  onTestFinished(() => broker.close());
  return broker;
}
