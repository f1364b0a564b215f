import { describe, expect, test } from 'vitest';
import type { KafkaReader } from '../../../src/codec/kafka-reader.ts';
import type { KafkaWriter } from '../../../src/codec/kafka-writer.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';

const NO_ID = '00000000-0000-0000-0000-000000000000';
const VERSIONS = Array.from({ length: 13 }, (_, version) => version);

interface Asked {
  readonly version: number;
  readonly topics:
    | readonly (string | { readonly id: string; readonly name?: string | null })[]
    | null;
  readonly mayCreate?: boolean;
  readonly wantsOperations?: boolean;
}

function writeRequest(writer: KafkaWriter, asked: Asked): void {
  const { version, topics, mayCreate = false, wantsOperations = false } = asked;
  writer.writeNullableArray(topics, (topic) => {
    const { id, name = null } = typeof topic === 'string' ? { id: NO_ID, name: topic } : topic;
    if (version >= 10) writer.writeUuid(id);
    writer.writeNullableString(name);
    writer.writeTags();
  });
  if (version >= 4) writer.writeBoolean(mayCreate);
  if (version >= 8 && version <= 10) writer.writeBoolean(wantsOperations);
  if (version >= 8) writer.writeBoolean(wantsOperations);
  writer.writeTags();
}

function readAnswer(reader: KafkaReader, version: number) {
  const from = <T>(first: number, read: () => T, last = Infinity): T | undefined =>
    version >= first && version <= last ? read() : undefined;
  const int32s = (): number[] =>
    reader.readArray({ field: 'nodes', elementBytesMin: 4 }, () => reader.readInt32('node'));
  const array = <T>(read: () => T): T[] =>
    reader.readArray({ field: 'array', elementBytesMin: 1 }, () => {
      const element = read();
      reader.readTags('tags');
      return element;
    });
  const answer = {
    throttleMs: from(3, () => reader.readInt32('throttle_time_ms')),
    brokers: array(() => ({
      id: reader.readInt32('node_id'),
      host: reader.readString('host'),
      port: reader.readInt32('port'),
      rack: from(1, () => reader.readNullableString('rack')),
    })),
    clusterId: from(2, () => reader.readNullableString('cluster_id')),
    controller: from(1, () => reader.readInt32('controller_id')),
    topics: array(() => ({
      error: reader.readInt16('error_code'),
      name: reader.readNullableString('name'),
      id: from(10, () => reader.readUuid('topic_id')),
      isInternal: from(1, () => reader.readBoolean('is_internal')),
      partitions: array(() => ({
        error: reader.readInt16('error_code'),
        index: reader.readInt32('partition_index'),
        leader: reader.readInt32('leader_id'),
        epoch: from(7, () => reader.readInt32('leader_epoch')),
        replicas: int32s(),
        inSync: int32s(),
        offline: from(5, int32s),
      })),
      operations: from(8, () => reader.readInt32('topic_authorized_operations')),
    })),
    operations: from(8, () => reader.readInt32('cluster_authorized_operations'), 10),
  };
  reader.readTags('tags');
  reader.readEnd('answer');
  return answer;
}

async function ask({ context }: KafkaParts, asked: Asked) {
  const body = (writer: KafkaWriter): void => writeRequest(writer, asked);
  const answer = await askFace(context, { key: 3, version: asked.version, body });
  return readAnswer(answer, asked.version);
}

async function partsWithTopics(): Promise<KafkaParts> {
  const parts = kafkaParts();
  await parts.broker.createTopic({ name: 'a', partitionCount: 2 });
  await parts.broker.createTopic({ name: 'b' });
  return parts;
}

test.each(VERSIONS)(
  'v%i tells of the cluster and of a topic with its partitions',
  async (version) => {
    const parts = await partsWithTopics();
    const { topicId } = await parts.broker.topic('a');
    const since = <T>(first: number, value: T): T | undefined =>
      version >= first ? value : undefined;
    const partition = (index: number) => ({
      error: 0,
      index,
      leader: 1,
      epoch: since(7, 0),
      replicas: [1],
      inSync: [1],
      offline: since(5, []),
    });
    expect(await ask(parts, { version, topics: ['a'] })).toEqual({
      throttleMs: since(3, 0),
      brokers: [{ id: 1, host: '127.0.0.1', port: 9092, rack: since(1, null) }],
      clusterId: since(2, parts.broker.clusterId),
      controller: since(1, 1),
      topics: [
        {
          error: 0,
          name: 'a',
          id: since(10, topicId),
          isInternal: since(1, false),
          partitions: [partition(0), partition(1)],
          operations: since(8, -(2 ** 31)),
        },
      ],
      operations: version <= 10 ? since(8, -(2 ** 31)) : undefined,
    });
  },
);

describe('which topics', () => {
  const names = async (asked: Asked): Promise<unknown[]> => {
    const { topics } = await ask(await partsWithTopics(), asked);
    return topics.map(({ name }) => name);
  };

  test('in v0 an empty list means all', async () => {
    expect(await names({ version: 0, topics: [] })).toEqual(['a', 'b']);
  });

  test.each(VERSIONS.slice(1))('in v%i null means all and an empty list none', async (version) => {
    expect(await names({ version, topics: null })).toEqual(['a', 'b']);
    expect(await names({ version, topics: [] })).toEqual([]);
  });

  test('a topic named twice is answered once', async () => {
    expect(await names({ version: 9, topics: ['b', 'a', 'b'] })).toEqual(['b', 'a']);
  });

  test('more than a server may have are not named in one request', async () => {
    const topics = Array.from({ length: 10_001 }, (_, index) => `t${index}`);
    await expect(names({ version: 9, topics })).rejects.toThrow(/at most 10000 elements/);
  });
});

describe('a topic that is missing', () => {
  test.each([0, 3])('is created by v%i, where the server allows it', async (version) => {
    const parts = kafkaParts();
    expect(await ask(parts, { version, topics: ['new'] })).toMatchObject({
      topics: [{ error: 0, name: 'new', partitions: [{ index: 0, leader: 1 }] }],
    });
    expect(await parts.broker.topic('new')).toMatchObject({ partitionCount: 1 });
  });

  test.each([4, 9, 12])('is created by v%i when it is asked for', async (version) => {
    const parts = kafkaParts();
    const refused = await ask(parts, { version, topics: ['new'] });
    expect(refused).toMatchObject({ topics: [{ error: 3, name: 'new', partitions: [] }] });
    const created = await ask(parts, { version, topics: ['new'], mayCreate: true });
    expect(created).toMatchObject({ topics: [{ error: 0, partitions: [{}] }] });
  });

  test('and has a name outside the rules is told so', async () => {
    for (const mayCreate of [true, false]) {
      const answer = await ask(kafkaParts(), { version: 9, topics: ['a b'], mayCreate });
      expect(answer).toMatchObject({ topics: [{ error: 17, name: 'a b' }] });
    }
  });
});

describe('a topic asked for by its id', () => {
  test('is found from v12 on', async () => {
    const parts = await partsWithTopics();
    const { topicId: id } = await parts.broker.topic('b');
    const answer = await ask(parts, { version: 12, topics: [{ id }] });
    expect(answer).toMatchObject({ topics: [{ error: 0, name: 'b', id, partitions: [{}] }] });
  });

  test('that is not known has no name', async () => {
    const id = '01234567-89ab-cdef-0011-223344556677';
    const answer = await ask(kafkaParts(), { version: 12, topics: [{ id }], mayCreate: true });
    expect(answer).toMatchObject({ topics: [{ error: 100, name: null, id }] });
  });

  test('or by nothing at all is refused', async () => {
    const id = '01234567-89ab-cdef-0011-223344556677';
    const early = await ask(kafkaParts(), { version: 10, topics: [{ id }] });
    expect(early).toMatchObject({ topics: [{ error: 42, name: '', id }] });
    const none = await ask(kafkaParts(), { version: 12, topics: [{ id: NO_ID }] });
    expect(none).toMatchObject({ topics: [{ error: 100, name: null, id: NO_ID }] });
  });
});

test('what a client may do is told where it asks: everything', async () => {
  const parts = await partsWithTopics();
  const v8 = await ask(parts, { version: 8, topics: ['a'], wantsOperations: true });
  expect(v8).toMatchObject({ operations: 8_096, topics: [{ operations: 3_576 }] });
  const v12 = await ask(parts, { version: 12, topics: ['a'], wantsOperations: true });
  expect(v12).toMatchObject({ topics: [{ operations: 3_576 }] });
});

test('the broker is where it is advertised', async () => {
  const advertised = { host: 'kafka.test', port: 19_092 };
  const answer = await ask(kafkaParts({ settings: { advertised } }), { version: 1, topics: [] });
  expect(answer.brokers).toEqual([{ id: 1, ...advertised, rack: null }]);
});
