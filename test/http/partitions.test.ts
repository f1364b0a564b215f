import { beforeEach, describe, expect, test } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import { PURGE_CONCURRENCY } from '../../src/model/limits.ts';
import { NO_HEADERS } from '../../src/model/record.ts';
import type { Ask } from '../support/conformance.ts';
import { conformingAsk } from '../support/conformance.ts';
import { testApp } from '../support/http-app.ts';
import type { MemoryBroker } from '../support/memory-broker.ts';

const SIX_O_CLOCK = Date.UTC(2026, 10, 21, 6);

let broker: MemoryBroker;
let ask: Ask;

beforeEach(async () => {
  const { app, broker: memory } = testApp();
  broker = memory;
  ask = conformingAsk(app);
  await broker.createTopic({ name: 'flights', partitionCount: 2 });
});

/** One record an hour. */
async function produce(partition: number, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => ({
    key: null,
    value: Buffer.from(`${index}`),
    headers: NO_HEADERS,
    timestamp: SIX_O_CLOCK + index * 3_600_000 - 86_400_000,
  }));
  await broker.produce([{ topic: 'flights', partition, payload: { kind: 'records', records } }]);
}

describe('partitions', () => {
  test('are listed in order, and each can be asked for', async () => {
    await produce(1, 3);
    const list = (await ask('/topics/flights/partitions')).json();
    expect(list).toMatchObject([
      { partition: 0, end_offset: 0 },
      { partition: 1, end_offset: 3, leader: 0 },
    ]);
    expect((await ask('/topics/flights/partitions/1')).json()).toEqual(list[1]);
  });

  test('one that the topic does not have is 40402, of no topic 40401', async () => {
    for (const path of ['', '/offsets']) {
      const answer = await ask(`/topics/flights/partitions/2${path}`);
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ error_code: 40402, details: { partition: 2 } });
      expect((await ask(`/topics/nope/partitions/0${path}`)).json().error_code).toBe(40401);
    }
  });

  test.each(['x', '-1', '1.0', '2147483648', '%30%20', ' '])('%j is no partition', async (text) => {
    const answer = await ask(`/topics/flights/partitions/${encodeURIComponent(text)}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ details: { parameter: 'partition' } });
  });
});

describe('offsets', () => {
  const OFFSETS = '/topics/flights/partitions/0/offsets';

  test('are those of v2', async () => {
    await produce(0, 5);
    await broker.deleteRecords('flights', 0, 2);
    expect((await ask(OFFSETS)).json()).toEqual({ beginning_offset: 2, end_offset: 5 });
  });

  test('tell where a time begins', async () => {
    await produce(0, 5);
    const yesterday = SIX_O_CLOCK - 86_400_000;
    for (const [text, offset, timestamp] of [
      ['0', 0, yesterday],
      [String(yesterday + 1), 1, yesterday + 3_600_000],
      ['2026-11-20T08:00:00Z', 2, yesterday + 7_200_000],
      ['2026-11-20T09:00:00%2B01:00', 2, yesterday + 7_200_000],
      ['2026-11-21T06:00:00Z', 5, null],
    ] as const) {
      const answer = await ask(`${OFFSETS}?timestamp=${text}`);
      expect(answer.json(), text).toEqual({
        beginning_offset: 0,
        end_offset: 5,
        offset,
        timestamp,
      });
    }
  });

  test('refuse what is no time', async () => {
    const answer = await ask(`${OFFSETS}?timestamp=yesterday`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toContain('RFC 3339');
  });
});

describe('purging', () => {
  test('a topic moves every log start to its end', async () => {
    await produce(0, 3);
    await produce(1, 4);
    const answer = await ask({ method: 'DELETE', url: '/topics/flights/records' });
    expect(answer.json()).toEqual({
      partitions: [
        { partition: 0, log_start_offset: 3 },
        { partition: 1, log_start_offset: 4 },
      ],
    });
    expect((await ask({ method: 'DELETE', url: '/topics/flights/records' })).json()).toEqual(
      answer.json(),
    );
  });

  test('a topic of more partitions than are purged at once names them all', async () => {
    const count = PURGE_CONCURRENCY * 2 + 1;
    await broker.createTopic({ name: 'wide', partitionCount: count });
    const answer = await ask({ method: 'DELETE', url: '/topics/wide/records' });
    expect(answer.json().partitions.map((each: { partition: number }) => each.partition)).toEqual(
      Array.from({ length: count }, (_, index) => index),
    );
  });

  test('a partition goes up to an offset, or to its end', async () => {
    await produce(0, 5);
    const url = '/topics/flights/partitions/0/records';
    const start = async (query: string) =>
      (await ask({ method: 'DELETE', url: url + query })).json().partitions;
    expect(await start('?before=2')).toEqual([{ partition: 0, log_start_offset: 2 }]);
    expect(await start('?before=1')).toEqual([{ partition: 0, log_start_offset: 2 }]);
    expect(await start('')).toEqual([{ partition: 0, log_start_offset: 5 }]);
    expect((await ask({ method: 'DELETE', url: `${url}?before=6` })).statusCode).toBe(416);
    expect((await ask({ method: 'DELETE', url: `${url}?before=-2` })).statusCode).toBe(400);
  });

  test('says what went wrong', async () => {
    broker.deleteRecords = () =>
      Promise.reject(new MillraceError('KAFKA_STORAGE_ERROR', 'partition 1 is offline'));
    const answer = await ask({ method: 'DELETE', url: '/topics/flights/records' });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ error_code: 50300, message: 'partition 1 is offline' });
    expect(answer.headers['retry-after'], 'it is not worth another try').toBeUndefined();
  });
});
