/** Clients of a simulated broker that write: in every form, and again what they have no answer for. */
import type { ProduceOutcome, ProducePart, ProducePayload } from '../../src/broker/broker.ts';
import type { ProducerIdentity, ProducerSequence } from '../../src/broker/broker.ts';
import type { Record } from '../../src/model/record.ts';
import { encodedBatch, textRecord } from './batches.ts';
import type { Step } from './broker-plan.ts';
import { refusalOf } from './broker-world.ts';
import type { World } from './broker-world.ts';
import { CODECS, compressedBatch } from './compressed-frames.ts';
import type { Answer, Place } from './history.ts';

/** Some topics take no larger batches, so that a flush holds several. */
export const MAX_MESSAGE_BYTES = 2_000;
const BATCH_BYTES = 1_600;

/** What a client remembers from one life to the next. */
export interface Repeater {
  identity: ProducerIdentity | undefined;
  /** By topic id and partition. */
  readonly places: Map<string, { next: number; unanswered: readonly string[] | undefined }>;
}

export async function produce(world: World, step: Step): Promise<void> {
  const texts = textsOf(step, step.count);
  await world.askAt(step.client, step, (place) => ({
    ask: { kind: 'produce', place, texts },
    call: () => produceOne(world, place, { kind: 'records', records: recordsOf(texts, world) }),
  }));
}

/** Encoded batches, one for each record, compressed or not. */
export async function produceBatches(world: World, step: Step): Promise<void> {
  const texts = textsOf(step, step.count);
  const codec = (['none', 'none', ...CODECS] as const)[Math.floor(step.draw * 6)] ?? 'none';
  const batches = texts
    .map((text) => encodedBatch(recordsOf([text], world)))
    .map((batch) => (codec === 'none' ? batch : compressedBatch(batch, codec)));
  await world.askAt(step.client, step, (place) => ({
    ask: { kind: 'produce', place, texts },
    call: () => produceOne(world, place, { kind: 'batches', bytes: Buffer.concat(batches) }),
  }));
}

/** One call for two partitions, which are asked and answered each for itself. */
export async function produceParts(world: World, step: Step): Promise<void> {
  const { topic, client } = step;
  const { topicId, partitionCount } = await world.seen(topic);
  const texts = textsOf(step, 2 * step.count);
  const given = [texts.slice(0, step.count), texts.slice(step.count)].slice(0, partitionCount);
  const places = given.map((_, partition): Place => ({ topic, topicId, partition }));
  const parts = given.map((some, partition): ProducePart => ({
    topic,
    partition,
    payload: { kind: 'records', records: recordsOf(some, world) },
  }));
  let outcomes: Promise<readonly ProduceOutcome[]> | undefined;
  const asked = places.map((place, index) => {
    const ask = { kind: 'produce' as const, place, texts: given[index] ?? [] };
    return world.ask(client, ask, async () => {
      // All are asked before the one call is made.
      await Promise.resolve();
      outcomes ??= world.broker.produce(parts);
      return answerOf((await outcomes)[index]);
    });
  });
  await Promise.all(asked);
}

export async function produceOnce(world: World, step: Step, repeater: Repeater): Promise<void> {
  const { client, topic } = step;
  repeater.identity ??= await identify(world, client);
  const { identity } = repeater;
  if (identity === undefined) return;
  const { topicId, partitionCount } = await world.seen(topic);
  const key = `${topicId}/${step.partition % partitionCount}`;
  const state = repeater.places.get(key) ?? { next: 0, unanswered: undefined };
  repeater.places.set(key, state);
  state.unanswered ??= textsOf(step, step.count);
  const texts = state.unanswered;
  const sequence = state.next;
  const once = async (): Promise<void> => {
    const answer = await world.askAt(client, step, (place) => ({
      ask: { kind: 'produce', place, texts, sequence },
      call: () => sendOnce(world, place, texts, { ...identity, baseSequence: sequence }),
    }));
    if (answer.kind !== 'produced') return;
    state.next = sequence + texts.length;
    state.unanswered = undefined;
  };
  await Promise.all(step.isHasty ? [once(), once()] : [once()]);
}

async function identify(world: World, client: string): Promise<ProducerIdentity | undefined> {
  let identity: ProducerIdentity | undefined;
  await world.ask(client, { kind: 'producer id' }, async () => {
    identity = await world.broker.initProducerId(null);
    return { kind: 'producer id', producerId: identity.producerId };
  });
  return identity;
}

/** Now as records, now as an encoded batch: to the log it is the same. */
function sendOnce(
  world: World,
  place: Place,
  texts: readonly string[],
  producer: ProducerSequence,
): Promise<Answer> {
  const records = recordsOf(texts, world);
  if (producer.baseSequence % 2 === 0) {
    return produceOne(world, place, { kind: 'records', records }, producer);
  }
  return produceOne(world, place, { kind: 'batches', bytes: encodedBatch(records, producer) });
}

async function produceOne(
  { broker }: World,
  { topic, partition }: Place,
  payload: ProducePayload,
  producer?: ProducerSequence,
): Promise<Answer> {
  const [outcome] = await broker.produce([{ topic, partition, payload, producer }]);
  return answerOf(outcome);
}

function answerOf(outcome: ProduceOutcome | undefined): Answer {
  if (outcome?.error !== undefined) return refusalOf(outcome.error);
  if (outcome?.baseOffset === undefined) return { kind: 'broken', reason: 'no outcome' };
  return { kind: 'produced', baseOffset: outcome.baseOffset };
}

/** All of a call fits into one batch of the smaller topics. */
function textsOf({ id, bytes: wanted }: Step, count: number): string[] {
  const bytes = Math.min(wanted, Math.floor(BATCH_BYTES / count));
  return Array.from({ length: count }, (_, index) => `${id}-${index} `.padEnd(bytes, '.'));
}

function recordsOf(texts: readonly string[], { nowMs }: World): Record[] {
  return texts.map((text) => textRecord(text, { timestamp: nowMs }));
}
