/**
 * Kafka's messages by what Kafka's own descriptions of them say (clients/src/main/resources/common/
 * message in its sources): a second opinion on what `src/kafka-protocol/apis` reads and writes.
 */
import type { KafkaReader } from '../../src/codec/kafka-reader.ts';
import type { KafkaWriter } from '../../src/codec/kafka-writer.ts';

export interface Field {
  readonly name: string;
  readonly type: Primitive | readonly Field[];
  readonly isArray: boolean;
  /** Versions that have it. */
  readonly from: number;
  readonly to: number;
  /** Versions in which it may be null. */
  readonly nullableFrom: number;
  /** For who does not say. */
  readonly or: unknown;
}

type Primitive = 'boolean' | 'int8' | 'int16' | 'int32' | 'int64' | 'uuid' | 'string';

type Rest = Partial<Pick<Field, 'from' | 'to' | 'nullableFrom' | 'or'>>;

export type Message = Readonly<Record<string, unknown>>;

export function field(name: string, type: Primitive, rest: Rest = {}): Field {
  return { name, type, isArray: false, from: 0, to: 99, nullableFrom: 99, or: undefined, ...rest };
}

export function array(name: string, type: Field['type'], rest: Rest = {}): Field {
  return { ...field(name, 'string', rest), type, isArray: true };
}

export function writeMessage(
  writer: KafkaWriter,
  fields: readonly Field[],
  { version, message }: { readonly version: number; readonly message: Message },
): void {
  const unknown = Object.keys(message).filter((name) => !fields.some((each) => each.name === name));
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}`);
  for (const each of fields) {
    if (version < each.from || version > each.to) continue;
    const { name, or, type, isArray } = each;
    const value = name in message ? message[name] : or;
    if (value === undefined) throw new Error(`${name} is missing`);
    const write = (element: unknown): void => {
      if (typeof type === 'string') WRITE[type](writer, element as never);
      else writeMessage(writer, type, { version, message: element as Message });
    };
    if (isArray) writer.writeNullableArray(value as unknown[] | null, write);
    else write(value);
  }
  writer.writeTags();
}

export function readMessage(
  reader: KafkaReader,
  fields: readonly Field[],
  version: number,
): Message {
  const message: Record<string, unknown> = {};
  for (const { name, type, isArray, nullableFrom, ...each } of fields) {
    if (version < each.from || version > each.to) continue;
    const read = (): unknown =>
      typeof type === 'string' ? READ[type](reader, name) : readMessage(reader, type, version);
    const value = isArray
      ? reader.readNullableArray({ field: name, elementBytesMin: 1 }, read)
      : read();
    if (value === null && version < nullableFrom) throw new Error(`${name} is null`);
    message[name] = value;
  }
  reader.readTags('tags', (tag) => {
    throw new Error(`there is no tag ${tag}`);
  });
  return message;
}

const WRITE: Readonly<Record<Primitive, (writer: KafkaWriter, value: never) => void>> = {
  boolean: (writer, value) => writer.writeBoolean(value),
  int8: (writer, value) => writer.writeInt8(value),
  int16: (writer, value) => writer.writeInt16(value),
  int32: (writer, value) => writer.writeInt32(value),
  int64: (writer, value) => writer.writeInt64(value),
  uuid: (writer, value) => writer.writeUuid(value),
  string: (writer, value) => writer.writeNullableString(value),
};

const READ: Readonly<Record<Primitive, (reader: KafkaReader, name: string) => unknown>> = {
  boolean: (reader, name) => reader.readBoolean(name),
  int8: (reader, name) => reader.readInt8(name),
  int16: (reader, name) => reader.readInt16(name),
  int32: (reader, name) => reader.readInt32(name),
  int64: (reader, name) => reader.readInt64(name),
  uuid: (reader, name) => reader.readUuid(name),
  string: (reader, name) => reader.readNullableString(name),
};
