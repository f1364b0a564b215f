/**
 * npm run bench:peers -- [redis] [nats] [kafka]
 *
 * The same works for Millrace and for what it is compared with, in turn: each peer as it comes and
 * with every acknowledgement synced. One that is not there is left out, and the run says why. Leaves
 * bench/results/peers.json and peers.svg.
 */
import { NotThere } from '../../test/support/clients/assemble-step.ts';
import type { Assembled } from '../../test/support/clients/client.ts';
import { assembleJava } from '../../test/support/clients/java-client.ts';
import { recordRun } from '../support/record-run.ts';
import { kafkaPeers } from './kafka.ts';
import { millracePeer } from './millrace.ts';
import { findNats } from './nats.ts';
import type { Peer } from './peer.ts';
import { findRedis } from './redis.ts';
import { measurePeers } from './works.ts';

const NAMES = ['redis', 'nats', 'kafka'];

const named = process.argv.slice(2);
const unknown = named.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`no peer ${unknown.join(', ')}; there are ${NAMES.join(', ')}`);
  process.exit(2);
}
const isWanted = (name: string): boolean => named.length === 0 || named.includes(name);

const peers: Peer[] = [];
if (isWanted('redis')) peers.push(...((await orMissing('Redis', findRedis)) ?? []));
if (isWanted('nats')) peers.push(...((await orMissing('NATS', findNats)) ?? []));
let java: Assembled | undefined;
if (isWanted('kafka')) java = await orMissing('Kafka', assembleJava);
if (java) peers.push(...kafkaPeers(java));
await recordRun('peers', () => measurePeers([millracePeer(java), ...peers]));

async function orMissing<T>(name: string, find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
    console.log(`${name} is skipped: ${error.message}`);
    return undefined;
  }
}
