import { describe, expect, test } from 'vitest';
import { LogState, newSegment } from '../../src/storage/log-state.ts';
import { ProducerState } from '../../src/storage/producer-state.ts';
import { SegmentIndexes } from '../../src/storage/segment.ts';

/** Closed segments of ten records each, and an active one with five. */
function state(closed = 3, logStartOffset = 0): LogState {
  const segments = Array.from({ length: closed }, (_, at) => ({
    ...newSegment(at * 10),
    endOffset: at * 10 + 10,
    bytes: 1_000,
  }));
  segments.push({ ...newSegment(closed * 10), endOffset: closed * 10 + 5, bytes: 500 });
  return new LogState({
    segments,
    activeIndexes: SegmentIndexes.empty(closed * 10),
    logStartOffset,
    producers: new ProducerState(),
  });
}

describe('the state of a log', () => {
  test('begins with everything durable, readable and at its end', () => {
    const { durableOffset, highWatermark, logEndOffset, bytes, active } = state();
    expect([durableOffset, highWatermark, logEndOffset, bytes]).toEqual([35, 35, 35, 3_500]);
    expect(active.baseOffset).toBe(30);
  });

  test('finds the segment of every offset', () => {
    const one = state();
    for (let offset = 0; offset < 40; offset += 1) {
      expect(one.segmentOf(offset).baseOffset).toBe(Math.min(30, Math.floor(offset / 10) * 10));
    }
    expect(state(0).segmentOf(3).baseOffset).toBe(0);
  });

  test.each([
    ['a start above what is durable', { logStartOffset: 36 }],
    ['more durable than readable', { highWatermark: 34 }],
    ['more readable than given', { logEndOffset: 34 }],
  ])('refuses %s', (_, wrong) => {
    const one = state();
    Object.assign(one, wrong);
    expect(() => {
      one.check();
    }).toThrow();
  });

  test('keeps what a checkpoint may say of the active segment apart from what grows', () => {
    const one = state();
    one.active.endOffset = 37;
    one.active.bytes = 700;
    one.logEndOffset = 37;
    one.highWatermark = 37;
    expect(one.durableActive).toMatchObject({ endOffset: 35, bytes: 500 });
    one.markDurable();
    expect(one.durableOffset).toBe(37);
    expect(one.durableActive).toMatchObject({ endOffset: 37, bytes: 700 });
  });

  test('begins a segment only behind what is durable', () => {
    const one = state();
    one.addSegment();
    expect(one.active).toMatchObject({ baseOffset: 35, endOffset: 35, bytes: 0 });
    expect(one.durableActive.baseOffset).toBe(35);
    expect(one.segmentOf(34).baseOffset).toBe(30);
    one.active.endOffset = 36;
    expect(() => {
      one.addSegment();
    }).toThrow();
  });

  test('knows what is behind a gap that a repair has left', () => {
    const one = state();
    const { endOffset } = one.active;
    expect([one.behindGap(endOffset - 1), one.behindGap(endOffset)]).toEqual([
      endOffset - 1,
      endOffset,
    ]);
    one.segments.push(newSegment(endOffset + 5));
    expect(
      [endOffset - 1, endOffset, endOffset + 4, endOffset + 5].map((at) => one.behindGap(at)),
    ).toEqual([endOffset - 1, endOffset + 5, endOffset + 5, endOffset + 5]);
  });
});
