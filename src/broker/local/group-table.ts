/**
 * The live table of the groups: what is left when their records are applied one after the other.
 * It only holds; what is durable, and when a record may be applied, is its owner's affair.
 *
 * A group is there as long as it has metadata or a committed offset.
 */
import type {
  GroupMetadataValue,
  GroupRecord,
  OffsetCommitValue,
} from '../../codec/group-records.ts';
import type { StoredGroup } from './group-store.ts';

interface LiveGroup extends StoredGroup {
  metadata: GroupMetadataValue | undefined;
  readonly offsets: Map<string, Map<number, OffsetCommitValue>>;
}

type OffsetCommit = Extract<GroupRecord, { kind: 'offset-commit' }>;

export class GroupTable {
  readonly #groups = new Map<string, LiveGroup>();
  #recordCount = 0;
  #bytes = 0;

  get groupCount(): number {
    return this.#groups.size;
  }

  /** Committed offsets and metadata: the records that a snapshot would hold. */
  get recordCount(): number {
    return this.#recordCount;
  }

  /** About what these records take in a log: text is counted as if it were all ASCII. */
  get bytes(): number {
    return this.#bytes;
  }

  group(name: string): StoredGroup | undefined {
    return this.#groups.get(name);
  }

  groups(): Iterable<StoredGroup> {
    return this.#groups.values();
  }

  apply(record: GroupRecord): void {
    if (record.kind === 'group-metadata') this.#setMetadata(record.group, record.value);
    else if (record.value === null) this.#removeOffset(record);
    else this.#setOffset(record, record.value);
  }

  #setMetadata(name: string, metadata: GroupMetadataValue | null): void {
    const group = metadata === null ? this.#groups.get(name) : this.#made(name);
    if (group === undefined) return;
    if (group.metadata !== undefined) this.#count(-1, metadataBytes(name, group.metadata));
    if (metadata !== null) this.#count(1, metadataBytes(name, metadata));
    group.metadata = metadata ?? undefined;
    this.#removeIfEmpty(group);
  }

  #setOffset({ group: name, topic, partition }: OffsetCommit, value: OffsetCommitValue): void {
    const { offsets } = this.#made(name);
    let partitions = offsets.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      offsets.set(topic, partitions);
    }
    const before = partitions.get(partition);
    partitions.set(partition, value);
    if (before === undefined) this.#count(1, offsetBytes(name, topic, value));
    else this.#bytes += value.metadata.length - before.metadata.length;
  }

  #removeOffset({ group: name, topic, partition }: OffsetCommit): void {
    const group = this.#groups.get(name);
    const partitions = group?.offsets.get(topic);
    const before = partitions?.get(partition);
    if (group === undefined || partitions === undefined || before === undefined) return;
    this.#count(-1, offsetBytes(name, topic, before));
    partitions.delete(partition);
    if (partitions.size === 0) group.offsets.delete(topic);
    this.#removeIfEmpty(group);
  }

  #made(name: string): LiveGroup {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group: LiveGroup = { name, metadata: undefined, offsets: new Map() };
    this.#groups.set(name, group);
    return group;
  }

  #removeIfEmpty({ name, metadata, offsets }: LiveGroup): void {
    if (metadata === undefined && offsets.size === 0) this.#groups.delete(name);
  }

  #count(records: 1 | -1, bytes: number): void {
    this.#recordCount += records;
    this.#bytes += records * bytes;
  }
}

/** Numbers, lengths and a UUID of a commit's record beside its texts. */
const OFFSET_BYTES = 80;
/** The same for metadata, and for each member in it. */
const METADATA_BYTES = 60;
const MEMBER_BYTES = 30;

/** About what a record takes in a log; a tombstone nothing. */
export function approximateBytes(record: GroupRecord): number {
  if (record.value === null) return 0;
  return record.kind === 'group-metadata'
    ? metadataBytes(record.group, record.value)
    : offsetBytes(record.group, record.topic, record.value);
}

function offsetBytes(group: string, topic: string, { metadata }: OffsetCommitValue): number {
  return OFFSET_BYTES + group.length + topic.length + metadata.length;
}

function metadataBytes(group: string, metadata: GroupMetadataValue): number {
  let bytes = METADATA_BYTES + group.length + metadata.protocolType.length;
  bytes += (metadata.protocol?.length ?? 0) + (metadata.leader?.length ?? 0);
  for (const member of metadata.members) {
    bytes += MEMBER_BYTES + member.memberId.length + (member.groupInstanceId?.length ?? 0);
    bytes += member.clientId.length + member.clientHost.length;
    bytes += member.subscription.length + member.assignment.length;
  }
  return bytes;
}
