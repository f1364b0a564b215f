/**
 * The cluster as clients see it: one broker, which leads every partition and coordinates every
 * group. Nothing is ever elected, so the leader epoch stays what it was at the beginning.
 */
import type { Call } from './api.ts';
import type { HostAndPort } from './context.ts';

export const NODE_ID = 1;
export const LEADER_EPOCH = 0;
export const NO_LEADER_EPOCH = -1;
/** A topic without an id, or one whose id is not known. */
export const NO_TOPIC_ID = '00000000-0000-0000-0000-000000000000';

/** Whether a client has heard of a leader that was never elected here: of another cluster, maybe. */
export function isFutureEpoch(leaderEpoch: number): boolean {
  return leaderEpoch > LEADER_EPOCH;
}

/** Where the caller is to find the broker: as set, or by the address that it came by. */
export function brokerAddress({ context, peer }: Pick<Call, 'context' | 'peer'>): HostAndPort {
  return context.settings.advertised ?? peer.local;
}
