import { describe, expect, test } from 'vitest';
import { parseTopicConfig } from '../../src/model/topic-config.ts';
import { countExpiredSegments, mustRollByAge } from '../../src/storage/retention.ts';
import { emptySegment } from '../../src/storage/segment.ts';
import type { SegmentFacts } from '../../src/storage/segment.ts';

const NOW = 1_780_000_000_000;

function config(texts: Record<string, string> = {}) {
  return parseTopicConfig(
    new Map(Object.entries({ 'retention.ms': '-1', 'retention.bytes': '-1', ...texts })),
  );
}

/** Segments of ten records and `bytes` each, the last append of each `ages[i]` ms ago. */
function segments(ages: readonly number[], bytes = 100): SegmentFacts[] {
  return ages.map((age, index) => ({
    ...emptySegment(index * 10),
    endOffset: index * 10 + 10,
    bytes,
    firstAppendMs: NOW - age - 5,
    lastAppendMs: NOW - age,
  }));
}

function count(
  ages: readonly number[],
  texts: Record<string, string>,
  more: { logStartOffset?: number; segmentsMax?: number } = {},
): number {
  return countExpiredSegments({
    segments: segments(ages),
    logStartOffset: more.logStartOffset ?? 0,
    config: config(texts),
    nowMs: NOW,
    segmentsMax: more.segmentsMax ?? 16,
  });
}

describe('retention', () => {
  test('keeps everything without limits', () => {
    expect(count([9e9, 9e9, 9e9], {})).toBe(0);
  });

  test('by age begins one millisecond after the limit, from the last append', () => {
    expect(count([1_001, 1_000, 0], { 'retention.ms': '1000' })).toBe(1);
    expect(count([1_000, 1_000, 0], { 'retention.ms': '1000' })).toBe(0);
    expect(count([1, 0, 0], { 'retention.ms': '0' })).toBe(1);
  });

  test('never takes the active segment, however old or large', () => {
    expect(count([9_000, 9_000, 9_000], { 'retention.ms': '1000' })).toBe(2);
    expect(count([0], { 'retention.bytes': '0' })).toBe(0);
  });

  test('stops at the first segment that stays, so that there is no gap', () => {
    expect(count([9_000, 10, 9_000, 0], { 'retention.ms': '1000' })).toBe(1);
  });

  test('by size goes as long as the rest still holds that much', () => {
    // Four segments of 100 bytes.
    expect(count([0, 0, 0, 0], { 'retention.bytes': '300' })).toBe(1);
    expect(count([0, 0, 0, 0], { 'retention.bytes': '301' })).toBe(0);
    expect(count([0, 0, 0, 0], { 'retention.bytes': '0' })).toBe(3);
  });

  test('takes what lies wholly below the log start', () => {
    expect(count([0, 0, 0, 0], {}, { logStartOffset: 19 })).toBe(1);
    expect(count([0, 0, 0, 0], {}, { logStartOffset: 20 })).toBe(2);
    expect(count([0, 0, 0, 0], {}, { logStartOffset: 40 })).toBe(3);
  });

  test('takes no more in one pass than is allowed', () => {
    expect(count([9, 9, 9, 9, 9], { 'retention.ms': '1' }, { segmentsMax: 2 })).toBe(2);
  });

  test('is not fooled by a clock that went back', () => {
    expect(count([-5_000, -5_000, 0], { 'retention.ms': '0' })).toBe(0);
  });
});

describe('an active segment', () => {
  const [active] = segments([0]) as [SegmentFacts];

  test('is closed when its first append is segment.ms ago', () => {
    expect(mustRollByAge(active, config({ 'segment.ms': '5' }), NOW)).toBe(true);
    expect(mustRollByAge(active, config({ 'segment.ms': '6' }), NOW)).toBe(false);
  });

  test('is closed when all of it has outlived retention.ms', () => {
    const [old] = segments([11]) as [SegmentFacts];
    expect(mustRollByAge(old, config({ 'retention.ms': '10' }), NOW)).toBe(true);
    expect(mustRollByAge(old, config({ 'retention.ms': '11' }), NOW)).toBe(false);
  });

  test('is never closed while it is empty', () => {
    expect(mustRollByAge(emptySegment(7), config({ 'segment.ms': '1' }), NOW)).toBe(false);
  });
});
