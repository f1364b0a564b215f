import { expect, test } from 'vitest';
import { encodeAssignment } from '../../src/codec/consumer-protocol.ts';
import { assignmentOf } from '../../src/membership/member-assignment.ts';

test('is what the leader assigned', () => {
  const assigned = [{ topic: 't', partitions: [0, 2] }];
  expect(assignmentOf({ assignment: encodeAssignment(assigned) })).toEqual(assigned);
});

test('is nothing for a member that was left out', () => {
  expect(assignmentOf({ assignment: new Uint8Array(0) })).toEqual([]);
});

test('is nothing where the bytes are not those of a consumer', () => {
  for (const text of ['{}', '\0\0\0\0\0\u0007x', 'connect']) {
    expect(assignmentOf({ assignment: Buffer.from(text) })).toEqual([]);
  }
});
