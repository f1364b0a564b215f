import { expect, test } from 'vitest';
import type { KafkaReader } from '../../../src/codec/kafka-reader.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';

interface Asked {
  readonly version: number;
  readonly keys: readonly string[];
  readonly keyType?: number;
}

async function ask({ context }: KafkaParts, { version, keys, keyType = 0 }: Asked) {
  const reader = await askFace(context, {
    key: 10,
    version,
    body(writer) {
      if (version < 4) writer.writeString(keys[0] as string);
      if (version >= 1) writer.writeInt8(keyType);
      if (version >= 4) writer.writeArray(keys, (key) => writer.writeString(key));
      writer.writeTags();
    },
  });
  return readAnswer(reader, version);
}

function readAnswer(reader: KafkaReader, version: number) {
  const throttleMs = version >= 1 ? reader.readInt32('throttle_time_ms') : undefined;
  const readError = () => ({
    error: reader.readInt16('error_code'),
    message: version >= 1 ? reader.readNullableString('error_message') : undefined,
  });
  const readPlace = () => ({
    node: reader.readInt32('node_id'),
    host: reader.readString('host'),
    port: reader.readInt32('port'),
  });
  const coordinators =
    version < 4
      ? [{ ...readError(), ...readPlace() }]
      : reader.readArray({ field: 'coordinators', elementBytesMin: 1 }, () => {
          const key = reader.readString('key');
          const coordinator = { key, ...readPlace(), ...readError() };
          reader.readTags('tags');
          return coordinator;
        });
  reader.readTags('tags');
  reader.readEnd('answer');
  return { throttleMs, coordinators };
}

test.each([0, 1, 2, 3])('v%i: this broker coordinates every group', async (version) => {
  expect(await ask(kafkaParts(), { version, keys: ['g'] })).toEqual({
    throttleMs: version >= 1 ? 0 : undefined,
    coordinators: [
      {
        error: 0,
        message: version >= 1 ? null : undefined,
        node: 1,
        host: '127.0.0.1',
        port: 9092,
      },
    ],
  });
});

test('v4 asks for many groups at once', async () => {
  const place = { node: 1, host: 'kafka.test', port: 19_092, error: 0, message: null };
  const advertised = { host: 'kafka.test', port: 19_092 };
  const answer = await ask(kafkaParts({ settings: { advertised } }), {
    version: 4,
    keys: ['a', 'b'],
  });
  expect(answer.coordinators).toEqual([
    { key: 'a', ...place },
    { key: 'b', ...place },
  ]);
});

test.each([1, 3, 4])('v%i: there are no transactions, and it says so', async (version) => {
  const { coordinators } = await ask(kafkaParts(), { version, keys: ['tx'], keyType: 1 });
  expect(coordinators).toMatchObject([
    { error: 53, message: expect.stringContaining('transactional.id'), node: -1, host: '' },
  ]);
});

test.each([2, -1])('key type %i is none', async (keyType) => {
  const { coordinators } = await ask(kafkaParts(), { version: 4, keys: ['x', 'y'], keyType });
  const refused = { error: 42, message: `there is no key type ${keyType}`, node: -1, port: -1 };
  expect(coordinators).toMatchObject([
    { key: 'x', ...refused },
    { key: 'y', ...refused },
  ]);
});
