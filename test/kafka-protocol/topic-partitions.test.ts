import { expect, test } from 'vitest';
import { KafkaReader } from '../../src/codec/kafka-reader.ts';
import { KafkaWriter } from '../../src/codec/kafka-writer.ts';
import {
  byTopic,
  placeKey,
  readNullableNumbers,
  readNumbers,
  readTopics,
  writeTopics,
} from '../../src/kafka-protocol/topic-partitions.ts';

const TOPICS = [
  { topic: 'a', partitions: [0, 3] },
  { topic: 'b', partitions: [] },
];

function readerOf(isFlexible: boolean, write: (writer: KafkaWriter) => void): KafkaReader {
  const writer = new KafkaWriter();
  writer.isFlexible = isFlexible;
  write(writer);
  const reader = new KafkaReader(writer.written(), 'INVALID_REQUEST');
  reader.isFlexible = isFlexible;
  return reader;
}

test.each([false, true])('what is written is read (flexible: %s)', (isFlexible) => {
  const reader = readerOf(isFlexible, (writer) => {
    writeTopics(writer, TOPICS, (each) => writer.writeInt32(each));
  });
  expect(readTopics(reader, 2, () => reader.readInt32('partition'))).toEqual(TOPICS);
  expect(reader.left).toBe(0);
});

test.each([false, true])('bare numbers have no tags (flexible: %s)', (isFlexible) => {
  const bytes = (writer: KafkaWriter): void => {
    writer.writeArray(TOPICS, ({ topic, partitions }) => {
      writer.writeString(topic);
      writer.writeArray(partitions, (each) => writer.writeInt32(each));
      writer.writeTags();
    });
  };
  expect(readNumbers(readerOf(isFlexible, bytes), 2)).toEqual(TOPICS);
  expect(readNullableNumbers(readerOf(isFlexible, bytes), 2)).toEqual(TOPICS);
  const none = readerOf(isFlexible, (writer) => writer.writeNullableArray(null, () => {}));
  expect(readNullableNumbers(none, 2)).toBeNull();
});

test('partitions of all topics together have a limit', () => {
  const many = [TOPICS[0], TOPICS[0]] as typeof TOPICS;
  const write = (writer: KafkaWriter): void =>
    writeTopics(writer, many, (each) => writer.writeInt32(each));
  const read = (max: number) => {
    const reader = readerOf(false, write);
    return readTopics(reader, max, () => reader.readInt32('partition'));
  };
  expect(read(4)).toEqual(many);
  expect(() => read(3)).toThrow('partitions');
});

test('flat places are put together by topic', () => {
  const places = [
    { topic: 'a', partition: 0 },
    { topic: 'b', partition: 1 },
    { topic: 'a', partition: 2 },
  ];
  expect(byTopic(places)).toEqual([
    { topic: 'a', partitions: [places[0], places[2]] },
    { topic: 'b', partitions: [places[1]] },
  ]);
});

test('places have the same key only where they are the same', () => {
  expect(placeKey({ topic: '1 a', partition: 1 })).not.toBe(
    placeKey({ topic: 'a', partition: 11 }),
  );
  expect(placeKey({ topic: 'a', partition: 1 })).toBe(placeKey({ topic: 'a', partition: 1 }));
});
