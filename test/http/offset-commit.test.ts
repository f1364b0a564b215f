import { beforeEach, describe, expect, test } from 'vitest';
import type { CommitBody } from '../../src/http/commit-body.ts';
import { commit } from '../../src/http/offset-commit.ts';
import type { Cursor } from '../../src/membership/cursor.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { FakeGroupScene } from '../support/fake-group-scene.ts';

let scene: FakeGroupScene;

beforeEach(async () => {
  scene = new FakeGroupScene();
  await scene.topic('t', 10, 10);
});

const NOBODY = { memberId: '', generation: -1, groupInstanceId: undefined };

function commitOffsets(...offsets: readonly (readonly [number, number])[]) {
  const what = {
    kind: 'offsets' as const,
    offsets: offsets.map(([partition, offset]) => ({
      topic: 't',
      partition,
      offset,
      leaderEpoch: -1,
      metadata: '',
    })),
  };
  return commit(scene.broker, 'g', { ...NOBODY, what });
}

describe('an offset', () => {
  test('may be the high watermark, below what is committed, and below the log start', async () => {
    await scene.memory.deleteRecords('t', 0, 5);
    for (const offset of [10, 7, 2, 0]) {
      await commitOffsets([0, offset]);
      expect(await scene.committed('g')).toEqual([`t/0=${offset}`]);
    }
  });

  test('above the high watermark is refused with the bounds, and nothing is written', async () => {
    await scene.memory.deleteRecords('t', 1, 5);
    await expect(commitOffsets([0, 1], [1, 11])).rejects.toMatchObject({
      code: 'OFFSET_ABOVE_HIGH_WATERMARK',
      status: 422,
      details: { topic: 't', partition: 1, offset: 11, log_start_offset: 5, high_watermark: 10 },
    });
    expect(scene.groups.commits).toEqual([]);
  });

  test('that cannot be checked, because the partition is offline, is not said to be wrong', async () => {
    scene.memory.setPartitionState({ topic: 't', partition: 0 }, 'offline', 'a bit flipped');
    await commitOffsets([0, 10]);
    await expect(commitOffsets([0, 11])).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
  });

  test('of a partition that is not there is refused, and nothing is written', async () => {
    await expect(commitOffsets([0, 1], [2, 0])).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      details: { topic: 't', partition: 2 },
    });
    expect(scene.groups.commits).toEqual([]);
  });

  test('is given once for a partition', async () => {
    await expect(commitOffsets([0, 1], [1, 1], [0, 1])).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'partition 0 of topic "t" is given twice; a commit names it once',
    });
    expect(scene.groups.commits).toEqual([]);
  });

  test('that was refused when it was written is not passed over', async () => {
    scene.groups.failNextOutcome(new MillraceError('UNKNOWN_TOPIC_OR_PARTITION', 'just deleted'));
    await expect(commitOffsets([0, 1], [1, 1])).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      details: { not_committed: [{ topic: 't', partition: 0 }] },
    });
  });
});

describe('a cursor', () => {
  async function commitCursor(
    positions: Cursor['positions'],
    committer: Omit<CommitBody, 'what'> = NOBODY,
  ) {
    const cursor: Cursor = {
      group: 'g',
      subscription: { kind: 'topics', topics: ['t'] },
      autoOffsetReset: 'earliest',
      fingerprint: 0,
      assigned: [],
      generation: 1,
      positions,
    };
    return commit(scene.broker, 'g', { ...committer, what: { kind: 'cursor', cursor } });
  }

  async function position(partition: number, offset: number) {
    const { topicId } = await scene.memory.topic('t');
    return { topic: 't', topicId, partition, offset };
  }

  test('commits its positions', async () => {
    await commitCursor([await position(0, 3), await position(1, 4)]);
    expect(await scene.committed('g')).toEqual(['t/0=3', 't/1=4']);
  });

  test('without positions has nothing to write, and its member is checked all the same', async () => {
    const member = { memberId: 'm', generation: 1, groupInstanceId: undefined };
    await expect(commitCursor([], member)).rejects.toMatchObject({ code: 'UNKNOWN_MEMBER_ID' });
    scene.groups.addMember('g', 'm');
    expect(await commitCursor([], member)).toEqual([]);
  });

  test('of a topic that was created anew is refused', async () => {
    const old = await position(0, 3);
    await scene.memory.deleteTopic('t');
    await expect(commitCursor([old])).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    await scene.topic('t', 10);
    await expect(commitCursor([old])).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      message: expect.stringContaining('created anew since the cursor was made'),
      details: { topic: 't', received_topic_id: old.topicId },
    });
    expect(scene.groups.commits).toEqual([]);
  });

  test('of another generation than its member has is refused', async () => {
    scene.groups.addMember('g', 'm');
    const member = { memberId: 'm', generation: 2, groupInstanceId: undefined };
    await expect(commitCursor([await position(0, 3)], member)).rejects.toMatchObject({
      code: 'ILLEGAL_GENERATION',
      details: { received: 1, expected: 2 },
    });
    expect(scene.groups.commits).toEqual([]);
  });

  test('that somebody made up is held against the log like any offset', async () => {
    await expect(commitCursor([await position(0, 11)])).rejects.toMatchObject({ status: 422 });
    const twice = [await position(0, 1), await position(0, 2)];
    await expect(commitCursor(twice)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(scene.groups.commits).toEqual([]);
  });
});
