import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import { FLUSH_BYTES_MAX } from '../../src/model/limits.ts';
import { FlushQueue } from '../../src/storage/flush-queue.ts';
import type { LogContext } from '../../src/storage/log-context.ts';
import { createLogShared } from '../../src/storage/log-shared.ts';
import { LogState, newSegment } from '../../src/storage/log-state.ts';
import { recordsInput } from '../../src/storage/log-appender.ts';
import type { PendingFlush } from '../../src/storage/pending-flush.ts';
import { ProducerState } from '../../src/storage/producer-state.ts';
import { SegmentIndexes } from '../../src/storage/segment.ts';
import { textRecord } from '../support/batches.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { topicConfig } from '../support/partition-fixture.ts';

function queueOf(config: { readonly [name: string]: string } = {}) {
  const state = new LogState({
    segments: [newSegment(50)],
    activeIndexes: SegmentIndexes.empty(50),
    logStartOffset: 50,
    producers: new ProducerState(),
  });
  const context: Pick<LogContext, 'state' | 'config' | 'clock' | 'shared'> = {
    state,
    config: topicConfig(config),
    clock: new ManualClock(1_000),
    shared: createLogShared(),
  };
  const queue = new FlushQueue(context as LogContext);
  const add = (text: string): PendingFlush => {
    const flush = queue.filling(text.length + 200);
    flush.addRecords(recordsInput([textRecord(text)]));
    state.logEndOffset = flush.endOffset;
    return flush;
  };
  return { queue, add };
}

describe('the queue of flushes', () => {
  test('fills one flush as long as requests fit it', () => {
    const { queue, add } = queueOf({ 'message.timestamp.type': 'LogAppendTime' });
    const first = add('a');
    expect(add('b')).toBe(first);
    expect(first).toMatchObject({ baseOffset: 50, endOffset: 52, logAppendMs: 1_000 });
    expect(queue.first).toBe(first);
  });

  test('begins another at the bound of a flush, and at that of a segment', () => {
    const large = queueOf();
    const one = large.add('x'.repeat(FLUSH_BYTES_MAX - 1_000));
    expect(large.add('y'.repeat(2_000))).not.toBe(one);
    const small = queueOf({ 'segment.bytes': '500' });
    const other = small.add('x'.repeat(200));
    expect(small.add('y'.repeat(200))).not.toBe(other);
  });

  test('gives the flushes out in order, and takes none back', () => {
    const { queue, add } = queueOf({ 'segment.bytes': '14' });
    const flushes = [add('a'), add('b'), add('c')];
    expect(new Set(flushes).size).toBe(3);
    expect(flushes.map(() => queue.takeFirst())).toEqual(flushes);
    expect(queue.first).toBeUndefined();
    expect(queue.takeFirst()).toBeUndefined();
  });

  test('finds the flush that holds an offset', () => {
    const { queue, add } = queueOf({ 'segment.bytes': '14' });
    const [, second] = [add('a'), add('b')];
    expect(queue.find(51)).toBe(second);
    expect(queue.find(49)).toBeUndefined();
    expect(queue.find(52)).toBeUndefined();
  });

  test('fails all who wait, once', () => {
    const { queue, add } = queueOf({ 'segment.bytes': '14' });
    const failed: string[] = [];
    for (const text of ['a', 'b']) {
      add(text).waiters.push({
        waiter: { acknowledged() {}, failed: () => failed.push(text) },
        result: { baseOffset: 0, count: 1, logAppendTimeMs: -1, duplicate: false },
      });
    }
    const error = new MillraceError('DISK_FULL', 'x');
    queue.failAll(error);
    queue.failAll(error);
    expect(failed).toEqual(['a', 'b']);
    expect(queue.first).toBeUndefined();
  });
});
