import { describe, expect, it } from 'vitest';
import { Client } from '../../src/client/client.ts';
import type { GroupClient } from '../../src/client/group-client.ts';
import type { FakeServer } from '../support/fake-server.ts';
import { fakeServer, json, refusal } from '../support/fake-server.ts';

const signal = new AbortController().signal;
const MEMBER = { group: 'g', memberId: 'http-1' };
const READ = {
  generation: 3,
  cursor: 'c',
  timeout_ms: 5,
  max_records: 7,
  format: 'json',
} as const;

function groupsOf({ url }: FakeServer): GroupClient {
  return new Client(url, signal).groups;
}

/** What a call sends, against a server with this answer. */
async function sent(
  body: unknown,
  call: (groups: GroupClient) => Promise<unknown>,
): Promise<readonly string[]> {
  const server = await fakeServer(json(200, body));
  await call(groupsOf(server));
  return server.requests;
}

describe('each route', () => {
  it.each<[string, unknown, (groups: GroupClient) => Promise<unknown>]>([
    ['GET /groups', { groups: [] }, (groups) => groups.list()],
    ['GET /groups/g', { members: [] }, (groups) => groups.describe('g')],
    ['GET /groups/g/lag', { partitions: [] }, (groups) => groups.lag('g')],
    ['GET /groups/g/offsets', { offsets: [] }, (groups) => groups.committed('g')],
    [
      'POST /groups/g/offsets/reset {"topic":"t","to":{"shift":-5},"dry_run":true}',
      { partitions: [] },
      (groups) => groups.reset('g', { topic: 't', to: { shift: -5 }, dry_run: true }),
    ],
    ['DELETE /groups/g', {}, (groups) => groups.delete('g')],
    [
      'POST /groups/g/members {"topics":["t"]}',
      { assignment: [] },
      (groups) => groups.join('g', { topics: ['t'] }),
    ],
    [
      'POST /groups/g/members/http-1/fetch ' +
        '{"generation":3,"cursor":"c","timeout_ms":5,"max_records":7,"format":"json"}',
      { records: [] },
      (groups) => groups.read(MEMBER, READ),
    ],
    [
      'POST /groups/g/offsets {"member_id":"http-1","generation":3,"cursor":"c"}',
      {},
      (groups) => groups.commit(MEMBER, { generation: 3, cursor: 'c' }),
    ],
    ['DELETE /groups/g/members/http-1', {}, (groups) => groups.leave(MEMBER)],
  ])('%s', async (request, answer, call) => {
    expect(await sent(answer, call)).toEqual([request]);
  });
});

describe('a name', () => {
  it.each([
    ['a b/c?d', '/groups/a%20b%2Fc%3Fd'],
    ['__proto__', '/groups/__proto__'],
    ['grün', '/groups/gr%C3%BCn'],
  ])('%s is sent as %s', async (name, path) => {
    expect(await sent({ members: [] }, (groups) => groups.describe(name))).toEqual([`GET ${path}`]);
  });

  it.each(['', '.', '..', 'a\nb', '\ud800'])('is not %j: nothing is sent', async (name) => {
    const server = await fakeServer(json(200, {}));
    const groups = groupsOf(server);
    const calls = [
      async () => groups.describe(name),
      async () => groups.join(name, { topics: ['t'] }),
      async () => groups.leave({ group: name, memberId: 'm' }),
    ];
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({ code: 'INVALID_GROUP_ID' });
    expect(server.requests).toEqual([]);
  });

  it("of a member is anybody's words", async () => {
    const requests = await sent({}, (groups) => groups.leave({ group: 'g', memberId: 'a/b c' }));
    expect(requests).toEqual(['DELETE /groups/g/members/a%2Fb%20c']);
  });
});

describe('what was read', () => {
  it('is parsed, and kept as it was written', async () => {
    const record = '{"topic":"t","partition":0,"offset":4,"timestamp":1,"value":1.10}';
    const server = await fakeServer((response) => {
      response.end(
        `{"records":[${record}],"cursor":"d","generation":3,` +
          '"reset":[{"topic":"t","partition":0,"from":1,"to":4}]}',
      );
    });
    expect(await groupsOf(server).read(MEMBER, READ)).toEqual({
      records: [{ fields: JSON.parse(record) as unknown, json: record }],
      cursor: 'd',
      reset: [{ topic: 't', partition: 0, from: 1, to: 4 }],
    });
  });

  it('has no jumps where none are named', async () => {
    const server = await fakeServer(json(200, { records: [], cursor: 'd' }));
    expect(await groupsOf(server).read(MEMBER, READ)).toMatchObject({ reset: [] });
  });

  it('is not taken from an answer of two minds', async () => {
    const server = await fakeServer((response) => {
      response.end('{"records":[1,2],"records":[1],"cursor":"d"}');
    });
    await expect(groupsOf(server).read(MEMBER, READ)).rejects.toMatchObject({
      code: 'NOT_MILLRACE',
    });
  });
});

it('an answer without what it must have is no Millrace server’s', async () => {
  for (const answer of ['null', '[]', '{}', '{"groups":1}', '7']) {
    const server = await fakeServer((response) => void response.end(answer));
    await expect(groupsOf(server).list()).rejects.toMatchObject({ code: 'NOT_MILLRACE' });
  }
});

it('a refusal keeps its code', async () => {
  const server = await fakeServer(refusal(409, 'ILLEGAL_GENERATION', { retriable: true }));
  await expect(groupsOf(server).read(MEMBER, READ)).rejects.toMatchObject({
    code: 'ILLEGAL_GENERATION',
  });
});

it('its signal ends every call but a commit and a leave', async () => {
  const server = await fakeServer(json(200, {}));
  const ending = new AbortController();
  const { groups } = new Client(server.url, ending.signal);
  ending.abort(new Error('enough'));
  await expect(groups.list()).rejects.toThrow('enough');
  await expect(groups.read(MEMBER, READ)).rejects.toThrow('enough');
  await groups.commit(MEMBER, { generation: 3, cursor: 'c' });
  await groups.leave(MEMBER);
  expect(server.requests).toHaveLength(2);
});
