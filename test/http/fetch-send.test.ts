import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { sendAnswer } from '../../src/http/fetch-send.ts';
import { READER_STALL_MS } from '../../src/model/limits.ts';
import { listeningApp } from '../support/http-app.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** More than any kernel keeps for a reader that takes nothing. */
const HUGE = 32 * 1_048_576;

function sending(parts: readonly Buffer[]) {
  const clock = new ManualClock();
  const budget = new FetchBudget(2 * HUGE);
  const routes = (app: FastifyInstance): void => {
    app.get('/send', async (_request, reply) => {
      sendAnswer(reply, { headers: { 'x-a': 'b' }, parts }, budget.take(1), { clock, budget });
      return reply;
    });
  };
  return { clock, budget, routes };
}

test.each([
  ['one part', [Buffer.from('a')]],
  ['some parts', [Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]],
  ['many large parts', Array.from({ length: 9 }, (_, index) => Buffer.alloc(300_000, 97 + index))],
  ['no part', []],
])('%s arrive whole, with their length, and nothing stays held', async (_, parts) => {
  const { budget, clock, routes } = sending(parts);
  await using server = await listeningApp({ routes });
  const answer = await fetch(`${server.url}/send`);
  const body = Buffer.from(await answer.arrayBuffer());
  expect(body.equals(Buffer.concat(parts))).toBe(true);
  expect(answer.headers.get('content-length')).toBe(String(body.length));
  expect(answer.headers.get('x-a')).toBe('b');
  while (budget.heldBytes > 0) await nextTurn();
  expect(clock.timerCount).toBe(0);
});

describe('a reader that takes nothing', () => {
  test.each([
    ['a large answer', [Buffer.alloc(HUGE)], 1],
    ['many small ones, asked for in one go', [Buffer.alloc(HUGE / 100)], 100],
  ])('of %s holds its bytes until it is cut off', async (_, parts, times) => {
    const { budget, clock, routes } = sending(parts);
    await using server = await listeningApp({ routes });
    const socket = connect(server.port, '127.0.0.1').pause();
    socket.write('GET /send HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'.repeat(times));
    while (clock.timerCount === 0) await nextTurn();
    expect(budget.heldBytes).toBeGreaterThan(0);
    socket.on('error', () => {});
    const cut = once(socket, 'close');
    while (budget.heldBytes > 0) {
      clock.advance(READER_STALL_MS);
      await nextTurn();
    }
    socket.resume();
    await cut;
    expect(clock.timerCount).toBe(0);
  });

  test('is refused more than the budget has, with a status that says so', async () => {
    const { budget, routes } = sending([Buffer.alloc(1_000)]);
    await using server = await listeningApp({ routes });
    const hold = budget.take(2 * HUGE - 10);
    const answer = await fetch(`${server.url}/send`);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.has('x-a')).toBe(false);
    hold.release();
    expect((await fetch(`${server.url}/send`)).status).toBe(200);
  });
});
