import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ParkedFetches } from '../../../src/broker/local/parked-fetches.ts';
import type { FetchWait, Watched } from '../../../src/broker/local/parked-fetches.ts';
import { PARKED_FETCHES_MAX } from '../../../src/model/limits.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** A log of which only the growth is seen. */
class GrowingLog implements Watched {
  bytesAppended = 0;
  readonly listeners = new Set<() => void>();

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** 0: something else has happened. */
  change(bytes: number): void {
    this.bytesAppended += bytes;
    for (const listener of this.listeners) listener();
  }
}

function scene() {
  const clock = new ManualClock();
  const parked = new ParkedFetches(clock);
  const log = new GrowingLog();
  return { clock, parked, log, wait: parked.watch([log], { maxWaitMs: 1000 }) };
}

/** Begins to wait, and says whether that has ended. */
function waiting(wait: FetchWait, bytes: number): { readonly isOver: () => Promise<boolean> } {
  let isOver = false;
  void wait.wait(bytes).then(() => (isOver = true));
  return {
    isOver: async () => {
      await nextTurn();
      return isOver;
    },
  };
}

test('a wait ends when the bytes it lacks were appended, in one go or in many', async () => {
  const { parked, log, wait } = scene();
  wait.mark();
  const first = waiting(wait, 100);
  expect(parked.count).toBe(1);
  log.change(60);
  expect(await first.isOver()).toBe(false);
  log.change(40);
  expect(await first.isOver()).toBe(true);
  expect(parked.count).toBe(0);
});

test('growth counts over all logs that are watched', async () => {
  const { parked } = scene();
  const logs = [new GrowingLog(), new GrowingLog()];
  const wait = parked.watch(logs, { maxWaitMs: 1000 });
  const both = waiting(wait, 100);
  logs[0]?.change(50);
  logs[1]?.change(50);
  expect(await both.isOver()).toBe(true);
});

test('what is appended between mark and wait is not missed', async () => {
  const { log, wait } = scene();
  wait.mark();
  log.change(100);
  await wait.wait(100);
});

test('what was appended before mark does not count', async () => {
  const { log, wait } = scene();
  log.change(100);
  wait.mark();
  expect(await waiting(wait, 1).isOver()).toBe(false);
});

test('any other change ends it at once: the log was trimmed, deleted or is offline', async () => {
  const { log, wait } = scene();
  const trimmed = waiting(wait, 1_000_000);
  log.change(0);
  expect(await trimmed.isOver()).toBe(true);
});

test('a counter that begins anew is such a change', async () => {
  const { log, wait } = scene();
  log.change(500);
  wait.mark();
  const repaired = waiting(wait, 1_000_000);
  log.change(-500);
  expect(await repaired.isOver()).toBe(true);
});

test('it ends when its time is over, counted over all its waits', async () => {
  const { clock, log, wait } = scene();
  const first = waiting(wait, 10);
  clock.advance(600);
  log.change(10);
  expect(await first.isOver()).toBe(true);
  wait.mark();
  const second = waiting(wait, 10);
  clock.advance(399);
  expect(await second.isOver()).toBe(false);
  expect(wait.isOver).toBe(false);
  clock.advance(1);
  expect(await second.isOver()).toBe(true);
  expect(wait.isOver).toBe(true);
  await wait.wait(10);
});

test('it ends when its caller goes, or does not begin when he has gone', async () => {
  const { parked, log } = scene();
  const caller = new AbortController();
  const wait = parked.watch([log], { maxWaitMs: 1000, signal: caller.signal });
  const left = waiting(wait, 10);
  caller.abort();
  expect(await left.isOver()).toBe(true);
  expect(wait.isOver).toBe(true);
  const late = parked.watch([log], { maxWaitMs: 1000, signal: caller.signal });
  await late.wait(10);
});

test('after its end it watches nothing and no timer is left', async () => {
  const { clock, log, wait } = scene();
  waiting(wait, 10);
  log.change(10);
  await nextTurn();
  wait.end();
  expect(log.listeners.size).toBe(0);
  expect(clock.timerCount).toBe(0);
});

test('closing ends every wait with SHUTTING_DOWN, and those to come', async () => {
  const { parked, wait } = scene();
  const refused = expect(wait.wait(10)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  parked.close();
  await refused;
  expect(parked.count).toBe(0);
  await expect(wait.wait(10)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});

test('more than so many are refused; the place of one that ended is free', async () => {
  const { parked, log, wait } = scene();
  const others = Array.from({ length: PARKED_FETCHES_MAX }, () =>
    parked.watch([], { maxWaitMs: 1 }),
  );
  const all = others.map((each) => each.wait(10));
  expect(parked.count).toBe(PARKED_FETCHES_MAX);
  await expect(wait.wait(10)).rejects.toMatchObject({
    code: 'THROTTLING_QUOTA_EXCEEDED',
    retriable: true,
    details: { allowed: PARKED_FETCHES_MAX },
  });
  parked.close();
  await Promise.allSettled(all);
  expect(parked.count).toBe(0);
  expect(log.listeners.size).toBe(1);
});
