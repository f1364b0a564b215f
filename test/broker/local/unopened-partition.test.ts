import { describe, expect, test, vi } from 'vitest';
import { OneAtATime } from '../../../src/broker/local/one-at-a-time.ts';
import type { Partition } from '../../../src/broker/local/partition.ts';
import { openOrStandIn } from '../../../src/broker/local/unopened-partition.ts';
import { UNOPENED_PAUSE_MS } from '../../../src/model/limits.ts';
import { parseTopicConfig } from '../../../src/model/topic-config.ts';
import type { TopicConfig } from '../../../src/model/topic-config.ts';
import { UncertainError } from '../../../src/storage/disk-errors.ts';
import { recordsInput } from '../../../src/storage/log-appender.ts';
import { fakePartition } from '../../support/fake-partition.ts';
import { fileError } from '../../support/file-error.ts';
import { settled } from '../../support/held-files.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { recordingLog } from '../../support/partition-fixture.ts';

const CONFIG = parseTopicConfig(new Map());
const OTHER_CONFIG = parseTopicConfig(new Map([['retention.ms', '7']]));
const HOUSEKEEP = { clockIsSteady: true };
const NOTHING = recordsInput([]);
const NOT_WRITTEN = { code: 'KAFKA_STORAGE_ERROR', written: 'no', retriable: true };

/** A stand-in after one try that failed; `outcomes` are those of the next ones, in order. */
async function standIn(...outcomes: (Error | Partition | Promise<Partition>)[]) {
  return standInAfter(fileError('EMFILE', 'open', '/p'), ...outcomes);
}

async function standInAfter(error: Error, ...outcomes: (Error | Partition | Promise<Partition>)[]) {
  const rest = [error, ...outcomes];
  const configs: TopicConfig[] = [];
  const clock = new ManualClock();
  const log = recordingLog();
  const open = async (config: TopicConfig): Promise<Partition> => {
    configs.push(config);
    const outcome = rest.shift();
    if (outcome === undefined) throw new Error('no further try is expected');
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const line = new OneAtATime();
  const means = { open, config: CONFIG, directory: '/p', clock, log, line };
  const partition = await openOrStandIn(means);
  return { partition, clock, log, configs, line, means };
}

function ask(partition: Partition): void {
  expect(() => partition.check(NOTHING)).toThrow(expect.objectContaining(NOT_WRITTEN));
}

describe('a partition that could not be opened', () => {
  test('is offline in everything and says why', async () => {
    const { partition, log } = await standIn();
    expect(partition).toMatchObject({
      state: 'offline',
      reason: "it could not be opened (EMFILE: simulated, open '/p'); this is tried again",
      logStartOffset: 0,
      durableOffset: 0,
      highWatermark: 0,
      logEndOffset: 0,
      bytes: 0,
      segmentCount: 0,
      bytesAppended: 0,
      largestTimestamp: -1,
    });
    expect(log.lines).toMatchObject([{ level: 'error' }]);
    ask(partition);
    const refused = expect.objectContaining({ code: 'KAFKA_STORAGE_ERROR', retriable: true });
    expect(() => partition.read(0, 1)).toThrow(refused);
    const failed = vi.fn();
    partition.append(NOTHING, { acknowledged: vi.fn(), failed });
    expect(failed).toHaveBeenCalledWith(expect.objectContaining(NOT_WRITTEN));
    await expect(partition.offsetForTimestamp(0)).rejects.toEqual(refused);
    await expect(partition.deleteRecords(0)).rejects.toMatchObject(NOT_WRITTEN);
  });

  test('takes part in the life of the broker without a fuss', async () => {
    const { partition, configs } = await standIn(fileError('EIO', 'open', '/p'));
    partition.setConfig(OTHER_CONFIG);
    partition.onChange(() => expect.unreachable())();
    expect(await partition.housekeep(HOUSEKEEP)).toBe(0);
    expect(partition.reason).toContain('EIO');
    await partition.close();
    await partition.discard();
    // Once it is closed it is not tried again.
    expect(await partition.housekeep(HOUSEKEEP)).toBe(0);
    expect(configs).toEqual([CONFIG, OTHER_CONFIG]);
  });

  test('is no stand-in for a fault of ours, now or later', async () => {
    await expect(standInAfter(new TypeError('a fault'))).rejects.toThrow(TypeError);
    const { partition } = await standIn(new TypeError('a fault'));
    await expect(partition.housekeep(HOUSEKEEP)).rejects.toThrow(TypeError);
  });

  test('is not tried again after a sync that has failed', async () => {
    const lost = new UncertainError('the sync of /p failed', fileError('EIO', 'sync', '/p'));
    const { partition, clock, configs } = await standInAfter(lost);
    clock.advance(UNOPENED_PAUSE_MS);
    expect(() => partition.check(NOTHING)).toThrow(expect.objectContaining({ retriable: false }));
    await partition.housekeep(HOUSEKEEP);
    expect(configs).toHaveLength(1);
    expect(partition.reason).toContain('restart the server');
  });

  test('is, after one that had no descriptor to begin with', async () => {
    const cause = fileError('ENFILE', 'open', '/p');
    const { partition } = await standInAfter(new UncertainError('a sync', cause), fakePartition());
    await partition.housekeep(HOUSEKEEP);
    expect(partition.state).toBe('online');
  });
});

describe('it is tried again', () => {
  test('with each housekeeping, and then looked after', async () => {
    const housekeep = vi.fn(async () => 3);
    const opened = fakePartition({ housekeep });
    const { partition, log } = await standIn(fileError('EIO', 'open', '/p'), opened);
    expect(await partition.housekeep(HOUSEKEEP)).toBe(0);
    expect(await partition.housekeep(HOUSEKEEP)).toBe(3);
    expect(housekeep).toHaveBeenCalledWith(HOUSEKEEP);
    expect(log.lines.map(({ level }) => level)).toEqual(['error', 'debug', 'info']);
  });

  test.each([
    ['a producer', (each) => each.check(NOTHING)],
    ['a reader', (each) => void each.read(0, 1)],
    ['one who looks for a time', (each) => void each.offsetForTimestamp(0).catch(() => {})],
    ['one who deletes records', (each) => void each.deleteRecords(0).catch(() => {})],
  ] satisfies [string, (partition: Partition) => void][])(
    'soon after %s has asked for it',
    async (_, asks) => {
      const { partition, clock } = await standIn(fakePartition());
      clock.advance(UNOPENED_PAUSE_MS);
      try {
        asks(partition);
      } catch {
        // Refused this time; see above.
      }
      await settled();
      expect(partition.state).toBe('online');
    },
  );

  test('with a pause between two tries, however often it is asked for', async () => {
    const again = fileError('EMFILE', 'open', '/p');
    const { partition, clock, configs } = await standIn(again, again);
    const tries = async (): Promise<number> => {
      for (let n = 0; n < 50; n += 1) ask(partition);
      await settled();
      return configs.length;
    };
    expect(await tries()).toBe(1);
    clock.advance(UNOPENED_PAUSE_MS - 1);
    expect(await tries()).toBe(1);
    clock.advance(1);
    expect(await tries()).toBe(2);
    expect(await tries()).toBe(2);
    clock.advance(UNOPENED_PAUSE_MS);
    expect(await tries()).toBe(3);
  });

  test('one at a time over all of them', async () => {
    const first = Promise.withResolvers<Partition>();
    const { partition, line } = await standIn(first.promise);
    const opening = partition.housekeep(HOUSEKEEP);
    const order: string[] = [];
    const second = line.run(async () => void order.push('the next one'));
    await settled();
    expect(order).toEqual([]);
    order.push('the first one');
    first.resolve(fakePartition());
    await Promise.all([opening, second]);
    expect(order).toEqual(['the first one', 'the next one']);
  });
});

describe('once it is open', () => {
  test('every call goes through to it', async () => {
    const calls: unknown[] = [];
    const noted =
      <T>(name: string, answer: T) =>
      (...given: unknown[]): T => {
        calls.push([name, ...given]);
        return answer;
      };
    const bytes = Buffer.from('x');
    const facts = {
      logStartOffset: 1,
      durableOffset: 2,
      highWatermark: 3,
      logEndOffset: 4,
      bytes: 5,
      segmentCount: 6,
      bytesAppended: 7,
      largestTimestamp: 8,
      state: 'read-only',
      reason: 'full',
    } as const;
    const { partition } = await standIn(
      fakePartition({
        ...facts,
        setConfig: noted('setConfig', undefined),
        check: noted('check', undefined),
        append: noted('append', undefined),
        read: noted('read', bytes),
        offsetForTimestamp: noted('offsetForTimestamp', Promise.resolve(undefined)),
        deleteRecords: noted('deleteRecords', Promise.resolve(9)),
        onChange: noted('onChange', () => {}),
        close: noted('close', Promise.resolve()),
        discard: noted('discard', Promise.resolve()),
      }),
    );
    await partition.housekeep(HOUSEKEEP);
    expect(partition).toMatchObject(facts);
    const waiter = { acknowledged: vi.fn(), failed: vi.fn() };
    const listener = vi.fn();
    partition.setConfig(OTHER_CONFIG);
    partition.check(NOTHING);
    partition.append(NOTHING, waiter);
    expect(partition.read(1, 2)).toBe(bytes);
    await partition.offsetForTimestamp(10);
    expect(await partition.deleteRecords(3)).toBe(9);
    partition.onChange(listener);
    await partition.close();
    await partition.discard();
    expect(calls).toEqual([
      ['setConfig', OTHER_CONFIG],
      ['check', NOTHING],
      ['append', NOTHING, waiter],
      ['read', 1, 2],
      ['offsetForTimestamp', 10],
      ['deleteRecords', 3],
      ['onChange', listener],
      ['close'],
      ['discard'],
    ]);
  });

  test('it has the config that was set while it was being opened', async () => {
    const opening = Promise.withResolvers<Partition>();
    const setConfig = vi.fn();
    const { partition } = await standIn(opening.promise);
    const done = partition.housekeep(HOUSEKEEP);
    await settled();
    partition.setConfig(OTHER_CONFIG);
    opening.resolve(fakePartition({ setConfig }));
    await done;
    expect(setConfig.mock.calls).toEqual([[OTHER_CONFIG]]);
  });

  test('those who listened hear of it, and of what comes after', async () => {
    const inner = new Set<() => void>();
    const onChange = (listener: () => void): (() => void) => {
      inner.add(listener);
      return () => inner.delete(listener);
    };
    const { partition } = await standIn(fakePartition({ onChange }));
    const [early, left] = [vi.fn(), vi.fn()];
    const stop = partition.onChange(early);
    partition.onChange(left)();
    await partition.housekeep(HOUSEKEEP);
    expect([early.mock.calls.length, left.mock.calls.length]).toEqual([1, 0]);
    expect([...inner]).toEqual([early]);
    stop();
    expect([...inner]).toEqual([]);
  });

  test.each(['close', 'discard'] as const)(
    'a %s that came meanwhile is done to what was opened',
    async (end) => {
      const opening = Promise.withResolvers<Partition>();
      const ended = vi.fn(async () => {});
      const { partition } = await standIn(opening.promise);
      const done = partition.housekeep(HOUSEKEEP);
      await settled();
      const ending = partition[end]();
      await settled();
      expect(ended).not.toHaveBeenCalled();
      opening.resolve(fakePartition({ [end]: ended }));
      await Promise.all([done, ending]);
      expect(ended).toHaveBeenCalledOnce();
    },
  );

  test('one that was closed while it waited for its turn is not opened any more', async () => {
    const ahead = Promise.withResolvers<void>();
    const { partition, line, configs } = await standIn();
    void line.run(() => ahead.promise);
    const done = partition.housekeep(HOUSEKEEP);
    const closing = partition.close();
    ahead.resolve();
    await Promise.all([done, closing]);
    expect(configs).toHaveLength(1);
  });
});
