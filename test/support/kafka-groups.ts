/** Requests of groups as a client writes them, of any version, and answers as it reads them. */
import type { KafkaReader } from '../../src/codec/kafka-reader.ts';
import type { KafkaWriter } from '../../src/codec/kafka-writer.ts';
import type { KafkaContext } from '../../src/kafka-protocol/context.ts';
import type { KafkaParts } from './kafka-face.ts';
import { askFace } from './kafka-face.ts';

interface Member {
  readonly memberId?: string;
  readonly generation?: number;
  readonly instance?: string | null;
}

export interface Joining extends Member {
  readonly sessionMs?: number;
  readonly rebalanceMs?: number;
  readonly protocolType?: string;
  readonly protocols?: readonly (readonly [name: string, metadata: string])[];
}

export interface JoinAnswer {
  readonly error: number;
  readonly generation: number;
  readonly protocolType: string | null | undefined;
  readonly protocol: string | null;
  readonly leader: string;
  readonly memberId: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly instance: string | null | undefined;
    readonly metadata: string;
  }[];
}

/** Reads an array whose elements have tags. */
export function readAll<T>(reader: KafkaReader, read: () => T): T[] {
  return reader.readArray({ field: 'array', elementBytesMin: 1 }, () => {
    const element = read();
    reader.readTags('tags');
    return element;
  });
}

export function writeAll<T>(
  writer: KafkaWriter,
  elements: readonly T[],
  write: (element: T) => void,
): void {
  writer.writeArray(elements, (element) => {
    write(element);
    writer.writeTags();
  });
}

/** Reads the end of an answer, behind which nothing may be. */
export function readEnd(reader: KafkaReader): void {
  reader.readTags('tags');
  reader.readEnd('the answer');
}

export function joinBody(version: number, group: string, joining: Joining = {}) {
  const { memberId = '', instance = null, sessionMs = 10_000, rebalanceMs = 60_000 } = joining;
  const { protocolType = 'consumer', protocols = [['range', 'topics']] } = joining;
  return (writer: KafkaWriter): void => {
    writer.writeString(group);
    writer.writeInt32(sessionMs);
    if (version >= 1) writer.writeInt32(rebalanceMs);
    writer.writeString(memberId);
    if (version >= 5) writer.writeNullableString(instance);
    writer.writeString(protocolType);
    writeAll(writer, protocols, ([name, metadata]) => {
      writer.writeString(name);
      writer.writeBytes(Buffer.from(metadata));
    });
    writer.writeTags();
  };
}

export async function join(
  { context }: Pick<KafkaParts, 'context'>,
  version: number,
  group: string,
  joining: Joining = {},
): Promise<JoinAnswer> {
  const request = { key: 11, version, body: joinBody(version, group, joining) };
  return readJoin(await askFace(context, request), version);
}

export function readJoin(reader: KafkaReader, version: number): JoinAnswer {
  if (version >= 2) reader.readInt32('throttle_time_ms');
  const answer = {
    error: reader.readInt16('error_code'),
    generation: reader.readInt32('generation_id'),
    protocolType: version >= 7 ? reader.readNullableString('protocol_type') : undefined,
    protocol: reader.readNullableString('protocol_name'),
    leader: reader.readString('leader'),
    memberId: reader.readString('member_id'),
    members: readAll(reader, () => ({
      memberId: reader.readString('member_id'),
      instance: version >= 5 ? reader.readNullableString('group_instance_id') : undefined,
      metadata: reader.readBytes('metadata').toString(),
    })),
  };
  readEnd(reader);
  return answer;
}

/** Joins as every client does: at the second try with the id that the first one gave. */
export async function joined(
  parts: Pick<KafkaParts, 'context'>,
  group: string,
  joining: Joining = {},
): Promise<JoinAnswer> {
  const first = await join(parts, 7, group, joining);
  if (first.error !== 79) return first;
  return join(parts, 7, group, { ...joining, memberId: first.memberId });
}

export function writeMember(
  writer: KafkaWriter,
  group: string,
  member: Member,
  hasInstance: boolean,
): void {
  writer.writeString(group);
  writer.writeInt32(member.generation ?? -1);
  writer.writeString(member.memberId ?? '');
  if (hasInstance) writer.writeNullableString(member.instance ?? null);
}

export interface Syncing extends Member {
  readonly protocolType?: string | null;
  readonly protocol?: string | null;
  readonly assignments?: readonly (readonly [memberId: string, assignment: string])[];
}

export async function sync(
  { context }: { readonly context: KafkaContext },
  version: number,
  group: string,
  syncing: Syncing,
) {
  const { protocolType = null, protocol = null, assignments = [] } = syncing;
  const body = (writer: KafkaWriter): void => {
    writeMember(writer, group, syncing, version >= 3);
    if (version >= 5) {
      writer.writeNullableString(protocolType);
      writer.writeNullableString(protocol);
    }
    writeAll(writer, assignments, ([memberId, assignment]) => {
      writer.writeString(memberId);
      writer.writeBytes(Buffer.from(assignment));
    });
    writer.writeTags();
  };
  const reader = await askFace(context, { key: 14, version, body });
  if (version >= 1) reader.readInt32('throttle_time_ms');
  const answer = {
    error: reader.readInt16('error_code'),
    protocolType: version >= 5 ? reader.readNullableString('protocol_type') : undefined,
    protocol: version >= 5 ? reader.readNullableString('protocol_name') : undefined,
    assignment: reader.readBytes('assignment').toString(),
  };
  readEnd(reader);
  return answer;
}

/** A group with this one member, which has its assignment. */
export async function stable(
  parts: Pick<KafkaParts, 'context'>,
  group: string,
  joining: Joining = {},
): Promise<JoinAnswer> {
  const member = await joined(parts, group, joining);
  const { memberId, generation } = member;
  await sync(parts, 5, group, {
    ...joining,
    memberId,
    generation,
    assignments: [[memberId, 'all']],
  });
  return member;
}

/** A request whose answer is an error and nothing else, behind the throttle time. */
export async function errorOf(
  { context }: { readonly context: KafkaContext },
  request: { readonly key: number; readonly version: number },
  body: (writer: KafkaWriter) => void,
): Promise<number> {
  const reader = await askFace(context, { ...request, body });
  if (request.version >= 1) reader.readInt32('throttle_time_ms');
  const error = reader.readInt16('error_code');
  readEnd(reader);
  return error;
}

export function versionsTo(last: number, first = 0): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
