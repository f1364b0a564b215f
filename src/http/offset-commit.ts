/**
 * A commit over HTTP: all of it is checked before anything is written. Kafka's brokers take any
 * offset; here one above the high watermark is refused, because it would skip records that are yet
 * to come. One below the log start is taken: retention may have passed it.
 */
import type { OffsetToCommit } from '../broker/groups.ts';
import { unknownTopic } from '../broker/refusals.ts';
import { checkCommitted } from '../membership/commit-outcomes.ts';
import type { Cursor } from '../membership/cursor.ts';
import type { GroupBroker } from '../membership/group-broker.ts';
import { MillraceError } from '../model/errors.ts';
import { quote } from '../model/names.ts';
import { Pace } from '../model/pace.ts';
import type { CommitBody } from './commit-body.ts';
import { HttpError } from './http-error.ts';

/** Resolves, with what it was, once it is on stable storage. */
export async function commit(
  broker: GroupBroker,
  group: string,
  { what, ...committer }: CommitBody,
): Promise<readonly OffsetToCommit[]> {
  if (what.kind === 'cursor') await checkCursor(broker, what.cursor, committer);
  const offsets = what.kind === 'cursor' ? what.cursor.positions.map(toCommit) : what.offsets;
  refuseTwice(offsets);
  const pace = new Pace();
  for (const each of offsets) {
    await checkReached(broker, each);
    await pace.did(1);
  }
  checkCommitted(await broker.commitOffsets({ group, ...committer, offsets }));
  return offsets;
}

/**
 * A cursor of another generation may hold partitions that are another member's now; the one that
 * the join answered has taken over what still counts.
 */
async function checkCursor(
  broker: GroupBroker,
  cursor: Cursor,
  { memberId, generation }: Omit<CommitBody, 'what'>,
): Promise<void> {
  if (memberId !== '' && cursor.generation !== generation) {
    throw new MillraceError(
      'ILLEGAL_GENERATION',
      `the cursor is of generation ${cursor.generation} and the commit of generation ` +
        `${generation}: go on with the cursor that the join answered`,
      { details: { received: cursor.generation, expected: generation } },
    );
  }
  const topicIds = new Map<string, string>();
  for (const { topic, topicId } of cursor.positions) {
    if (!topicIds.has(topic)) topicIds.set(topic, (await broker.topic(topic)).topicId);
    if (topicIds.get(topic) === topicId) continue;
    throw new MillraceError(
      'UNKNOWN_TOPIC_OR_PARTITION',
      `topic ${quote(topic)} was deleted and created anew since the cursor was made; join again`,
      { details: { topic, topic_id: topicIds.get(topic), received_topic_id: topicId } },
    );
  }
}

function toCommit({ topic, partition, offset }: Cursor['positions'][number]): OffsetToCommit {
  return { topic, partition, offset, leaderEpoch: -1, metadata: '' };
}

function refuseTwice(offsets: readonly OffsetToCommit[]): void {
  const seen = new Set<string>();
  for (const { topic, partition } of offsets) {
    // A topic's name holds no slash.
    const key = `${partition}/${topic}`;
    if (!seen.has(key)) {
      seen.add(key);
      continue;
    }
    throw new MillraceError(
      'INVALID_REQUEST',
      `partition ${partition} of topic ${quote(topic)} is given twice; a commit names it once`,
      { details: { topic, partition } },
    );
  }
}

async function checkReached(
  broker: GroupBroker,
  { topic, partition, offset }: OffsetToCommit,
): Promise<void> {
  const { offset: highWatermark } = await broker.listOffset(topic, partition, 'latest');
  if (offset <= highWatermark) return;
  const description = (await broker.describePartitions(topic))[partition];
  if (description === undefined) throw unknownTopic(topic);
  const { logStartOffset, state, reason } = description;
  const place = `partition ${partition} of topic ${quote(topic)}`;
  if (state === 'offline') {
    throw new MillraceError(
      'KAFKA_STORAGE_ERROR',
      `${place} is offline, so it is not certain whether offset ${offset} is in it: ${reason}`,
      { details: { topic, partition, reason } },
    );
  }
  throw new HttpError(
    'OFFSET_ABOVE_HIGH_WATERMARK',
    `offset ${offset} is above the high watermark of ${place}, which is ${highWatermark}; commit ` +
      'the next offset to read, at most that',
    {
      details: {
        topic,
        partition,
        offset,
        log_start_offset: logStartOffset,
        high_watermark: highWatermark,
      },
    },
  );
}
