import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  READER_FAREWELL_MS,
  READER_STALL_MS,
  STREAM_HEARTBEAT_MS,
} from '../../src/model/limits.ts';
import type { Record } from '../../src/model/record.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { valued } from '../support/stored-records.ts';

const RECORDS = '/topics/t/partitions/0/records';
let clock: ManualClock;
let server: ListeningApp;
let sockets: Reader[];

beforeEach(async () => {
  clock = new ManualClock();
  server = await listeningApp({ clock });
  await server.broker.createTopic({ name: 't' });
  sockets = [];
});

afterEach(async () => {
  for (const { socket } of sockets) socket.destroy();
  await server[Symbol.asyncDispose]();
});

async function produce(...values: (string | Record)[]): Promise<void> {
  const records = values.map((value) => (typeof value === 'string' ? valued(value) : value));
  await server.broker.produce([
    { topic: 't', partition: 0, payload: { kind: 'records', records } },
  ]);
}

/** A connection that asks once and keeps what it is given. */
class Reader {
  readonly socket: Socket;
  #bytes = '';
  isClosed = false;

  constructor(port: number, request: string) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk: Buffer) => (this.#bytes += chunk.toString('latin1')));
    this.socket.on('error', () => {});
    this.socket.on('close', () => (this.isClosed = true));
    this.socket.write(request);
  }

  get head(): string {
    return this.#bytes.split('\r\n\r\n', 1)[0] ?? '';
  }

  /** The body with the framing of its chunks taken out. */
  get body(): string {
    let rest = this.#bytes.slice(this.head.length + 4);
    let body = '';
    for (;;) {
      const size = /^([0-9a-f]+)\r\n/.exec(rest);
      if (size === null) return Buffer.from(body, 'latin1').toString();
      const start = size[0].length;
      const length = Number.parseInt(size[1] as string, 16);
      body += rest.slice(start, start + length);
      rest = rest.slice(start + length + 2);
    }
  }

  get isEnded(): boolean {
    return this.#bytes.endsWith('0\r\n\r\n');
  }

  async until(done: (reader: this) => boolean): Promise<this> {
    while (!done(this)) await nextTurn();
    return this;
  }
}

function open(query: string, headers: readonly string[]): Reader {
  const lines = [`GET ${RECORDS}${query} HTTP/1.1`, 'host: 127.0.0.1', ...headers, '', ''];
  const reader = new Reader(server.port, lines.join('\r\n'));
  sockets.push(reader);
  return reader;
}

const events = (query = '', ...headers: string[]): Reader =>
  open(query, ['accept: text/event-stream', ...headers]);
const ndjson = (query = ''): Reader => open(query, ['accept: application/x-ndjson']);

async function parked(count = 1): Promise<void> {
  while (server.broker.stats().parkedFetches !== count) await nextTurn();
}

function offsets({ body }: Reader): number[] {
  const lines = body.split('\n').filter((line) => /^(data: )?\{"topic"/.test(line));
  return lines.map((line) => (JSON.parse(line.replace('data: ', '')) as { offset: number }).offset);
}

function lastError({ body }: Reader): { code: string; details?: object } {
  const line = body.trimEnd().split('\n').at(-1) ?? '';
  return line.startsWith('data: ')
    ? (JSON.parse(line.slice(6)) as { code: string })
    : (JSON.parse(line) as { error: { code: string } }).error;
}

describe('an event stream', () => {
  test('stands at once, with the headers that keep others from holding it up', async () => {
    const { head } = await events().until((reader) => reader.head.includes('200 OK'));
    expect(head).toContain('content-type: text/event-stream; charset=utf-8');
    expect(head).toContain('cache-control: no-store');
    expect(head).toContain('x-accel-buffering: no');
    expect(head).toContain('x-content-type-options: nosniff');
    expect(head).not.toContain('content-length');
  });

  test('gives what is there and then what comes', async () => {
    await produce('0', '1');
    const reader = await events().until(({ body }) => body.includes('id: 1\n'));
    await parked();
    await produce('2');
    await reader.until(({ body }) => body.includes('id: 2\n'));
    expect(offsets(reader)).toEqual([0, 1, 2]);
  });

  test('resumes behind Last-Event-ID, which beats the offset', async () => {
    await produce('0', '1', '2', '3');
    const reader = await events('?offset=0', 'last-event-id: 1').until(({ body }) =>
      body.includes('id: 3\n'),
    );
    expect(offsets(reader)).toEqual([2, 3]);
  });

  test.each(['x', '-1', '1.5', '9007199254740991', '1, 2'])(
    'refuses Last-Event-ID %s, which no event had',
    async (id) => {
      const headers = { accept: 'text/event-stream', 'last-event-id': id };
      const answer = await fetch(`${server.url}${RECORDS}`, { headers });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ details: { parameter: 'Last-Event-ID' } });
    },
  );

  test('takes no notice of an empty Last-Event-ID, nor any other answer of one', async () => {
    await produce('0');
    await events('', 'last-event-id: ').until((reader) => offsets(reader).length === 1);
    const headers = { 'last-event-id': '77' };
    expect((await fetch(`${server.url}${RECORDS}`, { headers })).status).toBe(200);
  });

  test('gives a comment when nothing comes', async () => {
    const reader = events();
    await parked();
    clock.advance(STREAM_HEARTBEAT_MS - 1);
    await nextTurn();
    expect(reader.body).toBe('');
    clock.advance(1);
    await reader.until(({ body }) => body === ':\n');
  });
});

describe('an NDJSON stream', () => {
  test('ends at the high watermark of its start', async () => {
    await produce('0', '1');
    const reader = await ndjson().until(({ isEnded }) => isEnded);
    expect(offsets(reader)).toEqual([0, 1]);
    expect(reader.head).toContain('content-type: application/x-ndjson; charset=utf-8');
  });

  test('is empty when there is nothing', async () => {
    expect((await ndjson().until(({ isEnded }) => isEnded)).body).toBe('');
  });

  test('stays open to follow, with empty lines as signs of life', async () => {
    const reader = ndjson('?follow=true');
    await parked();
    clock.advance(STREAM_HEARTBEAT_MS);
    await reader.until(({ body }) => body === '\n');
    await parked();
    await produce('0');
    await reader.until((each) => offsets(each).length === 1);
    expect(reader.isEnded).toBe(false);
  });

  test('ends after so many records', async () => {
    await produce('0', '1', '2');
    const reader = await ndjson('?follow=true&max_records=2').until(({ isEnded }) => isEnded);
    expect(offsets(reader)).toEqual([0, 1]);
  });

  test('of much more than a chunk is whole', async () => {
    for (let count = 0; count < 20; count++) {
      await produce(...Array.from({ length: 100 }, () => `"${'x'.repeat(1_000)}"`));
    }
    const reader = await ndjson('?offset=5').until(({ isEnded }) => isEnded);
    expect(offsets(reader)).toEqual(Array.from({ length: 1_995 }, (_, index) => index + 5));
  });
});

describe.each([
  ['an event stream', () => events()],
  ['an NDJSON stream that follows', () => ndjson('?follow=true')],
])('%s ends with an error', (_, start) => {
  async function ended(reader: Reader, code: string): Promise<void> {
    await reader.until(({ isEnded }) => isEnded);
    expect(lastError(reader)).toMatchObject({ code });
    expect(server.app.counters.streamsOpen).toBe(0);
  }

  test('when the topic is deleted', async () => {
    await produce('0');
    const reader = await start().until((each) => offsets(each).length === 1);
    await parked();
    await server.broker.deleteTopic('t');
    await ended(reader, 'UNKNOWN_TOPIC_OR_PARTITION');
  });

  test('when the partition goes offline', async () => {
    const reader = start();
    await parked();
    server.broker.setPartitionState({ topic: 't', partition: 0 }, 'offline', 'a bit flipped');
    await ended(reader, 'KAFKA_STORAGE_ERROR');
  });

  test('when the server stops', async () => {
    const reader = start();
    await parked();
    server.stop();
    await ended(reader, 'SHUTTING_DOWN');
  });
});

describe('a slow reader', () => {
  const LARGE = Array.from({ length: 64 }, () => `"${'x'.repeat(1_000_000)}"`);

  /** Until the connection takes no more and the stream has stopped reading for it. */
  async function stuck(): Promise<void> {
    let before = -1;
    for (let quiet = 0; quiet < 200; quiet++) {
      await nextTurn();
      const { bytesFetched } = server.broker.stats();
      if (bytesFetched !== before) quiet = 0;
      before = bytesFetched;
    }
  }

  test('is read no further for than it takes, and has all when it goes on in time', async () => {
    for (const value of LARGE) await produce(value);
    const reader = ndjson();
    reader.socket.pause();
    await stuck();
    expect(server.broker.stats().bytesFetched).toBeLessThan(40_000_000);
    clock.advance(READER_STALL_MS - 1);
    reader.socket.resume();
    await reader.until(({ isEnded }) => isEnded);
    expect(offsets(reader)).toHaveLength(LARGE.length);
  });

  test('is ended when it takes nothing for its time, and is told why if it still listens', async () => {
    for (const value of LARGE) await produce(value);
    const reader = ndjson();
    reader.socket.pause();
    await stuck();
    clock.advance(READER_STALL_MS);
    reader.socket.resume();
    await reader.until(({ isEnded }) => isEnded);
    expect(lastError(reader)).toMatchObject({ code: 'REQUEST_TIMED_OUT', retriable: true });
    expect(offsets(reader).length).toBeLessThan(LARGE.length);
  });

  test('is cut off when it does not listen at all', async () => {
    for (const value of LARGE) await produce(value);
    const reader = ndjson();
    reader.socket.pause();
    await stuck();
    clock.advance(READER_STALL_MS);
    clock.advance(READER_FAREWELL_MS);
    reader.socket.resume();
    await reader.until(({ isClosed }) => isClosed);
    expect(reader.isEnded).toBe(false);
    expect(server.app.counters.streamsOpen).toBe(0);
  });
});

describe('a reader that vanishes', () => {
  test('frees its parked read, its timers and its place in the count', async () => {
    const readers = [events(), ndjson('?follow=true')];
    await parked(2);
    expect(server.app.counters).toMatchObject({ streamsOpen: 2, streamsOpened: 2 });
    for (const { socket } of readers) socket.destroy();
    await parked(0);
    while (server.app.counters.streamsOpen > 0) await nextTurn();
    expect(clock.timerCount).toBe(0);
  });
});

test('the head alone can be asked for, and opens no stream', async () => {
  for (const accept of ['text/event-stream', 'application/x-ndjson']) {
    const answer = await server.app.inject({ method: 'HEAD', url: RECORDS, headers: { accept } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain(accept);
  }
  expect(server.app.counters.streamsOpened).toBe(0);
});

test('many readers at the end of one partition all see what comes', async () => {
  const readers = Array.from({ length: 50 }, () => events('?offset=latest'));
  await parked(50);
  await produce('0', '1');
  for (const reader of readers) {
    await reader.until((each) => offsets(each).length === 2);
    expect(offsets(reader)).toEqual([0, 1]);
  }
});
