import { describe, expect, it } from 'vitest';
import { EndsAhead, endsAhead } from '../../src/cli/ends-ahead.ts';
import { Client } from '../../src/client/client.ts';
import { fakeServer, json } from '../support/fake-server.ts';

const P0 = { topic: 't', partition: 0 };
const P1 = { topic: 't', partition: 1 };

describe('the ends', () => {
  it('are reached when each partition was read up to where it ended', () => {
    const ahead = new EndsAhead([
      { ...P0, from: 0, end: 2 },
      { ...P1, from: 5, end: 6 },
    ]);
    ahead.moved(P0, 1);
    ahead.moved(P1, 9);
    expect(ahead.areReached).toBe(false);
    ahead.moved({ ...P0, topic: 'other' }, 2);
    expect(ahead.areReached).toBe(false);
    ahead.moved(P0, 2);
    expect(ahead.areReached).toBe(true);
  });

  it('are reached at once where there is nothing to read', () => {
    expect(new EndsAhead([]).areReached).toBe(true);
    expect(new EndsAhead([{ ...P0, from: 2, end: 2 }]).areReached).toBe(true);
  });
});

describe('as a server tells them', () => {
  const topic = {
    partitions: [
      { partition: 0, beginning_offset: 3, end_offset: 5 },
      { partition: 1, beginning_offset: 0, end_offset: 9 },
    ],
  };

  async function found(
    partitions: number[],
    committed: object[],
    begins: 'earliest' | 'latest' = 'earliest',
  ) {
    const server = await fakeServer(json(200, { offsets: committed }), json(200, topic));
    const client = new Client(server.url, new AbortController().signal);
    const assignment = [{ topic: 't', partitions }];
    return { server, ahead: await endsAhead(client, { group: 'g', assignment, begins }) };
  }

  it('they count from what is committed', async () => {
    const { ahead, server } = await found([0], [{ ...P0, offset: 5 }]);
    expect(ahead.areReached).toBe(true);
    expect(server.requests).toEqual(['GET /groups/g/offsets', 'GET /topics/t']);
    const before = await found([0], [{ ...P0, offset: 4 }]);
    expect(before.ahead.areReached).toBe(false);
    before.ahead.moved(P0, 5);
    expect(before.ahead.areReached).toBe(true);
  });

  it('they count from where the group begins, where nothing is', async () => {
    expect((await found([0, 1], [])).ahead.areReached).toBe(false);
    const latest = await found([0, 1], [], 'latest');
    expect(latest.ahead.areReached).toBe(true);
  });

  it('they are of the assigned partitions alone', async () => {
    expect((await found([1], [{ ...P1, offset: 9 }])).ahead.areReached).toBe(true);
  });

  it('they need no answer for an empty assignment', async () => {
    const server = await fakeServer(json(200, {}));
    const client = new Client(server.url, new AbortController().signal);
    const seat = { group: 'g', assignment: [], begins: 'earliest' } as const;
    expect((await endsAhead(client, seat)).areReached).toBe(true);
    expect(server.requests).toEqual([]);
  });
});
