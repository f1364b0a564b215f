/** Records of groups in a few words, and a table of them as plain text to compare. */
import type {
  GroupMetadataValue,
  GroupRecord,
  OffsetCommitValue,
} from '../../src/codec/group-records.ts';
import type { StoredGroup } from '../../src/broker/local/group-store.ts';

const TOPIC_ID = '00000000-0000-4000-8000-00000000000a';

export interface Place {
  readonly group?: string;
  readonly topic?: string;
  readonly partition?: number;
}

export function offsetValue(offset: number, metadata = ''): OffsetCommitValue {
  return { offset, leaderEpoch: -1, metadata, commitTimestampMs: 1_000, topicId: TOPIC_ID };
}

/** null forgets it. */
export function commit(offset: number | null, place: Place = {}, metadata = ''): GroupRecord {
  const { group = 'g', topic = 't', partition = 0 } = place;
  const value = offset === null ? null : offsetValue(offset, metadata);
  return { kind: 'offset-commit', group, topic, partition, value };
}

export function metadataValue(generation: number, assignment = 'a'): GroupMetadataValue {
  return {
    protocolType: 'consumer',
    generation,
    protocol: 'range',
    leader: 'm-1',
    currentStateTimestampMs: 1_000,
    members: [
      {
        memberId: 'm-1',
        groupInstanceId: null,
        clientId: 'm',
        clientHost: '/127.0.0.1',
        rebalanceTimeoutMs: 60_000,
        sessionTimeoutMs: 30_000,
        subscription: Buffer.from('s'),
        assignment: Buffer.from(assignment),
      },
    ],
  };
}

/** null removes it. */
export function groupMetadata(generation: number | null, group = 'g', assignment?: string) {
  const value = generation === null ? null : metadataValue(generation, assignment);
  return { kind: 'group-metadata', group, value } satisfies GroupRecord;
}

/** A table in the form of `modelAfter`. */
export function contentOf(groups: Iterable<StoredGroup>): Map<string, string> {
  const content = new Map<string, string>();
  for (const { name, metadata, offsets } of groups) {
    if (metadata !== undefined) content.set(JSON.stringify([name]), metadataText(metadata));
    for (const [topic, partitions] of offsets) {
      for (const [partition, value] of partitions) {
        content.set(JSON.stringify([name, topic, partition]), offsetText(value));
      }
    }
  }
  return content;
}

/** What is left when the records are applied in this order, by key: a plain Map. */
export function modelAfter(records: Iterable<GroupRecord>): Map<string, string> {
  const model = new Map<string, string>();
  for (const record of records) applyToModel(model, record);
  return model;
}

function applyToModel(model: Map<string, string>, record: GroupRecord): void {
  const key = keyText(record);
  if (record.value === null) model.delete(key);
  else model.set(key, valueText(record) as string);
}

export function keyText(record: GroupRecord): string {
  return record.kind === 'group-metadata'
    ? JSON.stringify([record.group])
    : JSON.stringify([record.group, record.topic, record.partition]);
}

/** Of a tombstone: undefined. */
export function valueText(record: GroupRecord): string | undefined {
  if (record.value === null) return undefined;
  return record.kind === 'group-metadata' ? metadataText(record.value) : offsetText(record.value);
}

function offsetText({ offset, metadata }: OffsetCommitValue): string {
  return `${offset} ${metadata}`;
}

function metadataText({ generation, members }: GroupMetadataValue): string {
  const parts = members.map(({ memberId, assignment }) => `${memberId}=${String(assignment)}`);
  return `${generation} ${parts.join()}`;
}
