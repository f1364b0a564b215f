import { describe, expect, test } from 'vitest';
import { isSyncDue, SyncTimer } from '../../src/storage/sync-policy.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { topicConfig } from '../support/partition-fixture.ts';

describe('a flush is synced before it is acknowledged', () => {
  test('always, by default', () => {
    expect(isSyncDue(topicConfig(), 1)).toBe(true);
  });

  test('with flush.ms=0 too', () => {
    expect(isSyncDue(topicConfig({ 'flush.ms': '0', 'flush.messages': '100' }), 1)).toBe(true);
  });

  test('when so many records would be unsynced as flush.messages says', () => {
    const config = topicConfig({ 'flush.messages': '3' });
    expect(isSyncDue(config, 2)).toBe(false);
    expect(isSyncDue(config, 3)).toBe(true);
  });

  test('by time alone only before the distance outgrows its field', () => {
    const config = topicConfig({ 'flush.ms': '50' });
    expect(isSyncDue(config, 999_999_999)).toBe(false);
    expect(isSyncDue(config, 1_000_000_000)).toBe(true);
  });
});

describe('the sync timer', () => {
  function timer() {
    const clock = new ManualClock();
    const ran: number[] = [];
    return { clock, ran, timer: new SyncTimer(clock, () => ran.push(clock.monotonicMs())) };
  }

  test('runs flush.ms after the first start, and once', () => {
    const { clock, ran, timer: one } = timer();
    one.start(topicConfig({ 'flush.ms': '100' }));
    clock.advance(60);
    one.start(topicConfig({ 'flush.ms': '100' }));
    clock.advance(39);
    expect(ran).toEqual([]);
    clock.advance(500);
    expect(ran).toEqual([100]);
    one.start(topicConfig({ 'flush.ms': '100' }));
    clock.advance(100);
    expect(ran).toEqual([100, 699]);
  });

  test('does not run when it was stopped, or where there is no such time', () => {
    const { clock, ran, timer: one } = timer();
    one.start(topicConfig({ 'flush.ms': '100' }));
    one.stop();
    one.stop();
    one.start(topicConfig({ 'flush.messages': '5' }));
    clock.advance(1_000);
    expect(ran).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });

  test('is never set for longer than timers can be', () => {
    const { clock, ran, timer: one } = timer();
    one.start(topicConfig({ 'flush.ms': '9223372036854775807' }));
    clock.advance(2_147_483_647);
    expect(ran).toHaveLength(1);
  });
});
