/**
 * What a log of commits holds, in Kafka's own record format (`__consumer_offsets`), so that Kafka's
 * `DumpLogSegments --offsets-decoder` reads it. Keys and values begin with a version, int16, and
 * that of the key tells the kind:
 *
 *     0, 1   an offset commit      `offset-commit-record.ts`
 *     2      a group's metadata    `group-metadata-record.ts`
 *
 * Other kinds are passed over like Kafka does. What is damaged, or of a version of the value that
 * is not known, is refused with CORRUPT_MESSAGE.
 */
import {
  GROUP_METADATA_KEY_VERSION,
  GROUP_METADATA_VALUE_VERSION,
  readGroupMetadataValue,
  writeGroupMetadataValue,
} from './group-metadata-record.ts';
import { KafkaReader } from './kafka-reader.ts';
import { KafkaWriter } from './kafka-writer.ts';
import {
  OFFSET_COMMIT_KEY_VERSION,
  OFFSET_COMMIT_VALUE_VERSION,
  readOffsetCommitKey,
  readOffsetCommitValue,
  writeOffsetCommitKey,
  writeOffsetCommitValue,
} from './offset-commit-record.ts';

/** One committed offset. */
export interface OffsetCommitValue {
  /** The next offset to read. */
  readonly offset: number;
  /** -1 = not known. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly commitTimestampMs: number;
  /** UUID of the topic that it was committed for, lower-case with hyphens. */
  readonly topicId: string;
}

/** A group as its last rebalance left it. */
export interface GroupMetadataValue {
  readonly protocolType: string;
  readonly generation: number;
  /** null while the group is empty. */
  readonly protocol: string | null;
  readonly leader: string | null;
  /** When it came into this state; -1 = not known. */
  readonly currentStateTimestampMs: number;
  readonly members: readonly GroupMemberValue[];
}

export interface GroupMemberValue {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** For the chosen protocol. */
  readonly subscription: Uint8Array;
  readonly assignment: Uint8Array;
}

/** A record with its key understood; a `value` of null is a tombstone. */
export type GroupRecord =
  | {
      readonly kind: 'offset-commit';
      readonly group: string;
      readonly topic: string;
      readonly partition: number;
      readonly value: OffsetCommitValue | null;
    }
  | {
      readonly kind: 'group-metadata';
      readonly group: string;
      readonly value: GroupMetadataValue | null;
    };

/** Both kinds of values have the same versions, and the last is in the flexible form. */
const VALUE_VERSION_MAX = 4;
const FIRST_FLEXIBLE_VERSION = 4;

export interface EncodedGroupRecord {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

export function encodeGroupRecord(record: GroupRecord): EncodedGroupRecord {
  if (record.kind === 'offset-commit') {
    const key = written(OFFSET_COMMIT_KEY_VERSION, (writer) => {
      writeOffsetCommitKey(writer, record);
    });
    const { value } = record;
    if (value === null) return { key, value };
    const write = (writer: KafkaWriter): void => writeOffsetCommitValue(writer, value);
    return { key, value: written(OFFSET_COMMIT_VALUE_VERSION, write) };
  }
  const key = written(GROUP_METADATA_KEY_VERSION, (writer) => writer.writeString(record.group));
  const { value } = record;
  if (value === null) return { key, value };
  const write = (writer: KafkaWriter): void => writeGroupMetadataValue(writer, value);
  return { key, value: written(GROUP_METADATA_VALUE_VERSION, write) };
}

function written(version: number, write: (writer: KafkaWriter) => void): Buffer {
  const writer = new KafkaWriter();
  writer.writeInt16(version);
  writer.isFlexible = version >= FIRST_FLEXIBLE_VERSION;
  write(writer);
  return writer.written();
}

/** undefined for a kind that is not known. Nothing of it lies in the memory of `key` and `value`. */
export function decodeGroupRecord(
  key: Uint8Array,
  value: Uint8Array | null,
): GroupRecord | undefined {
  const reader = new KafkaReader(key, 'CORRUPT_MESSAGE');
  const version = reader.readInt16('key version');
  if (version === 0 || version === OFFSET_COMMIT_KEY_VERSION) {
    const place = readOffsetCommitKey(reader);
    reader.readEnd('OffsetCommitKey');
    return { kind: 'offset-commit', ...place, value: readValue(value, readOffsetCommitValue) };
  }
  if (version !== GROUP_METADATA_KEY_VERSION) return undefined;
  const group = reader.readString('GroupMetadataKey group');
  reader.readEnd('GroupMetadataKey');
  return { kind: 'group-metadata', group, value: readValue(value, readGroupMetadataValue) };
}

function readValue<T>(
  bytes: Uint8Array | null,
  read: (reader: KafkaReader, version: number) => T,
): T | null {
  if (bytes === null) return null;
  const reader = new KafkaReader(bytes, 'CORRUPT_MESSAGE');
  const version = reader.readInt16('value version');
  if (version < 0 || version > VALUE_VERSION_MAX) {
    throw reader.fault('value version', `0 to ${VALUE_VERSION_MAX}`, String(version));
  }
  reader.isFlexible = version >= FIRST_FLEXIBLE_VERSION;
  const value = read(reader, version);
  reader.readEnd('value');
  return value;
}
