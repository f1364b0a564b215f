/** Fetches of Kafka clients that ask for more than they take: memory has an end, and others go on. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { KAFKA_PIPELINED_REQUESTS_MAX, READER_STALL_MS } from '../../src/model/limits.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import type { KafkaFace } from '../support/kafka-face.ts';
import { kafkaFace } from '../support/kafka-face.ts';
import { fetchRequest, readFetchAnswer } from '../support/kafka-fetch.ts';
import type { KafkaWire } from '../support/kafka-wire.ts';
import { requestFrame } from '../support/kafka-wire.ts';
import { ManualClock } from '../support/manual-clock.ts';

const LARGE = encodedBatch([textRecord('x'.repeat(1_000_000))]);
const SMALL = encodedBatch([textRecord('x')]);
const WHOLE = fetchRequest({ topics: [['t', {}]] });
const PARKED = fetchRequest({ maxWaitMs: 60_000, topics: [['t', {}]] });

async function store({ broker }: KafkaFace, batch: Buffer, count = 1): Promise<void> {
  for (let index = 0; index < count; index++) {
    const payload = { kind: 'batches' as const, bytes: Buffer.from(batch) };
    await broker.produce([{ topic: 't', partition: 0, payload }]);
  }
}

/** Requests with their numbers, in one piece. */
function sendMany(wire: KafkaWire, request: typeof WHOLE, count: number): void {
  const frames = Array.from({ length: count }, (_, correlationId) =>
    requestFrame({ ...request, correlationId }),
  );
  wire.send(Buffer.concat(frames));
}

async function bytesRead(wire: KafkaWire): Promise<number | undefined> {
  const answer = readFetchAnswer(await wire.ask(WHOLE), 12);
  return answer.topics[0]?.partitions[0]?.records.length;
}

function requestsBegun({ context: { counters } }: KafkaFace): number {
  return counters.requests.get('Fetch') ?? 0;
}

async function untilHeld({ context: { fetchBudget } }: KafkaFace, bytes: number): Promise<void> {
  while (fetchBudget.heldBytes !== bytes) await nextTurn();
}

test('what was read is given back when the client has taken it', async () => {
  await using face = await kafkaFace();
  await face.broker.createTopic({ name: 't' });
  await store(face, LARGE, 8);
  const wire = await face.connect();
  expect(await bytesRead(wire)).toBe(8 * LARGE.length);
  await untilHeld(face, 0);
});

test('ten thousand fetches sent at once are begun a few at a time, and answered in order', async () => {
  const count = 10_000;
  await using face = await kafkaFace();
  await face.broker.createTopic({ name: 't' });
  const [wire, other] = [await face.connect(), await face.connect()];
  sendMany(wire, PARKED, count);
  while (face.broker.stats().parkedFetches === 0) await nextTurn();
  // Answered after all that can be begun was begun.
  expect(await bytesRead(other)).toBe(0);
  expect(face.broker.stats().parkedFetches).toBe(1);
  expect(requestsBegun(face)).toBe(KAFKA_PIPELINED_REQUESTS_MAX + 1);
  await store(face, SMALL);
  for (let index = 0; index < count; index++) {
    expect((await wire.next()).readInt32BE(4)).toBe(index);
  }
  await untilHeld(face, 0);
});

test('a client that goes takes its waiting fetches along', async () => {
  await using face = await kafkaFace();
  await face.broker.createTopic({ name: 't' });
  await store(face, LARGE);
  const wire = await face.connect();
  const waiting = fetchRequest({ maxWaitMs: 60_000, topics: [['t', { offset: 1 }]] });
  sendMany(wire, waiting, 50);
  while (face.broker.stats().parkedFetches === 0) await nextTurn();
  wire.destroy();
  while (face.broker.stats().parkedFetches > 0) await nextTurn();
  await untilHeld(face, 0);
  expect(face.lines).toEqual([]);
});

test('clients that take nothing have one answer in hand each, until they are let go', async () => {
  const clock = new ManualClock();
  await using face = await kafkaFace({ clock });
  await face.broker.createTopic({ name: 't' });
  await store(face, LARGE, 16);
  const silent = await Promise.all([1, 2, 3, 4].map(() => face.connect()));
  for (const wire of silent) wire.socket.pause();
  for (const wire of silent) sendMany(wire, PARKED, 1_000);
  const all = 16 * LARGE.length;
  while (requestsBegun(face) < silent.length * KAFKA_PIPELINED_REQUESTS_MAX) await nextTurn();
  const other = await face.connect();
  // Once theirs are made there is room for another one.
  while ((await bytesRead(other)) !== all);
  await untilHeld(face, silent.length * all);
  while (face.lines.length < silent.length) {
    clock.advance(READER_STALL_MS / 10);
    await nextTurn();
  }
  await untilHeld(face, 0);
  for (const line of face.lines) expect(line[1]).toContain('took nothing of its answers');
  expect(await bytesRead(await face.connect())).toBe(all);
});
