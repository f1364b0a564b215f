import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Broker, Topic } from '../../src/broker/broker.ts';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { ndjsonFrames } from '../../src/http/stream-frames.ts';
import type { StreamRequest } from '../../src/http/stream-source.ts';
import { StreamSource } from '../../src/http/stream-source.ts';
import type { LogFacts } from '../../src/model/log.ts';
import { silentLog } from '../../src/model/log.ts';
import { READER_STALL_MS, STREAM_HEARTBEAT_MS } from '../../src/model/limits.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { compressedBatch } from '../support/compressed-frames.ts';
import { ManualClock } from '../support/manual-clock.ts';
import type { MemoryBroker } from '../support/memory-broker.ts';
import { createMemoryBroker } from '../support/memory-broker.ts';
import { valued } from '../support/stored-records.ts';

let clock: ManualClock;
let broker: MemoryBroker;
let topic: Topic;
let budget: FetchBudget;
let stopping: AbortController;

beforeEach(async () => {
  clock = new ManualClock();
  broker = createMemoryBroker({ clock });
  topic = await broker.createTopic({ name: 't' });
  budget = new FetchBudget(1_000_000);
  stopping = new AbortController();
});

async function produce(...values: (string | Buffer)[]): Promise<void> {
  const records = values.map((value) => valued(value));
  await broker.produce([{ topic: 't', partition: 0, payload: { kind: 'records', records } }]);
}

async function produceCompressed(value: string): Promise<void> {
  const bytes = compressedBatch(encodedBatch([textRecord(JSON.stringify(value))]), 'gzip');
  await broker.produce([{ topic: 't', partition: 0, payload: { kind: 'batches', bytes } }]);
}

function stream(request: Partial<StreamRequest> = {}, from: Broker = broker): StreamSource {
  return new StreamSource(
    { topic, partition: 0, from: 0, to: undefined, recordsMax: undefined, ...request },
    ndjsonFrames({ topic: 't', partition: 0, format: 'json' }),
    { broker: from, log: silentLog, clock, budget, stopping: stopping.signal },
  );
}

interface Line {
  readonly offset?: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly details?: object };
}

function lines(chunk: Buffer | undefined): Line[] {
  const text = chunk?.toString() ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

async function offsets(source: StreamSource): Promise<(number | undefined)[]> {
  return lines(await source.next()).map((line) => line.offset);
}

async function parked(): Promise<void> {
  while (broker.stats().parkedFetches === 0) await Promise.resolve();
}

describe('an open stream', () => {
  test('gives what is there and then what comes', async () => {
    await produce('0', '1');
    const source = stream();
    expect(await offsets(source)).toEqual([0, 1]);
    const next = offsets(source);
    await parked();
    await produce('2');
    expect(await next).toEqual([2]);
  });

  test('gives a heartbeat when nothing comes, and goes on', async () => {
    const source = stream();
    for (let count = 0; count < 2; count++) {
      const next = source.next();
      await parked();
      clock.advance(STREAM_HEARTBEAT_MS);
      expect((await next)?.toString()).toBe('\n');
    }
    await produce('0');
    expect(await offsets(source)).toEqual([0]);
  });

  test('gives back what it holds with the last chunk of a read, before it waits', async () => {
    await produce('0');
    const source = stream();
    await source.next();
    expect(budget.heldBytes).toBe(0);
  });

  test('reads on in bounded steps', async () => {
    for (let count = 0; count < 8; count++) await produce(`"${'x'.repeat(100_000)}"`);
    const source = stream();
    const steps: number[] = [];
    for (let seen = 0; seen < 8; seen += steps.at(-1) as number) {
      steps.push((await offsets(source)).length);
      expect(budget.heldBytes).toBeLessThanOrEqual(2 * 262_144);
    }
    expect(Math.max(...steps)).toBeLessThanOrEqual(3);
  });
});

describe('a stream with an end', () => {
  test('stops at that offset, without waiting', async () => {
    await produce('0', '1');
    const source = stream({ to: 2 });
    await produce('2');
    expect(await offsets(source)).toEqual([0, 1]);
    expect(await source.next()).toBeUndefined();
    expect(await source.next()).toBeUndefined();
  });

  test('is over at once when it ends where it begins', async () => {
    expect(await stream({ to: 0 }).next()).toBeUndefined();
  });

  test('stops after so many records, in the middle of a batch and across batches', async () => {
    await produce('0', '1');
    await produce('2', '3');
    for (const recordsMax of [1, 2, 3]) {
      const source = stream({ recordsMax });
      expect(await offsets(source)).toHaveLength(recordsMax);
      expect(await source.next()).toBeUndefined();
    }
  });
});

describe('a stream that must end says why', () => {
  async function lastWord(source: StreamSource, code: string): Promise<Line['error']> {
    const [line] = lines(await source.next());
    expect(line?.error?.code).toBe(code);
    expect(await source.next()).toBeUndefined();
    expect(budget.heldBytes).toBe(0);
    return line?.error;
  }

  test('when its topic is deleted while it waits', async () => {
    const source = stream();
    const end = lastWord(source, 'UNKNOWN_TOPIC_OR_PARTITION');
    await parked();
    await broker.deleteTopic('t');
    await end;
  });

  test('when its topic was made anew, of which it shows nothing', async () => {
    await produce('0');
    const source = stream();
    await source.next();
    await broker.deleteTopic('t');
    await broker.createTopic({ name: 't' });
    await produce('"other 0"', '"other 1"');
    await lastWord(source, 'UNKNOWN_TOPIC_OR_PARTITION');
  });

  test('when its offset was trimmed, with the bounds', async () => {
    await produce('0', '1', '2');
    const source = stream();
    await broker.deleteRecords('t', 0, 2);
    expect(await lastWord(source, 'OFFSET_OUT_OF_RANGE')).toMatchObject({
      details: { offset: 0, log_start_offset: 2, high_watermark: 3 },
    });
  });

  test('when the partition goes offline', async () => {
    const source = stream();
    const end = lastWord(source, 'KAFKA_STORAGE_ERROR');
    await parked();
    broker.setPartitionState({ topic: 't', partition: 0 }, 'offline', 'a bit flipped');
    await end;
  });

  test('when the server stops, also while it waits', async () => {
    const source = stream();
    const end = lastWord(source, 'SHUTTING_DOWN');
    await parked();
    stopping.abort();
    await end;
    await lastWord(stream(), 'SHUTTING_DOWN');
  });

  test('when the broker is closed under it', async () => {
    const source = stream();
    const end = lastWord(source, 'SHUTTING_DOWN');
    await parked();
    await broker.close();
    await end;
  });

  test('when its reader takes nothing', async () => {
    await produce('0');
    const source = stream();
    await source.next();
    const [line] = lines(source.farewell());
    expect(line?.error).toMatchObject({
      code: 'REQUEST_TIMED_OUT',
      error_code: 40800,
      retriable: true,
      details: { limit_ms: READER_STALL_MS },
    });
    expect(await source.next()).toBeUndefined();
  });

  test('when something is wrong that nobody thought of, which goes to the log alone', async () => {
    const logged: LogFacts[] = [];
    const failing = Object.assign(Object.create(broker) as Broker, {
      fetch: () => Promise.reject(new TypeError('secret')),
    });
    const source = new StreamSource(
      { topic, partition: 0, from: 0, to: undefined, recordsMax: undefined },
      ndjsonFrames({ topic: 't', partition: 0, format: 'json' }),
      {
        broker: failing,
        log: { ...silentLog, error: (facts) => void logged.push(facts) },
        clock,
        budget,
        stopping: stopping.signal,
      },
    );
    const error = await lastWord(source, 'UNKNOWN_SERVER_ERROR');
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(logged).toEqual([{ err: new TypeError('secret') }]);
  });
});

describe('a stream whose reader is gone', () => {
  test('frees its parked read and leaves nothing behind', async () => {
    const source = stream();
    const next = source.next();
    await parked();
    source.close();
    expect(await next).toBeUndefined();
    expect(broker.stats().parkedFetches).toBe(0);
    expect(clock.timerCount).toBe(0);
  });

  test('gives back what it holds', async () => {
    await produce(`"${'x'.repeat(300_000)}"`, '1');
    const source = stream();
    await source.next();
    expect(budget.heldBytes).toBeGreaterThan(0);
    source.close();
    expect(budget.heldBytes).toBe(0);
  });
});

describe('a stream for which there is no room', () => {
  test('waits with empty hands and reads when others gave back', async () => {
    await produce('0');
    const hold = budget.take(1_000_000);
    const source = stream();
    let isThere = false;
    const next = offsets(source).finally(() => (isThere = true));
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(isThere).toBe(false);
    expect(budget.heldBytes).toBe(1_000_000);
    hold.release();
    expect(await next).toEqual([0]);
  });

  test('to inflate a batch does the same', async () => {
    await produceCompressed('x'.repeat(100_000));
    const large = compressedBatch(encodedBatch([textRecord('x'.repeat(450_000))]), 'gzip');
    const { hold } = await budget.inflate(large);
    const held = budget.heldBytes;
    const next = offsets(stream());
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(budget.heldBytes).toBe(held);
    hold?.release();
    expect(await next).toEqual([0]);
  });

  test('to inflate another one ends its read there, and goes on with the next', async () => {
    await produceCompressed('x'.repeat(300_000));
    await produceCompressed('y'.repeat(300_000));
    const source = stream();
    expect(await offsets(source)).toEqual([0]);
    expect(await offsets(source)).toEqual([1]);
    source.close();
    expect(budget.heldBytes).toBe(0);
  });

  test('ends its wait when the server stops', async () => {
    await produce('0');
    budget.take(1_000_000);
    const next = stream().next();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    stopping.abort();
    expect(lines(await next)[0]?.error?.code).toBe('SHUTTING_DOWN');
  });
});

test('a stream with an end is over where nothing is left up to it: a repair has left a gap', async () => {
  const result = {
    topic: 't',
    partition: 0,
    logStartOffset: 0,
    highWatermark: 9,
    error: undefined,
  };
  const fetch: Broker['fetch'] = async () => [{ ...result, batches: Buffer.alloc(0) }];
  const gap = new Proxy<Broker>(broker, {
    get: (target, name) => {
      const value: unknown = name === 'fetch' ? fetch : Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const source = stream({ to: 9 }, gap);
  expect(await source.next()).toBeUndefined();
  expect(await source.next()).toBeUndefined();
});
