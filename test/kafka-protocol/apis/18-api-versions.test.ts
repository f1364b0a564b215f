import { describe, expect, test } from 'vitest';
import type { KafkaReader } from '../../../src/codec/kafka-reader.ts';
import { answerFrame } from '../../../src/kafka-protocol/answer-frame.ts';
import { API_VERSION_TABLE } from '../../../src/kafka-protocol/registry.ts';
import { callerOf, kafkaParts } from '../../support/kafka-face.ts';
import type { WireRequest } from '../../support/kafka-wire.ts';
import { answerBody, requestFrame, wholeFrame } from '../../support/kafka-wire.ts';

const caller = callerOf(kafkaParts().context);

async function ask(request: Omit<WireRequest, 'key'>, readAs = request.version) {
  const frame = await answerFrame(requestFrame({ key: 18, ...request }).subarray(4), caller);
  return readAnswer(
    answerBody(wholeFrame(frame), { ...request, key: 18, version: readAs }),
    readAs,
  );
}

function readAnswer(reader: KafkaReader, version: number) {
  const error = reader.readInt16('error_code');
  const apis = reader.readArray({ field: 'api_keys', elementBytesMin: 6 }, () => {
    const key = reader.readInt16('api_key');
    const range = { min: reader.readInt16('min_version'), max: reader.readInt16('max_version') };
    reader.readTags('tags');
    return { key, ...range };
  });
  const throttleMs = version >= 1 ? reader.readInt32('throttle_time_ms') : undefined;
  reader.readTags('tags');
  reader.readEnd('answer');
  return { error, apis, throttleMs };
}

const software =
  (name: string, version: string): NonNullable<WireRequest['body']> =>
  (writer) => {
    writer.writeString(name);
    writer.writeString(version);
    writer.writeTags();
  };

test.each([0, 1, 2, 3, 4])('v%i tells what is served, and in which versions', async (version) => {
  const body = version >= 3 ? { body: software('librdkafka', '2.16.0-RC1') } : {};
  expect(await ask({ version, ...body })).toEqual({
    error: 0,
    apis: API_VERSION_TABLE,
    throttleMs: version >= 1 ? 0 : undefined,
  });
});

test.each([5, 32_767, -1])(
  'version %i is answered in the form of v0 with the table, whatever its body',
  async (version) => {
    const body = (writer: { writeInt16(value: number): void }): void => writer.writeInt16(-1);
    expect(await ask({ version, body }, 0)).toEqual({
      error: 35,
      apis: API_VERSION_TABLE,
      throttleMs: undefined,
    });
  },
);

describe('software whose name or version is none', () => {
  test.each([
    ['', '1'],
    ['a', ''],
    ['-a', '1'],
    ['a', '1.'],
    ['a b', '1'],
  ])('(%j %j) is told so, as Kafka does', async (name, version) => {
    expect(await ask({ version: 3, body: software(name, version) })).toMatchObject({
      error: 42,
      apis: [],
    });
  });
});
