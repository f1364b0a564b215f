/** Produce as its clients write it and read the answer: one array of topics, each with its parts. */
import type { KafkaReader } from '../../src/codec/kafka-reader.ts';
import type { KafkaWriter } from '../../src/codec/kafka-writer.ts';
import type { WireRequest } from './kafka-wire.ts';

export interface ProduceAsked {
  readonly version?: number;
  readonly transactionalId?: string | null;
  readonly acks?: number;
  readonly topics: readonly (readonly [
    name: string,
    ...partitions: (readonly [number, Buffer | null])[],
  ])[];
}

export function produceRequest(asked: ProduceAsked): WireRequest {
  const { version = 9, transactionalId = null, acks = -1, topics } = asked;
  const body = (writer: KafkaWriter): void => {
    writer.writeNullableString(transactionalId);
    writer.writeInt16(acks);
    writer.writeInt32(30_000);
    writer.writeArray(topics, ([name, ...partitions]) => {
      writer.writeString(name);
      writer.writeArray(partitions, ([partition, batches]) => {
        writer.writeInt32(partition);
        writer.writeNullableBytes(batches);
        writer.writeTags();
      });
      writer.writeTags();
    });
    writer.writeTags();
  };
  return { key: 0, version, body };
}

export function readProduceAnswer(reader: KafkaReader, version: number) {
  const bounds = { field: 'array', elementBytesMin: 1 };
  const topics = reader.readArray(bounds, () => {
    const name = reader.readString('name');
    const partitions = reader.readArray(bounds, () => {
      const answer = {
        partition: reader.readInt32('index'),
        error: reader.readInt16('error_code'),
        baseOffset: reader.readInt64('base_offset'),
        logAppendTimeMs: reader.readInt64('log_append_time_ms'),
        logStartOffset: version >= 5 ? reader.readInt64('log_start_offset') : undefined,
        recordErrors: version >= 8 ? reader.readArray(bounds, () => {}) : undefined,
        message: version >= 8 ? reader.readNullableString('error_message') : undefined,
      };
      reader.readTags('tags');
      return answer;
    });
    reader.readTags('tags');
    return { name, partitions };
  });
  reader.readInt32('throttle_time_ms');
  reader.readTags('tags');
  reader.readEnd('answer');
  return topics;
}
