import { describe, expect, it } from 'vitest';
import { GroupSeat } from '../../src/cli/group-seat.ts';
import { Client } from '../../src/client/client.ts';
import type { Answer } from '../support/fake-server.ts';
import { cut, fakeServer, json, refusal } from '../support/fake-server.ts';

const READ = { format: 'json', max_records: 10, timeout_ms: 5 } as const;

function joined(generation: number, memberId = 'm'): Answer {
  const cursor = `c${generation}`;
  return json(200, { member_id: memberId, generation, assignment: [], cursor });
}

function batch(cursor: string): Answer {
  return json(200, { records: [], cursor, generation: 1 });
}

const done = json(200, {});
const gone = refusal(404, 'UNKNOWN_MEMBER_ID');
const rebalance = refusal(409, 'REBALANCE_IN_PROGRESS', { retriable: true });
const late = refusal(409, 'ILLEGAL_GENERATION');

async function seatAt(...answers: Answer[]) {
  const server = await fakeServer(...answers);
  const client = new Client(server.url, new AbortController().signal).groups;
  const pauses: number[] = [];
  const pause = async (delayMs: number): Promise<void> => void pauses.push(delayMs);
  const seat = new GroupSeat({ client, group: 'g', wish: { topics: ['t'] }, pause });
  return { seat, server, pauses };
}

function readOf(generation: number, cursor: string): string {
  const wish = '"format":"json","max_records":10,"timeout_ms":5';
  return `POST /groups/g/members/m/fetch {${wish},"generation":${generation},"cursor":"${cursor}"}`;
}

const JOIN = 'POST /groups/g/members {"topics":["t"]}';

it('is taken once, read from batch to batch, committed and left', async () => {
  const { seat, server } = await seatAt(joined(1), batch('d'), batch('e'), done, done);
  expect(await seat.join()).toMatchObject({ generation: 1 });
  expect(await seat.join()).toBeUndefined();
  expect(await seat.read(READ)).toMatchObject({ cursor: 'd' });
  expect(await seat.read(READ)).toMatchObject({ cursor: 'e' });
  expect(await seat.commit()).toBe(true);
  await seat.leave();
  expect(server.requests).toEqual([
    JOIN,
    readOf(1, 'c1'),
    readOf(1, 'd'),
    'POST /groups/g/offsets {"member_id":"m","generation":1,"cursor":"e"}',
    'DELETE /groups/g/members/m',
  ]);
});

describe('a lost place', () => {
  const AGAIN = 'POST /groups/g/members {"topics":["t"],"member_id":"m","cursor":"d"}';

  it.each([
    ['a rebalance', rebalance, AGAIN],
    ['another generation', late, AGAIN],
    ['a topic that was deleted', refusal(404, 'UNKNOWN_TOPIC_OR_PARTITION'), AGAIN],
    ['a member that is not known any more', gone, JOIN],
  ])('by %s is taken again', async (_, refused, again) => {
    const { seat, server, pauses } = await seatAt(joined(1), batch('d'), refused, joined(2));
    await seat.join();
    await seat.read(READ);
    expect(await seat.read(READ)).toBeUndefined();
    expect(await seat.join()).toMatchObject({ generation: 2 });
    expect(server.requests.at(-1)).toBe(again);
    expect(pauses).toEqual([]);
  });

  it('is noticed by a commit as well', async () => {
    const { seat, server } = await seatAt(joined(1), batch('d'), late, joined(2));
    await seat.join();
    await seat.read(READ);
    expect(await seat.commit()).toBe(false);
    expect(await seat.join()).toMatchObject({ generation: 2 });
    expect(server.requests.at(-1)).toBe(AGAIN);
  });

  it('may be lost while it is taken again', async () => {
    const { seat, server, pauses } = await seatAt(joined(1), rebalance, gone, joined(2, 'n'));
    await seat.join();
    await seat.read(READ);
    expect(await seat.join()).toMatchObject({ member_id: 'n' });
    expect(server.requests.slice(2)).toEqual([
      'POST /groups/g/members {"topics":["t"],"member_id":"m","cursor":"c1"}',
      JOIN,
    ]);
    expect(pauses).toHaveLength(1);
  });

  it('is not taken again for a join that is refused a topic', async () => {
    const { seat } = await seatAt(refusal(404, 'UNKNOWN_TOPIC_OR_PARTITION'));
    await expect(seat.join()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  it('that is lost at every turn is not taken in a hurry', async () => {
    const { seat, pauses } = await seatAt(
      ...[joined(1), rebalance, joined(2), rebalance, joined(3), batch('d'), rebalance, joined(4)],
    );
    for (let turn = 0; turn < 2; turn += 1) {
      await seat.join();
      await seat.read(READ);
    }
    expect(pauses).toEqual([]);
    await seat.join();
    expect(pauses).toEqual([200]);
    await seat.read(READ);
    await seat.read(READ);
    await seat.join();
    expect(pauses).toEqual([200]);
  });

  it('that may still be known is left all the same', async () => {
    const { seat, server } = await seatAt(joined(1), rebalance, done);
    await seat.join();
    await seat.read(READ);
    await seat.leave();
    expect(server.requests.at(-1)).toBe('DELETE /groups/g/members/m');
  });
});

describe('leaving', () => {
  it('asks nothing where no place was taken', async () => {
    const { seat, server } = await seatAt(refusal(422, 'INVALID_SESSION_TIMEOUT'));
    await expect(seat.join()).rejects.toMatchObject({ code: 'INVALID_SESSION_TIMEOUT' });
    await seat.leave();
    expect(server.requests).toEqual([JOIN]);
  });

  it.each([
    ['refused', gone],
    ['not answered', cut],
  ])('fails nobody when it is %s', async (_, answer) => {
    const { seat, server } = await seatAt(joined(1), answer);
    await seat.join();
    await seat.leave();
    expect(server.requests).toHaveLength(2);
  });
});

it('other refusals are the caller’s', async () => {
  const { seat } = await seatAt(joined(1), refusal(409, 'FENCED_INSTANCE_ID'));
  await seat.join();
  await expect(seat.read(READ)).rejects.toMatchObject({ code: 'FENCED_INSTANCE_ID' });
  await expect(seat.commit()).rejects.toMatchObject({ code: 'FENCED_INSTANCE_ID' });
});

it('nothing is read before it is taken', async () => {
  const { seat } = await seatAt(done);
  await expect(seat.read(READ)).rejects.toThrow(TypeError);
});
