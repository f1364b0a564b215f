/** Which segments may leave: pure, whole segments only, oldest first. */
import type { TopicConfig } from '../model/topic-config.ts';
import type { SegmentFacts } from './segment.ts';

export interface RetentionQuestion {
  /** All segments, oldest first; the last is active and never leaves. */
  readonly segments: readonly Readonly<SegmentFacts>[];
  readonly logStartOffset: number;
  readonly config: TopicConfig;
  /** The server's wall clock. Age counts from a segment's last append, never from timestamps. */
  readonly nowMs: number;
  readonly segmentsMax: number;
}

/**
 * How many of the oldest segments leave now: those wholly below the log start, older than
 * retention.ms, or above retention.bytes (Kafka's rule: while the rest still holds that much).
 */
export function countExpiredSegments(question: RetentionQuestion): number {
  const { segments, config } = question;
  let bytes = segments.reduce((sum, each) => sum + each.bytes, 0);
  let count = 0;
  for (const segment of segments.slice(0, -1)) {
    if (count === question.segmentsMax) break;
    const deleted = segment.endOffset <= question.logStartOffset;
    const old = isOlderThan(segment, config.retentionMs, question.nowMs);
    const surplus = config.retentionBytes >= 0 && bytes - segment.bytes >= config.retentionBytes;
    if (!deleted && !old && !surplus) break;
    bytes -= segment.bytes;
    count += 1;
  }
  return count;
}

/**
 * Whether the active segment must be closed: its first append is `segment.ms` ago, or all of it
 * has outlived retention.ms and only waits to be a closed segment.
 */
export function mustRollByAge(
  active: Readonly<SegmentFacts>,
  config: TopicConfig,
  nowMs: number,
): boolean {
  if (active.bytes === 0) return false;
  return (
    nowMs - active.firstAppendMs >= config.segmentMs ||
    isOlderThan(active, config.retentionMs, nowMs)
  );
}

function isOlderThan(segment: Readonly<SegmentFacts>, ageMs: number, nowMs: number): boolean {
  return ageMs >= 0 && segment.lastAppendMs >= 0 && nowMs - segment.lastAppendMs > ageMs;
}
