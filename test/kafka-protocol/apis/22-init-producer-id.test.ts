import { expect, test } from 'vitest';
import { MillraceError } from '../../../src/model/errors.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';

interface Asked {
  readonly version: number;
  readonly transactionalId?: string;
  readonly producerId?: number;
  readonly producerEpoch?: number;
}

async function ask({ context }: KafkaParts, asked: Asked) {
  const { version, transactionalId = null, producerId = -1, producerEpoch = -1 } = asked;
  const reader = await askFace(context, {
    key: 22,
    version,
    body(writer) {
      writer.writeNullableString(transactionalId);
      writer.writeInt32(60_000);
      if (version >= 3) writer.writeInt64(producerId);
      if (version >= 3) writer.writeInt16(producerEpoch);
      writer.writeTags();
    },
  });
  const answer = {
    throttleMs: reader.readInt32('throttle_time_ms'),
    error: reader.readInt16('error_code'),
    producerId: reader.readInt64('producer_id'),
    producerEpoch: reader.readInt16('producer_epoch'),
  };
  reader.readTags('tags');
  reader.readEnd('answer');
  return answer;
}

const REFUSED = { throttleMs: 0, producerId: -1, producerEpoch: -1 };

test.each([0, 1, 2, 3, 4])('v%i gives an id of its own to each producer', async (version) => {
  const parts = kafkaParts();
  const first = await ask(parts, { version });
  const second = await ask(parts, { version });
  expect(first).toEqual({
    throttleMs: 0,
    error: 0,
    producerId: first.producerId,
    producerEpoch: 0,
  });
  expect(second).toMatchObject({ error: 0, producerEpoch: 0 });
  expect(second.producerId).not.toBe(first.producerId);
});

test('a producer that has an id gets a new one all the same', async () => {
  const parts = kafkaParts();
  const { producerId } = await ask(parts, { version: 4 });
  const again = await ask(parts, { version: 4, producerId, producerEpoch: 3 });
  expect(again).toMatchObject({ error: 0, producerEpoch: 0 });
  expect(again.producerId).not.toBe(producerId);
});

test.each([
  { producerId: 1, producerEpoch: -1 },
  { producerId: -1, producerEpoch: 0 },
])('an id without its epoch, or the other way round, is refused: %o', async (identity) => {
  expect(await ask(kafkaParts(), { version: 3, ...identity })).toEqual({ ...REFUSED, error: 42 });
});

test.each([0, 2, 4])('v%i: a transactional id is refused for good', async (version) => {
  const answer = await ask(kafkaParts(), { version, transactionalId: 'tx' });
  expect(answer).toEqual({ ...REFUSED, error: 53 });
});

test('where no id can be given now the client is to come again', async () => {
  const parts = kafkaParts();
  await parts.broker.close();
  expect(await ask(parts, { version: 4 })).toEqual({ ...REFUSED, error: 14 });
});

test('a fault of the server is not said to be anything else', async () => {
  const fault = new Error('a fault');
  const broken = kafkaParts({
    wrap: (broker) => Object.assign(broker, { initProducerId: () => Promise.reject(fault) }),
  });
  await expect(ask(broken, { version: 4 })).rejects.toBe(fault);
  expect(fault).not.toBeInstanceOf(MillraceError);
});
