import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { bodyOf, cutIfUntaken, listed } from '../../src/http/answer-body.ts';
import type { ByteSource } from '../../src/http/answer-body.ts';
import { ANSWER_PIECE_BYTES, READER_FAREWELL_MS, READER_STALL_MS } from '../../src/model/limits.ts';
import { ManualClock } from '../support/manual-clock.ts';

let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
});

/** A connection that takes a piece only when the test says so. */
class Connection extends Writable {
  readonly taken: Buffer[] = [];
  #take: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.taken.push(piece);
    this.#take = done;
  }

  async take(): Promise<void> {
    this.#take?.();
    this.#take = undefined;
    await turns();
  }

  get text(): string {
    return Buffer.concat(this.taken).toString();
  }
}

async function turns(): Promise<void> {
  for (let count = 0; count < 6; count++) await nextTurn();
}

interface Reading {
  readonly body: Readable;
  readonly connection: Connection;
}

async function read(source: ByteSource): Promise<Reading> {
  const connection = new Connection();
  const body = bodyOf(source, connection as unknown as ServerResponse, clock);
  body.on('error', () => connection.destroy());
  body.pipe(connection);
  await turns();
  return { body, connection };
}

function counting(parts: readonly string[]): ByteSource & { asked: number; closed: number } {
  const source = {
    asked: 0,
    closed: 0,
    next: async () => {
      const part = parts[source.asked++];
      return part === undefined ? undefined : Buffer.from(part);
    },
    close: () => void source.closed++,
  };
  return source;
}

async function takeAll({ connection }: Reading): Promise<void> {
  while (!connection.writableFinished) await connection.take();
}

test('everything arrives in order, and the source is closed once', async () => {
  const source = counting(['a', 'b', 'c']);
  const reading = await read(source);
  await takeAll(reading);
  expect(reading.connection.text).toBe('abc');
  expect(source).toMatchObject({ asked: 4, closed: 1 });
  expect(clock.timerCount).toBe(0);
});

test('what is already there is a source too', async () => {
  const reading = await read(listed([Buffer.from('a'), Buffer.from('b')]));
  await takeAll(reading);
  expect(reading.connection.text).toBe('ab');
});

test('the source is asked no further ahead than one piece behind the one being taken', async () => {
  const source = counting(['a', 'b', 'c', 'd', 'e']);
  const { connection } = await read(source);
  expect(connection.taken).toHaveLength(1);
  expect(source.asked).toBeLessThanOrEqual(2);
  await connection.take();
  expect(source.asked).toBeLessThanOrEqual(3);
});

test('a large chunk goes in pieces', async () => {
  const large = 'x'.repeat(2.5 * ANSWER_PIECE_BYTES);
  const reading = await read(counting([large]));
  await takeAll(reading);
  const lengths = reading.connection.taken.map((piece) => piece.length / ANSWER_PIECE_BYTES);
  expect(lengths).toEqual([1, 1, 0.5]);
});

test('a source that fails breaks the body off', async () => {
  const reading = await read({
    next: () => Promise.reject(new Error('no')),
    close: () => {},
  });
  expect(reading.body.errored).toEqual(new Error('no'));
});

test('a reader that goes away closes the source and leaves no timer', async () => {
  const source = counting(['a', 'b', 'c']);
  const { body } = await read(source);
  body.destroy();
  await turns();
  expect(source.closed).toBe(1);
  expect(clock.timerCount).toBe(0);
});

describe('a reader that takes nothing', () => {
  test('is cut off when its time is over, not before', async () => {
    const { body } = await read(counting(['a', 'b', 'c']));
    clock.advance(READER_STALL_MS - 1);
    expect(body.destroyed).toBe(false);
    clock.advance(1);
    expect(body.destroyed).toBe(true);
  });

  test('has its time anew with every piece that it takes', async () => {
    const { body, connection } = await read(counting(['a', 'b', 'c', 'd', 'e']));
    for (let count = 0; count < 3; count++) {
      clock.advance(READER_STALL_MS - 1);
      await connection.take();
    }
    expect(body.destroyed).toBe(false);
  });

  test('is told why by a source that has a last word, and then given little time', async () => {
    const source = { ...counting([]), farewell: () => Buffer.from('bye') };
    let asked = 0;
    source.next = async () => Buffer.from(String(asked++));
    const { body, connection } = await read(source);
    clock.advance(READER_STALL_MS);
    expect(body.destroyed).toBe(false);
    while (!connection.writableFinished) await connection.take();
    expect(connection.text).toBe('01bye');

    // And not in the middle of what it was being given.
    const large = 'x'.repeat(2.5 * ANSWER_PIECE_BYTES);
    const half = await read({ ...counting([large]), farewell: () => Buffer.from('bye') });
    clock.advance(READER_STALL_MS);
    while (!half.connection.writableFinished) await half.connection.take();
    expect(half.connection.text === `${large}bye`).toBe(true);

    const other = await read(source);
    clock.advance(READER_STALL_MS);
    clock.advance(READER_FAREWELL_MS);
    expect(other.body.destroyed).toBe(true);
  });

  test('is cut off though the source has no more', async () => {
    const { connection } = await read(counting(['a']));
    clock.advance(READER_STALL_MS);
    await turns();
    clock.advance(READER_STALL_MS);
    expect(connection.destroyed).toBe(true);
  });
});

describe('an answer that was handed over whole', () => {
  class Answer extends EventEmitter {
    destroyed = false;
    readonly writableFinished: boolean;

    constructor(writableFinished: boolean) {
      super();
      this.writableFinished = writableFinished;
    }

    destroy(): void {
      this.destroyed = true;
    }
  }

  function guard(writableFinished: boolean): Answer {
    const answer = new Answer(writableFinished);
    cutIfUntaken(answer as unknown as ServerResponse, clock, 3 * ANSWER_PIECE_BYTES);
    return answer;
  }

  test('is cut off when nobody takes it at the pace of pieces', () => {
    const answer = guard(false);
    clock.advance(3 * READER_STALL_MS - 1);
    expect(answer.destroyed).toBe(false);
    clock.advance(1);
    expect(answer.destroyed).toBe(true);
  });

  test('is let alone once it was taken', () => {
    guard(false).emit('close');
    guard(true);
    expect(clock.timerCount).toBe(0);
  });
});
