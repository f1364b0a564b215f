import { expect, test } from 'vitest';
import {
  fencedInstance,
  groupIsFull,
  groupNotEmpty,
  groupNotFound,
  illegalGeneration,
  memberIdRequired,
  rebalanceInProgress,
  unknownMember,
} from '../../../src/broker/local/group-refusals.ts';

const WILD = 'a "group"\n';

test('each names the group, escaped, and has it in its details', () => {
  for (const refusal of [
    unknownMember(WILD, 'm'),
    fencedInstance(WILD, { groupInstanceId: 'i', memberId: 'm' }),
    illegalGeneration(WILD, { received: 1, current: 2 }),
    rebalanceInProgress(WILD),
    memberIdRequired(WILD, 'm'),
    groupIsFull(WILD, 5),
    groupNotFound(WILD),
    groupNotEmpty(WILD, 2),
  ]) {
    expect(refusal.message).toContain(String.raw`"a \"group\"\n"`);
    expect(refusal.details['group']).toBe(WILD);
  }
});

test('what comes right by the same request or by time is retriable', () => {
  const retriable = [memberIdRequired('g', 'm'), rebalanceInProgress('g')];
  expect(retriable.map((each) => each.retriable)).toEqual([true, true]);
  expect(unknownMember('g', 'm').retriable).toBe(false);
});
