import { beforeEach, describe, expect, test } from 'vitest';
import { answerFrame } from '../../../src/kafka-protocol/answer-frame.ts';
import { MillraceError } from '../../../src/model/errors.ts';
import { INFLATE_SYNC_BYTES_MAX } from '../../../src/model/limits.ts';
import { encodedBatch, recordsIn, textRecord, textsOf } from '../../support/batches.ts';
import { compressedBatch } from '../../support/compressed-frames.ts';
import { resealed } from '../../support/hand-made-batch.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, callerOf, kafkaFace, kafkaParts } from '../../support/kafka-face.ts';
import type { ProduceAsked } from '../../support/kafka-produce.ts';
import { produceRequest, readProduceAnswer } from '../../support/kafka-produce.ts';
import { answerBody, requestFrame } from '../../support/kafka-wire.ts';
import { openLocalBroker } from '../../support/local-broker.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const VERSIONS = [3, 4, 5, 6, 7, 8, 9];
const UNKNOWN = { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 };

let parts: KafkaParts;
beforeEach(async () => {
  parts = kafkaParts();
  await parts.broker.createTopic({ name: 't', partitionCount: 3 });
});

async function ask(asked: ProduceAsked) {
  const request = produceRequest(asked);
  return readProduceAnswer(await askFace(parts.context, request), request.version);
}

/** One partition's answer. */
async function askOne(
  batches: Buffer | null,
  asked: Partial<ProduceAsked> & { partition?: number } = {},
) {
  const [topic] = await ask({ topics: [['t', [asked.partition ?? 0, batches]]], ...asked });
  return topic?.partitions[0];
}

function batch(...values: string[]): Buffer {
  return encodedBatch(values.map((value) => textRecord(value, { timestamp: Date.now() })));
}

async function valuesOf(partition: number): Promise<unknown[]> {
  const at = { topic: 't', partition, offset: 0, maxBytes: 1e9 };
  const bounds = { minBytes: 0, maxBytes: 1e9, maxWaitMs: 0 };
  const [result] = await parts.broker.fetch({ partitions: [at], ...bounds });
  return textsOf(await recordsIn(result?.batches ?? Buffer.alloc(0)));
}

describe.each(VERSIONS)('v%i', (version) => {
  const since = <T>(first: number, value: T): T | undefined =>
    version >= first ? value : undefined;
  const rest = { logAppendTimeMs: -1, recordErrors: since(8, []), message: since(8, null) };

  test('stores batches and answers for each partition', async () => {
    await parts.broker.createTopic({ name: 'other' });
    await askOne(batch('before', 'this'), { version, partition: 1 });
    await parts.broker.deleteRecords('t', 1, 1);
    const topics = [
      ['t', [1, batch('a', 'b')], [2, batch('c')]],
      ['other', [0, batch('d')]],
    ] as const;
    const fine = { error: 0, logStartOffset: since(5, 0), ...rest };
    expect(await ask({ version, topics })).toEqual([
      {
        name: 't',
        partitions: [
          { ...fine, partition: 1, baseOffset: 2, logStartOffset: since(5, 1) },
          { ...fine, partition: 2, baseOffset: 0 },
        ],
      },
      { name: 'other', partitions: [{ ...fine, partition: 0, baseOffset: 0 }] },
    ]);
    expect(await valuesOf(2)).toEqual(['c']);
  });

  test('says why a partition refused its part, and takes the others', async () => {
    const bad = batch('x');
    bad.writeUInt32BE(0, 17);
    const topics = [
      ['none', [0, batch('a')]],
      ['t', [0, bad], [1, batch('b')], [7, batch('c')]],
    ] as const;
    const [none, t] = await ask({ version, topics });
    const refused = { ...UNKNOWN, logStartOffset: since(5, -1), recordErrors: since(8, []) };
    const message = (text: string): unknown => since(8, expect.stringContaining(text) as unknown);
    expect(none?.partitions).toEqual([
      { partition: 0, error: 3, ...refused, message: message('none') },
    ]);
    expect(t?.partitions).toEqual([
      { partition: 0, error: 2, ...refused, message: message('crc') },
      { partition: 1, error: 0, baseOffset: 0, logStartOffset: since(5, 0), ...rest },
      { partition: 7, error: 3, ...refused, message: message('no partition 7') },
    ]);
    expect(await valuesOf(1)).toEqual(['b']);
    await expect(parts.broker.topic('none')).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
  });
});

test.each([0, 1, 2])('v%i is announced, and using it ends the connection', async (version) => {
  const { message } = (await ask({ version, topics: [] }).catch(
    (error: unknown) => error,
  )) as Error;
  expect(message).toMatch(/api_version.*3 to 9/);
});

test('a topic of append times says which it gave', async () => {
  await parts.broker.alterConfigs('t', new Map([['message.timestamp.type', 'LogAppendTime']]));
  const answer = await askOne(batch('a'));
  expect(Math.abs((answer?.logAppendTimeMs ?? 0) - Date.now())).toBeLessThan(60_000);
});

describe('a batch that is refused', () => {
  const transactional = (bit: number): Buffer => {
    const bytes = batch('x');
    bytes.writeInt16BE(bit, 21);
    return resealed(bytes);
  };
  const ofOldFormat = (): Buffer => {
    const bytes = batch('x');
    bytes[16] = 1;
    return bytes;
  };
  const ofTheFuture = encodedBatch([textRecord('x', { timestamp: Date.now() + 86_400_000 })]);

  test.each([
    ['is none', null, 87, 'no batch'],
    ['is empty', Buffer.alloc(0), 87, 'no batch'],
    ['is cut', batch('x').subarray(0, 50), 2, 'batch header'],
    ['has an old format', ofOldFormat(), 87, 'format 2'],
    ['belongs to a transaction', transactional(16), 87, 'transactional'],
    ['is a control batch', transactional(32), 87, 'control'],
    ['has a codec that nobody has', transactional(5), 76, 'codec'],
    ['is too large', batch('x'.repeat(2_000_000)), 10, 'max.message.bytes'],
    ['has timestamps far ahead', ofTheFuture, 32, 'ahead'],
  ])('because it %s', async (_why, bytes, error, message) => {
    expect(await askOne(bytes)).toEqual({
      partition: 0,
      error,
      ...UNKNOWN,
      recordErrors: [],
      message: expect.stringContaining(message) as unknown,
    });
    expect(await valuesOf(0)).toEqual([]);
  });
});

describe('what becomes of a write', () => {
  test.each([
    ['the disk is full', new MillraceError('DISK_FULL', 'full', { written: 'no' }), 56],
    ['the partition is offline', storageError('no'), 56],
    ['nobody can tell', storageError('unknown'), 7],
    ['the server stops', new MillraceError('SHUTTING_DOWN', 'stop', { written: 'no' }), 6],
    ['too much is in hand', new MillraceError('THROTTLING_QUOTA_EXCEEDED', 'much'), 6],
  ])('is said by a number: %s', async (_what, failure, error) => {
    parts.broker.failNextProduce(failure);
    const { message } = failure;
    expect(await askOne(batch('x'))).toMatchObject({ error, ...UNKNOWN, message });
    const refusing = kafkaParts({
      wrap: (broker) => Object.assign(broker, { produce: () => Promise.reject(failure) }),
    });
    parts = refusing;
    expect(await askOne(batch('x'))).toMatchObject({ error, ...UNKNOWN, message });
  });

  test('a fault of the server ends the connection', async () => {
    const fault = new TypeError('a fault');
    parts = kafkaParts({
      wrap: (broker) => Object.assign(broker, { produce: () => Promise.reject(fault) }),
    });
    const topics = ['a', 'b'].map((name) => [name, [0, batch('x')], [1, batch('x')]] as const);
    await expect(ask({ topics })).rejects.toBe(fault);
  });
});

function storageError(written: 'no' | 'unknown'): MillraceError {
  return new MillraceError('KAFKA_STORAGE_ERROR', 'offline', { written });
}

describe('acks', () => {
  test.each([1, -1])('%i is answered when it is stored', async (acks) => {
    expect(await askOne(batch('a'), { acks })).toMatchObject({ error: 0, baseOffset: 0 });
  });

  test.each([2, -2, 32_767])('%i is none', async (acks) => {
    expect(await askOne(batch('a'), { acks })).toMatchObject({ error: 21, ...UNKNOWN });
    expect(await valuesOf(0)).toEqual([]);
  });

  const frame = (asked: ProduceAsked): Buffer => requestFrame(produceRequest(asked)).subarray(4);

  test('0 is stored and not answered', async () => {
    const topics = [['t', [0, batch('a')]]] as const;
    const answer = await answerFrame(frame({ acks: 0, topics }), callerOf(parts.context));
    expect(answer).toBeUndefined();
    expect(await valuesOf(0)).toEqual(['a']);
  });

  test('0 ends the connection when anything of it was refused', async () => {
    const topics = [['t', [0, batch('a')], [9, batch('b')]]] as const;
    const answer = answerFrame(frame({ acks: 0, topics }), callerOf(parts.context));
    await expect(answer).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringMatching(
        /acks is 0.*partition 9 of topic 't'.*no partition 9/,
      ) as unknown,
      details: { topic: 't', partition: 9, error: 3 },
    });
    expect(await valuesOf(0)).toEqual(['a']);
  });
});

test('there are no transactions', async () => {
  const answer = await askOne(batch('a'), { transactionalId: 'tx', acks: 7 });
  expect(answer).toMatchObject({ error: 53, message: expect.stringContaining('transactional.id') });
  expect(await valuesOf(0)).toEqual([]);
});

test('a partition named twice gets both parts, in their order', async () => {
  const topics = [
    ['t', [0, batch('a')], [0, batch('b')]],
    ['t', [0, batch('c')]],
  ] as const;
  const answers = await ask({ topics });
  expect(answers.flatMap(({ partitions }) => partitions.map((each) => each.baseOffset))).toEqual([
    0, 1, 2,
  ]);
  expect(await valuesOf(0)).toEqual(['a', 'b', 'c']);
});

test('no more partitions are taken in one request than a server may have', async () => {
  const parts10 = Array.from({ length: 10_000 }, () => [0, null] as const);
  const topics = [
    ['a', ...parts10],
    ['b', ...parts10, [0, null]],
  ] as const;
  await expect(ask({ topics })).rejects.toThrow(/partitions.*at most 10000 elements/);
});

describe('an idempotent producer', () => {
  const sequenced = (baseSequence: number, producerEpoch = 0, value = String(baseSequence)) =>
    encodedBatch([textRecord(value)], {
      producerId: 5,
      producerEpoch,
      baseSequence,
    });

  test('is told of repetitions, gaps and its successor', async () => {
    await askOne(sequenced(0));
    expect(await askOne(sequenced(1))).toMatchObject({ error: 0, baseOffset: 1 });
    expect(await askOne(sequenced(0))).toMatchObject({ error: 0, baseOffset: 0 });
    expect(await askOne(sequenced(3))).toMatchObject({ error: 45, baseOffset: -1 });
    expect(await askOne(sequenced(1, 1))).toMatchObject({ error: 45 });
    expect(await askOne(sequenced(0, 1))).toMatchObject({ error: 0, baseOffset: 2 });
    expect(await askOne(sequenced(2))).toMatchObject({ error: 47 });
    expect(await valuesOf(0)).toEqual(['0', '1', '0']);
  });

  test('may send on without waiting, compressed or not', async () => {
    const clock = new ManualClock();
    const broker = await openLocalBroker({ directory: await temporaryDirectory(), clock });
    await broker.createTopic({ name: 't' });
    await using face = await kafkaFace({ clock, wrap: () => broker });
    const wire = await face.connect();
    const large = 'x'.repeat(2 * INFLATE_SYNC_BYTES_MAX);
    const requests = Array.from({ length: 10 }, (_, sequence) => {
      const isLarge = sequence % 3 === 0;
      const plain = sequenced(sequence, 0, isLarge ? large : 'small');
      const bytes = isLarge ? compressedBatch(plain, 'zstd') : plain;
      return produceRequest({ topics: [['t', [0, bytes]]] });
    });
    wire.send(Buffer.concat(requests.map(requestFrame)));
    for (const [sequence, request] of requests.entries()) {
      const [topic] = readProduceAnswer(answerBody(await wire.next(), request), 9);
      expect(topic?.partitions).toMatchObject([{ error: 0, baseOffset: sequence }]);
    }
  });
});
