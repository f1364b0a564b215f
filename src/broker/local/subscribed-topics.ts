/**
 * The one thing that a group itself reads in what consumers say of themselves: the topics that
 * they subscribe to.
 */
import { decodeSubscription } from '../../codec/consumer-protocol.ts';
import { MillraceError } from '../../model/errors.ts';

const CONSUMER_PROTOCOL_TYPE = 'consumer';

/** undefined: not a consumer, or its words are not understood. */
export function subscribedTopics(
  protocolType: string,
  metadata: Uint8Array,
): readonly string[] | undefined {
  if (protocolType !== CONSUMER_PROTOCOL_TYPE) return undefined;
  try {
    return decodeSubscription(metadata).topics;
  } catch (error) {
    // Opaque bytes are a member's right; nothing depends on understanding them.
    if (error instanceof MillraceError && error.code === 'INVALID_REQUEST') return undefined;
    throw error;
  }
}

/** Whether both ask for the same topics; bytes that are not understood must be the same bytes. */
export function sameInterest(protocolType: string, left: Uint8Array, right: Uint8Array): boolean {
  if (Buffer.compare(left, right) === 0) return true;
  const one = subscribedTopics(protocolType, left);
  const other = subscribedTopics(protocolType, right);
  if (one === undefined || other === undefined) return false;
  const names = new Set(one);
  return names.size === new Set(other).size && other.every((topic) => names.has(topic));
}
