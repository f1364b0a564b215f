import { beforeEach, expect, test } from 'vitest';
import {
  checkPartitions,
  commitOffsets,
  committedOffsets,
  commitPositions,
} from '../../src/http/v2-commits.ts';
import type { V2Place } from '../../src/http/v2-membership.ts';
import { V2Positions } from '../../src/http/v2-positions.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { V2App } from '../support/v2-app.ts';
import { v2App } from '../support/v2-app.ts';

let v2: V2App;

beforeEach(async () => {
  v2 = v2App();
  await v2.broker.createTopic({ name: 't', partitionCount: 2 });
  await v2.produce('t', 0, 1, 2, 3);
});

function place(offset: number, committed?: number): V2Place {
  const positions = new V2Positions([
    { topic: 't', topicId: 'id', partition: 0, offset, committed },
  ]);
  const subscription = { kind: 'topics', topics: [] } as const;
  const rest = { fingerprint: 0, assigned: [], generation: -1, positions: [] };
  const cursor = { group: 'g', subscription, autoOffsetReset: 'earliest' as const, ...rest };
  return { member: undefined, cursor, assignment: positions.assignment, positions };
}

test('positions are committed once', async () => {
  const at = place(2, 1);
  await commitPositions(v2.broker, 'g', at);
  expect(await v2.broker.fetchOffsets('g')).toMatchObject([
    { topic: 't', partition: 0, offset: 2, metadata: '', leaderEpoch: -1 },
  ]);
  v2.levers.refuse('commitOffsets', 'DISK_FULL');
  await commitPositions(v2.broker, 'g', at);
});

test('nothing is taken for committed that was not', async () => {
  const at = place(2);
  const error = new MillraceError('OFFSET_METADATA_TOO_LARGE', 'no');
  v2.levers.answers.commitOffsets = async ({ offsets }) =>
    offsets.map((each) => ({ ...each, error }));
  await expect(commitPositions(v2.broker, 'g', at)).rejects.toMatchObject({ code: error.code });
  expect(at.positions.uncommitted).toHaveLength(1);
});

test('a topic that is no more keeps nothing else from being committed', async () => {
  await v2.broker.createTopic({ name: 'u' });
  const positions = new V2Positions([
    { topic: 't', topicId: 'id', partition: 0, offset: 1, committed: undefined },
    { topic: 'u', topicId: 'id', partition: 0, offset: 0, committed: undefined },
  ]);
  await v2.broker.deleteTopic('t');
  await commitPositions(v2.broker, 'g', { ...place(0), positions });
  expect(await v2.broker.fetchOffsets('g')).toMatchObject([{ topic: 'u', offset: 0 }]);
});

test('offsets may be committed by an instance that reads nothing', async () => {
  const offsets = [{ topic: 't', partition: 0, offset: 3, metadata: 'm' }];
  await commitOffsets(v2.broker, { group: 'g', place: undefined, offsets });
  await commitOffsets(v2.broker, { group: 'g', place: undefined, offsets: [] });
  const asked = [1, 0].map((partition) => ({ topic: 't', partition }));
  expect(await committedOffsets(v2.broker, 'g', asked)).toEqual(offsets);
  expect(await committedOffsets(v2.broker, 'h', asked)).toEqual([]);
});

test('but not beyond what is there', async () => {
  const offsets = [{ topic: 't', partition: 0, offset: 4, metadata: '' }];
  await expect(
    commitOffsets(v2.broker, { group: 'g', place: undefined, offsets }),
  ).rejects.toMatchObject({ code: 'OFFSET_ABOVE_HIGH_WATERMARK' });
});

test.each([
  ['u', 0, { topic: 'u' }],
  ['t', 2, { topic: 't', partition: 2, partition_count: 2 }],
])('partition %s/%i is not there', async (topic, partition, details) => {
  await expect(checkPartitions(v2.broker, [{ topic, partition }])).rejects.toMatchObject({
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
    details,
  });
});
