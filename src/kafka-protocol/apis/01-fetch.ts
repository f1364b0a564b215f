/**
 * Fetch: v4-16. Batches as they are stored, from many partitions.
 *
 * - Waits until min_bytes are there, max_wait_ms is over, or a partition has something to say.
 * - No fetch sessions: the session id is 0 in every answer, and clients then name all that they
 *   want in each request. One that goes on with a session is told 70 (KIP-227).
 * - The first batch is given whole, however large: a reader must get past it (KIP-74). It begins
 *   with the batch that holds the offset, and batches are never cut.
 * - The last stable offset is the high watermark, for there are no transactions; so the isolation
 *   level says only whether the list of aborted ones is empty or null.
 * - The leader epoch is 0 for ever, in batches too; a client that knows of a higher one is told 75.
 * - Below v10 a zstd batch is not given: 76.
 * - A connection's fetches are carried out one at a time: the next is read when the answer of the
 *   one before was taken. So whoever sends many and takes nothing has one answer in hand.
 * - Damage and disks that fail are 56, a server that stops or has too much in hand 6.
 *
 * v4: isolation_level, last_stable_offset, aborted_transactions (KIP-98)
 * v5: log_start_offset (KIP-107)
 * v6: as v5
 * v7: sessions (KIP-227)
 * v8: as v7
 * v9: current_leader_epoch (KIP-320)
 * v10: zstd (KIP-110)
 * v11: rack_id, preferred_read_replica (KIP-392)
 * v12: flexible (KIP-482); last_fetched_epoch (KIP-595)
 * v13: topic ids instead of names (KIP-516)
 * v14: as v13
 * v15: replica_id is a tag (KIP-903)
 * v16: as v15
 */
import type { FetchPartition, FetchResult } from '../../broker/broker.ts';
import { MillraceError } from '../../model/errors.ts';
import { FETCH_BYTES_MAX, FETCH_WAIT_MS_MAX } from '../../model/limits.ts';
import type { Call, KafkaApi } from '../api.ts';
import { isFutureEpoch } from '../cluster.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { logErrorNumber } from '../errors.ts';
import { readFetchRequest, writeFetchResponse } from '../fetch-grammar.ts';
import type {
  FetchRequest,
  FetchResponse,
  PartitionAnswer,
  PartitionAsked,
  TopicAsked,
} from '../fetch-grammar.ts';
import { beforeZstd, bytesOf, leavingBatches, readBatches } from '../fetch-read.ts';
import type { Read } from '../fetch-read.ts';

const TOPIC_IDS_SINCE = 13;
const ZSTD_SINCE = 10;
/** Epochs of requests that name everything: they begin a session, or want none. */
const FULL_FETCHES = [0, -1];
const NOTHING: Buffer = Buffer.alloc(0);

export const FETCH: KafkaApi<FetchRequest, FetchResponse> = {
  key: 1,
  name: 'Fetch',
  versions: { min: 4, max: 16 },
  flexibleFrom: 12,
  readRequest: readFetchRequest,
  async handle(call, request) {
    const endTurn = await call.fetchTurns.take();
    try {
      const { hold, ...answer } = await fetched(call, request);
      const release = (): void => {
        hold.release();
        endTurn();
      };
      return { ...answer, isolationLevel: request.isolationLevel, release };
    } catch (error) {
      endTurn();
      throw error;
    }
  },
  writeResponse: writeFetchResponse,
  release: ({ release }) => release(),
};

type Fetched = Pick<FetchResponse, 'error' | 'topics'> & Pick<Read, 'hold'>;

async function fetched(call: Call, { topics, ...request }: FetchRequest): Promise<Fetched> {
  const nothing = { topics: [], hold: call.context.fetchBudget.take(0) };
  if (!FULL_FETCHES.includes(request.sessionEpoch)) {
    return { error: KAFKA_ERROR.FETCH_SESSION_ID_NOT_FOUND, ...nothing };
  }
  // Nobody would take what is read.
  if (call.gone.aborted) return { error: KAFKA_ERROR.NONE, ...nothing };
  const targets = await targetsOf(call, topics);
  const { results, hold } = await read(call, request, targets);
  try {
    const answers: PartitionAnswer[] = [];
    let next = 0;
    for (const { asked, refusal } of targets) {
      const { partition } = asked;
      if (refusal !== undefined) answers.push(refused(partition, refusal));
      else answers.push(await answerOf(call, asked, results[next++] as FetchResult));
    }
    // What was copied is not needed as it was read.
    hold.keep(bytesOf(results));
    return { error: KAFKA_ERROR.NONE, topics: byTopic(topics, answers), hold };
  } catch (error) {
    hold.release();
    throw error;
  }
}

/** One of the partitions asked for, in their order. */
interface Target {
  readonly topic: string;
  readonly asked: PartitionAsked;
  /** Why it is not read. */
  readonly refusal: number | undefined;
}

async function targetsOf(call: Call, topics: readonly TopicAsked[]): Promise<Target[]> {
  const targets: Target[] = [];
  for (const { name, topicId, partitions } of topics) {
    const topic = call.version < TOPIC_IDS_SINCE ? name : await nameOf(call, topicId);
    for (const asked of partitions) {
      const refusal = refusalOf(topic, asked);
      targets.push({ topic: topic ?? '', asked, refusal });
    }
  }
  return targets;
}

async function nameOf({ context }: Call, topicId: string): Promise<string | undefined> {
  return (await context.broker.topicById(topicId))?.name;
}

function refusalOf(topic: string | undefined, { leaderEpoch }: PartitionAsked): number | undefined {
  if (topic === undefined) return KAFKA_ERROR.UNKNOWN_TOPIC_ID;
  return isFutureEpoch(leaderEpoch) ? KAFKA_ERROR.UNKNOWN_LEADER_EPOCH : undefined;
}

/** Of all targets that are not refused; what goes wrong with all of them goes wrong with each. */
async function read(
  { context, signal }: Call,
  request: Omit<FetchRequest, 'topics'>,
  targets: readonly Target[],
): Promise<Read> {
  const wanted = targets.filter(({ refusal }) => refusal === undefined);
  const partitions = wanted.map(partitionOf);
  // Where there is a refusal to tell, or nothing to wait for, nobody waits.
  const isWaiting = wanted.length > 0 && wanted.length === targets.length;
  const maxBytes = within(request.maxBytes, FETCH_BYTES_MAX);
  try {
    return await readBatches(context, {
      partitions,
      minBytes: within(request.minBytes, maxBytes),
      maxBytes,
      maxWaitMs: isWaiting ? within(request.maxWaitMs, FETCH_WAIT_MS_MAX) : 0,
      signal,
    });
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const nothing = { logStartOffset: -1, highWatermark: -1, batches: NOTHING };
    const results = partitions.map((each) => ({ ...each, ...nothing, error }));
    return { results, hold: context.fetchBudget.take(0) };
  }
}

function partitionOf({ topic, asked }: Target): FetchPartition {
  const { partition, offset, maxBytes } = asked;
  return { topic, partition, offset, maxBytes: within(maxBytes, FETCH_BYTES_MAX) };
}

function within(value: number, max: number): number {
  return Math.max(0, Math.min(value, max));
}

async function answerOf(
  { version }: Call,
  { partition, offset }: PartitionAsked,
  { error, highWatermark, logStartOffset, batches }: FetchResult,
): Promise<PartitionAnswer> {
  const leaving = version < ZSTD_SINCE ? beforeZstd(batches) : batches;
  const isUnreadable = leaving.length === 0 && batches.length > 0;
  return {
    partition,
    error: isUnreadable ? KAFKA_ERROR.UNSUPPORTED_COMPRESSION_TYPE : numberOf(error),
    highWatermark,
    logStartOffset,
    pieces: await leavingBatches(leaving, offset),
  };
}

function numberOf(error: MillraceError | undefined): number {
  return error === undefined ? KAFKA_ERROR.NONE : logErrorNumber(error);
}

function refused(partition: number, error: number): PartitionAnswer {
  return { partition, error, highWatermark: -1, logStartOffset: -1, pieces: [] };
}

function byTopic(
  topics: readonly TopicAsked[],
  answers: readonly PartitionAnswer[],
): FetchResponse['topics'] {
  let end = 0;
  return topics.map(({ name, topicId, partitions }) => {
    const start = end;
    end += partitions.length;
    return { name, topicId, partitions: answers.slice(start, end) };
  });
}
