import { beforeEach, describe, expect, test } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import type { StartOffset } from '../../src/http/fetch-offset.ts';
import { readPage } from '../../src/http/fetch-page.ts';
import type { Page } from '../../src/http/fetch-page.ts';
import { recordsIn, textsOf } from '../support/batches.ts';
import { ManualClock } from '../support/manual-clock.ts';
import type { MemoryBroker } from '../support/memory-broker.ts';
import { createMemoryBroker } from '../support/memory-broker.ts';
import { valued } from '../support/stored-records.ts';

const PLACE = { topic: 't', partition: 0 };
let clock: ManualClock;
let broker: MemoryBroker;

beforeEach(async () => {
  clock = new ManualClock();
  broker = createMemoryBroker({ clock });
  await broker.createTopic({ name: 't' });
  for (const value of ['a', 'b', 'c']) await produce(value);
});

async function produce(value: string): Promise<void> {
  await broker.produce([{ ...PLACE, payload: { kind: 'records', records: [valued(value)] } }]);
}

function read(start: StartOffset, more: object = {}, from: Broker = broker): Promise<Page> {
  return readPage(from, { ...PLACE, start, bytesMin: 1, bytesMax: 1_000, waitMs: 0, ...more });
}

test('a page says where it began and what the bounds are', async () => {
  const page = await read({ kind: 'offset', offset: 1 });
  expect(page).toMatchObject({ offset: 1, logStartOffset: 0, highWatermark: 3 });
  expect(textsOf(await recordsIn(page.batches))).toEqual(['b', 'c']);
});

describe('a read that cannot be', () => {
  test('outside the log rejects with both bounds', async () => {
    await expect(read({ kind: 'offset', offset: 4 })).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      details: { offset: 4, log_start_offset: 0, high_watermark: 3 },
    });
  });

  test('of an unknown topic or partition rejects', async () => {
    for (const place of [{ topic: 'nope' }, { partition: 1 }]) {
      for (const start of ['earliest', { kind: 'offset', offset: 0 }] as const) {
        await expect(read(start, place)).rejects.toMatchObject({
          code: 'UNKNOWN_TOPIC_OR_PARTITION',
        });
      }
    }
  });
});

describe('a wait', () => {
  test('ends when enough is there', async () => {
    const page = read('latest', { waitMs: 5_000 });
    await settled();
    await produce('d');
    expect(textsOf(await recordsIn((await page).batches))).toEqual(['d']);
  });

  test('ends with nothing when its time is over', async () => {
    const page = read('latest', { waitMs: 5_000 });
    await settled();
    clock.advance(5_000);
    expect(await page).toMatchObject({ offset: 3, batches: { length: 0 } });
  });

  test('ends with what there is when its signal fires', async () => {
    const controller = new AbortController();
    const page = read('latest', { waitMs: 5_000, signal: controller.signal });
    await settled();
    controller.abort();
    expect(await page).toMatchObject({ batches: { length: 0 } });
    expect(broker.stats().parkedFetches).toBe(0);
  });

  async function settled(): Promise<void> {
    while (broker.stats().parkedFetches === 0) await Promise.resolve();
  }
});

describe('a log that is trimmed between the look-up and the read', () => {
  /** Moves the log start by one after each of the first `times` look-ups. */
  function trimming(times: number): Broker & { looked: number } {
    const state = { looked: 0 };
    return Object.assign(Object.create(broker) as Broker, state, {
      async listOffset(...query: Parameters<Broker['listOffset']>) {
        const answer = await broker.listOffset(...query);
        if (state.looked++ < times) await broker.deleteRecords('t', 0, answer.offset + 1);
        return answer;
      },
      fetch: broker.fetch.bind(broker),
    });
  }

  test('is looked up again, since the caller said where by no number', async () => {
    const page = await read('earliest', {}, trimming(2));
    expect(page).toMatchObject({ offset: 2, logStartOffset: 2 });
  });

  test('is given up after some tries', async () => {
    await expect(read('earliest', {}, trimming(3))).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
    });
  });
});
