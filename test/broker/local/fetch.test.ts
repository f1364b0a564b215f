import { expect, test } from 'vitest';
import { fetchBatches, fetchTargets } from '../../../src/broker/local/fetch.ts';
import { ParkedFetches } from '../../../src/broker/local/parked-fetches.ts';
import { ReadsInFlight } from '../../../src/broker/local/reads-in-flight.ts';
import { Topics } from '../../../src/broker/local/topics.ts';
import { parseTopicConfig } from '../../../src/model/topic-config.ts';
import { encodedBatch, textRecord } from '../../support/batches.ts';
import { fakePartition } from '../../support/fake-partition.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const BATCH = encodedBatch([textRecord('a')]);
const ASKED = { topic: 't', partition: 0, offset: 0, maxBytes: 1000 };
const REQUEST = { partitions: [ASKED], minBytes: 1, maxBytes: 1000, maxWaitMs: 1000 };

const reads = new ReadsInFlight(10_000_000);

/** A partition that is empty at first, and counts how often it is read. */
function growing() {
  const listeners = new Set<() => void>();
  const facts = { bytesAppended: 0, highWatermark: 0, reads: 0 };
  const log = fakePartition({
    read: () => {
      facts.reads += 1;
      return facts.highWatermark === 0 ? Buffer.alloc(0) : BATCH;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  Object.defineProperty(log, 'bytesAppended', { get: () => facts.bytesAppended });
  Object.defineProperty(log, 'highWatermark', { get: () => facts.highWatermark });
  const grow = (bytes: number): void => {
    facts.bytesAppended += bytes;
    facts.highWatermark = 1;
    for (const listener of listeners) listener();
  };
  return { log, facts, grow, listeners };
}

test('a patient fetch reads again only when enough bytes came', async () => {
  const { log, facts, grow, listeners } = growing();
  const parked = new ParkedFetches(new ManualClock());
  const request = { ...REQUEST, minBytes: BATCH.length };
  const fetching = fetchBatches(request, [{ asked: ASKED, log }], { parked, reads });
  await Promise.resolve();
  for (let n = 1; n < BATCH.length; n += 1) grow(1);
  await Promise.resolve();
  expect(facts.reads).toBe(1);
  grow(1);
  expect((await fetching)[0]?.batches).toEqual(BATCH);
  expect(facts.reads).toBe(2);
  expect(listeners.size).toBe(0);
});

test('an impatient one reads once and watches nothing', async () => {
  const { log, facts, listeners } = growing();
  const parked = new ParkedFetches(new ManualClock());
  const target = { asked: ASKED, log };
  const [result] = await fetchBatches({ ...REQUEST, maxWaitMs: 0 }, [target], { parked, reads });
  expect(result?.batches).toHaveLength(0);
  expect({ reads: facts.reads, listeners: listeners.size }).toEqual({ reads: 1, listeners: 0 });
});

test('fetches that one record wakes read no more at once than there is room for', async () => {
  const parked = new ParkedFetches(new ManualClock());
  const bytes = 1_048_588;
  const room = new ReadsInFlight(5 * bytes);
  const { log, facts, grow } = growing();
  let readingNow = 0;
  let readingMost = 0;
  const slow = Object.create(log, {
    read: {
      value: async () => {
        if (facts.highWatermark === 0) return Buffer.alloc(0);
        readingMost = Math.max(readingMost, ++readingNow);
        await new Promise((resolve) => setImmediate(resolve));
        readingNow--;
        return BATCH;
      },
    },
  }) as typeof log;
  const asked = { ...ASKED, maxBytes: bytes };
  const request = { ...REQUEST, partitions: [asked], maxBytes: bytes };
  const all = Array.from({ length: 100 }, () =>
    fetchBatches(request, [{ asked, log: slow }], { parked, reads: room }),
  );
  while (parked.count < 100) await Promise.resolve();
  grow(BATCH.length);
  for (const [result] of await Promise.all(all)) expect(result?.batches).toEqual(BATCH);
  expect(readingMost).toBe(5);
});

test('a fault while reading leaves nothing behind', async () => {
  const { log, listeners } = growing();
  const broken = { ...log, read: () => Promise.reject(new TypeError('a fault')) };
  const parked = new ParkedFetches(new ManualClock());
  await expect(
    fetchBatches(REQUEST, [{ asked: ASKED, log: broken }], { parked, reads }),
  ).rejects.toThrow();
  expect({ parked: parked.count, listeners: listeners.size }).toEqual({ parked: 0, listeners: 0 });
});

test('targets are the logs that there are at the time of asking, or why there is none', () => {
  const topics = new Topics();
  const config = parseTopicConfig(new Map());
  const topic = { name: 't', topicId: '', partitionCount: 1, config, configOverrides: new Map() };
  const log = fakePartition();
  topics.add({ topic, partitions: [log] });
  const partitions = [ASKED, { ...ASKED, partition: 1 }, { ...ASKED, topic: 'x' }];
  const [found, ...missing] = fetchTargets({ ...REQUEST, partitions }, topics);
  expect(found).toEqual({ asked: ASKED, log });
  expect(missing.map((each) => each.error?.code)).toEqual([
    'UNKNOWN_TOPIC_OR_PARTITION',
    'UNKNOWN_TOPIC_OR_PARTITION',
  ]);
});
