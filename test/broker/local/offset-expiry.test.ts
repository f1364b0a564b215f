import { expect, test } from 'vitest';
import type { ExpiryFacts } from '../../../src/broker/local/offset-expiry.ts';
import { expiredOffsets } from '../../../src/broker/local/offset-expiry.ts';
import { GroupTable } from '../../../src/broker/local/group-table.ts';
import { metadataValue, offsetValue } from '../../support/group-changes.ts';

const VALUE = offsetValue(5);
const FACTS: ExpiryFacts = {
  nowMs: 10_000,
  retentionMs: 1_000,
  hasMembers: false,
  findTopic: () => ({ topicId: VALUE.topicId, partitionCount: 2 }),
};

/** A group with two offsets committed at those times, empty since then where given. */
function expired(
  times: readonly [number, number],
  { emptySinceMs, ...facts }: Partial<ExpiryFacts> & { readonly emptySinceMs?: number } = {},
): number[] {
  const table = new GroupTable();
  for (const [partition, commitTimestampMs] of times.entries()) {
    const value = { ...VALUE, commitTimestampMs };
    table.apply({ kind: 'offset-commit', group: 'g', topic: 't', partition, value });
  }
  if (emptySinceMs !== undefined) {
    const value = { ...metadataValue(1), members: [], currentStateTimestampMs: emptySinceMs };
    table.apply({ kind: 'group-metadata', group: 'g', value });
  }
  const group = table.group('g');
  if (group === undefined) throw new Error('there is one');
  return expiredOffsets(group, { ...FACTS, ...facts }).map(({ partition }) => partition);
}

test("without members ever, each commit's own age counts", () => {
  expect(expired([9_000, 9_001])).toEqual([0]);
});

test('of a group that had members the time since the last one left counts', () => {
  expect(expired([1, 2], { emptySinceMs: 9_001 })).toEqual([]);
  expect(expired([1, 2], { emptySinceMs: 9_000 })).toEqual([0, 1]);
});

test('what was committed since then has a time of its own', () => {
  expect(expired([1, 9_500], { emptySinceMs: 2_000 })).toEqual([0]);
});

test('where it is not known since when a group is empty, the commits say it', () => {
  expect(expired([9_000, 9_001], { emptySinceMs: -1 })).toEqual([0]);
});

test('a group with members keeps its offsets, however old', () => {
  expect(expired([1, 2], { hasMembers: true })).toEqual([]);
});

test('what was committed for a topic that is gone expires, with members or without', () => {
  const gone = { hasMembers: true, findTopic: () => undefined };
  expect(expired([10_000, 10_000], gone)).toEqual([0, 1]);
  const namesake = { findTopic: () => ({ topicId: 'another', partitionCount: 2 }) };
  expect(expired([10_000, 10_000], namesake)).toEqual([0, 1]);
});
