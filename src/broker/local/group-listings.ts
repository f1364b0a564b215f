/** Groups as they are listed and described, whether they live or are only kept. */
import type { GroupDescription, GroupListing } from '../groups.ts';
import { metadataFor } from './group-protocols.ts';
import type { StoredGroup } from './group-store.ts';
import type { GroupView } from './group-view.ts';
import { subscribedTopics } from './subscribed-topics.ts';

export function listing(
  group: string,
  { live, stored }: { readonly live?: GroupView | undefined; readonly stored?: StoredGroup },
): GroupListing {
  const protocolType = live?.protocolType ?? stored?.metadata?.protocolType ?? '';
  return { group, state: live?.state ?? 'Empty', protocolType };
}

/** One of which nobody is there. */
export function describedEmpty(group: string, stored: StoredGroup | undefined): GroupDescription {
  const generation = stored?.metadata?.generation ?? 0;
  const nobody = { generation, protocol: '', leader: '', members: [] };
  return { ...listing(group, { ...(stored && { stored }) }), ...nobody };
}

/** Whether a member may be reading the topic: also when it cannot be told. */
export function isRead({ members, protocolType, protocol }: GroupView, topic: string): boolean {
  for (const { protocols } of members.all()) {
    const topics = subscribedTopics(protocolType, metadataFor(protocols, protocol ?? ''));
    if (topics === undefined || topics.includes(topic)) return true;
  }
  return false;
}
