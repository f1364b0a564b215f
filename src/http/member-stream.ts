/**
 * A group followed by Server-Sent Events: `event: record` for each record, `event: cursor` behind
 * each batch of them (its data is the cursor to commit), `event: reset` in front of a batch when
 * retention has forced a jump, and at the end `event: rebalance` when
 * the member has to join again, or `event: error`. Records have no id: a reader that connects
 * again starts at the committed offsets, not where it was.
 */
import type { FastifyReply } from 'fastify';
import type { GroupMember } from '../broker/groups.ts';
import type { Cursor } from '../membership/cursor.ts';
import { encodeCursor } from '../membership/cursor.ts';
import type { Jump } from '../membership/assigned-read.ts';
import { advanced, readAsMember } from '../membership/read.ts';
import { STREAM_HEARTBEAT_MS, STREAM_READ_BYTES } from '../model/limits.ts';
import type { ByteSource } from './answer-body.ts';
import { bodyOf } from './answer-body.ts';
import type { HttpContext } from './context.ts';
import { errorBody } from './errors.ts';
import { isNoRoom } from '../broker/fetch-budget.ts';
import type { FetchBudget, Hold } from '../broker/fetch-budget.ts';
import { Inflater } from './inflater.ts';
import type { HttpCounters } from './http-counters.ts';
import { MemberBatch } from './member-batch.ts';
import type { ReadBody } from './member-bodies.ts';
import type { Turns } from './member-turns.ts';
import { errorToTell, readerStalled, StreamEnding } from './stream-ending.ts';

export interface MemberStreamMeans {
  readonly context: HttpContext;
  readonly budget: FetchBudget;
  readonly counters: HttpCounters;
  readonly turns: Turns;
}

interface MemberStreamCall {
  readonly reply: FastifyReply;
  readonly wish: ReadBody;
  readonly member: GroupMember;
}

export async function answerMemberStream(
  means: MemberStreamMeans,
  { reply, wish, member }: MemberStreamCall,
): Promise<FastifyReply> {
  const { context, counters } = means;
  // What is wrong with the member is told by the status of the answer.
  await context.broker.heartbeat(member);
  void reply.headers({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const body = bodyOf(new MemberStream(means, wish, member), reply.raw, context.clock);
  counters.streamsOpen += 1;
  counters.streamsOpened += 1;
  body.once('close', () => {
    counters.streamsOpen -= 1;
  });
  body.once('resume', () => reply.raw.flushHeaders());
  return reply.send(body);
}

/** The codes after which joining again helps. */
const REJOIN = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);

class MemberStream implements ByteSource {
  readonly #means: MemberStreamMeans;
  readonly #wish: ReadBody;
  readonly #member: GroupMember;
  readonly #ending: StreamEnding;
  #cursor: Cursor | undefined;
  #batch: MemberBatch | undefined;
  #hold: Hold | undefined;
  #inflater: Inflater | undefined;

  constructor(means: MemberStreamMeans, wish: ReadBody, member: GroupMember) {
    this.#means = means;
    this.#wish = wish;
    this.#member = member;
    this.#cursor = wish.cursor;
    this.#ending = new StreamEnding(means.context.stopping);
  }

  async next(): Promise<Buffer | undefined> {
    if (this.#ending.isOver) return undefined;
    try {
      return await this.#nextFrames();
    } catch (error) {
      return this.#endWith(error);
    }
  }

  farewell(): Buffer {
    return this.#endWith(readerStalled());
  }

  close(): void {
    this.#ending.close();
    this.#forget();
  }

  async #nextFrames(): Promise<Buffer | undefined> {
    const { context, budget, turns } = this.#means;
    for (;;) {
      this.#ending.checkServing();
      if (this.#ending.signal.aborted) return undefined;
      const frames = await this.#fromBatch();
      if (frames === NO_ROOM) {
        await budget.change(this.#ending.signal);
        continue;
      }
      if (frames !== undefined) return frames;
      const read = await readAsMember(context.broker, {
        member: this.#member,
        cursor: this.#cursor,
        bytesMin: 1,
        bytesMax: STREAM_READ_BYTES,
        waitMs: STREAM_HEARTBEAT_MS,
        turn: turns.next(),
        signal: this.#ending.signal,
      });
      if (this.#ending.signal.aborted) continue;
      const bytes = read.partitions.reduce((sum, { batches }) => sum + batches.length, 0);
      const jumped = read.reset.length === 0 ? undefined : resetFrame(read.reset);
      if (bytes === 0) {
        // Where a jump led to the end, the next read must not jump again, over what comes meanwhile.
        this.#cursor = advanced(read, this.#member.generation, read.partitions);
        return jumped ?? HEARTBEAT;
      }
      this.#hold = budget.tryTake(2 * bytes);
      // Nothing is kept while waiting for room: it is read again, from where it was.
      if (this.#hold === undefined) {
        await budget.change(this.#ending.signal);
        continue;
      }
      this.#inflater = new Inflater(budget);
      this.#batch = new MemberBatch(read, this.#wish.format, this.#inflater);
      if (jumped !== undefined) return jumped;
    }
  }

  async #fromBatch(): Promise<Buffer | typeof NO_ROOM | undefined> {
    const batch = this.#batch;
    if (batch === undefined) return undefined;
    let frames: Buffer | undefined;
    try {
      frames = await batch.next();
    } catch (error) {
      if (!isNoRoom(error)) throw error;
      this.#forget();
      return NO_ROOM;
    }
    if (frames !== undefined) return frames;
    this.#cursor = advanced(batch.read, this.#member.generation, batch.positions);
    this.#forget();
    return Buffer.from(`event: cursor\ndata: ${encodeCursor(this.#cursor)}\n\n`);
  }

  #forget(): void {
    this.#batch = undefined;
    this.#inflater?.release();
    this.#inflater = undefined;
    this.#hold?.release();
    this.#hold = undefined;
  }

  #endWith(thrown: unknown): Buffer {
    this.#ending.isOver = true;
    this.#forget();
    const error = errorToTell(thrown, this.#means.context.log);
    const event = REJOIN.has(error.code) ? 'rebalance' : 'error';
    return Buffer.from(`event: ${event}\ndata: ${JSON.stringify(errorBody(error))}\n\n`);
  }
}

/** What the other forms of the answer have as `reset`. */
function resetFrame(reset: readonly Jump[]): Buffer {
  return Buffer.from(`event: reset\ndata: ${JSON.stringify(reset)}\n\n`);
}

const NO_ROOM = Symbol('no room to inflate a batch');

const HEARTBEAT = Buffer.from(':\n');
