/** Requests of Kafka clients that went wrong on their way, or were made to. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { answerFrame } from '../../src/kafka-protocol/answer-frame.ts';
import { SIZE_BYTES } from '../../src/kafka-protocol/frame-assembler.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { tally } from '../support/campaign-tally.ts';
import { handMadeBatch, resealed } from '../support/hand-made-batch.ts';
import { bombs } from '../support/http-bombs.ts';
import type { KafkaFace } from '../support/kafka-face.ts';
import { askFace, callerOf, kafkaFace, kafkaParts } from '../support/kafka-face.ts';
import { produceRequest, readProduceAnswer } from '../support/kafka-produce.ts';
import type { KafkaWire, WireRequest } from '../support/kafka-wire.ts';
import { wholeFrame } from '../support/kafka-wire.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { mutated } from '../support/mutated-frames.ts';
import { recordedFrames } from '../support/recorded-frames.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const VERSIONS: WireRequest = { key: 18, version: 0 };
const MEGABYTE = 1_048_576;

let frames: Buffer[];
beforeAll(async () => {
  frames = await recordedFrames();
  expect(new Set(frames.map((frame) => frame.readInt16BE(SIZE_BYTES))).size).toBeGreaterThan(15);
});

/** `answered`, or `refused` with an error that is the sender's. Anything else is thrown. */
async function outcomeOf(frame: Buffer, context: KafkaFace['context']): Promise<string> {
  const stop = new AbortController();
  const caller = callerOf(context, { signal: stop.signal });
  try {
    const answering = answerFrame(frame.subarray(SIZE_BYTES), caller);
    // What would wait answers now.
    stop.abort();
    const answer = await answering;
    answer?.release();
    if (answer !== undefined) {
      const whole = wholeFrame(answer);
      expect(whole.readInt32BE(0)).toBe(whole.length - SIZE_BYTES);
    }
    return 'answered';
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'INVALID_REQUEST') throw error;
    return 'refused';
  }
}

test('every frame as it was recorded is answered', async () => {
  const { context } = kafkaParts();
  for (const frame of frames) expect(await outcomeOf(frame, context)).toBe('answered');
});

test.each([1, 2, 3, 4])('frames changed by seed %i are answered or refused', async (seed) => {
  const random = new SeededRandom(seed);
  const outcomes = new Map<string, number>();
  const before = process.memoryUsage().rss;
  let most = before;
  for (let round = 0; round < 5; round++) {
    const { context } = kafkaParts({ clock: new ManualClock() });
    for (let run = 0; run < 1_000; run++) {
      const frame = mutated(random.pick(frames), random);
      const outcome = await outcomeOf(frame, context);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (run % 100 === 0) most = Math.max(most, process.memoryUsage().rss);
    }
    expect(context.fetchBudget.heldBytes).toBe(0);
  }
  tally('changed Kafka requests', 5_000);
  expect(outcomes.get('answered')).toBeGreaterThan(500);
  expect(outcomes.get('refused')).toBeGreaterThan(500);
  expect(most - before).toBeLessThan(300 * MEGABYTE);
});

test('a connection that breaks off costs nobody else anything, and one line', async () => {
  const random = new SeededRandom(5);
  await using face = await kafkaFace();
  const bystander = await face.connect();
  let begun = 0;
  for (let run = 0; run < 300; run++) {
    const wire = await face.connect();
    wire.send(mutated(random.pick(frames), random));
    wire.socket.end();
    await settled(wire);
    begun++;
    expect((await bystander.ask(VERSIONS)).readInt16('error')).toBe(0);
  }
  while (face.context.counters.connectionsOpen > 1) await nextTurn();
  const { connectionsFaulted } = face.context.counters;
  expect(connectionsFaulted).toBeGreaterThan(begun / 10);
  expect(face.lines).toHaveLength(connectionsFaulted);
  expect(face.lines.every(([level]) => level === 'warn')).toBe(true);
  expect(face.context.fetchBudget.heldBytes).toBe(0);
});

async function settled(wire: KafkaWire): Promise<void> {
  wire.socket.resume();
  await wire.closed;
}

describe('a batch that lies', () => {
  const changed = (change: (batch: Buffer) => void): Buffer => {
    const batch = handMadeBatch();
    change(batch);
    return resealed(batch);
  };
  const cases: [string, Buffer, number][] = [
    ['about its CRC', withoutSeal(), 2],
    ['about its length', changed((batch) => batch.writeInt32BE(1_000, 8)), 2],
    ['about its length, negatively', changed((batch) => batch.writeInt32BE(-1, 8)), 2],
    ['about its format', changed((batch) => batch.writeInt8(3, 16)), 2],
    ['about being of an old format', changed((batch) => batch.writeInt8(0, 16)), 87],
    ['about its codec', changed((batch) => batch.writeInt16BE(7, 21)), 76],
    ['about being compressed', changed((batch) => batch.writeInt16BE(1, 21)), 2],
    ['about its last offset', changed((batch) => batch.writeInt32BE(5, 23)), 2],
    ['about its records', changed((batch) => batch.writeInt32BE(1, 57)), 2],
    ['about a million records', changed((batch) => lieAboutCount(batch, 2 ** 31 - 1)), 10],
    ['about no records', changed((batch) => lieAboutCount(batch, 0)), 2],
    ['about its timestamps', changed((batch) => batch.writeBigInt64BE(-5n, 27)), 32],
    ['about its producer', changed((batch) => batch.writeBigInt64BE(-2n, 43)), 2],
    ['about a record', changed((batch) => batch.writeInt8(3, 61)), 2],
  ];

  test.each(cases)('%s', async (_about, batch, error) => {
    expect(await errorOf(batch)).toBe(error);
  });

  test.each(bombs(70))('about how much it is: $name', async ({ batch }) => {
    expect(await errorOf(batch)).toBe(10);
  });

  test('in one partition does not keep the truth out of another', async () => {
    const { context, broker } = kafkaParts();
    await broker.createTopic({ name: 't', partitionCount: 2 });
    const fine = encodedBatch([textRecord('x')]);
    const request = produceRequest({ topics: [['t', [0, withoutSeal()], [1, fine]]] });
    const [topic] = readProduceAnswer(await askFace(context, request), request.version);
    expect(topic?.partitions.map(({ error }) => error)).toEqual([2, 0]);
  });
});

async function errorOf(batch: Buffer): Promise<number | undefined> {
  const { context, broker } = kafkaParts();
  const configOverrides = new Map([['max.message.bytes', '10000000']]);
  await broker.createTopic({ name: 't', configOverrides });
  const request = produceRequest({ topics: [['t', [0, batch]]] });
  const answer = await askFace(context, request);
  const [topic] = readProduceAnswer(answer, request.version);
  expect(await broker.listOffset('t', 0, 'latest')).toMatchObject({ offset: 0 });
  return topic?.partitions[0]?.error;
}

function withoutSeal(): Buffer {
  const batch = handMadeBatch();
  batch.writeUInt32BE(0, 17);
  return batch;
}

function lieAboutCount(batch: Buffer, count: number): void {
  batch.writeInt32BE(count - 1, 23);
  batch.writeInt32BE(count, 57);
}
