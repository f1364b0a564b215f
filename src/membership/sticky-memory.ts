/** What a member tells the sticky assignors of what it had, in the bytes that each of them reads. */
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import { encodeCooperativeUserData, encodeStickyUserData } from '../codec/sticky-user-data.ts';

export interface Had {
  readonly owned: readonly TopicPartitions[];
  /** Of the generation in which it had it; -1 = it was in none. */
  readonly generation: number;
}

/** null for assignors without a memory. */
export function previousUserData(assignor: string, had: Had): Uint8Array | null {
  if (assignor === 'sticky') return encodeStickyUserData(had.owned, had.generation);
  if (assignor === 'cooperative-sticky') return encodeCooperativeUserData(had.generation);
  return null;
}
