import { beforeEach, describe, expect, test } from 'vitest';
import { fingerprintOf, encodeCursor } from '../../src/membership/cursor.ts';
import type { Cursor } from '../../src/membership/cursor.ts';
import type { Ask } from '../support/conformance.ts';
import { FakeGroupScene } from '../support/fake-group-scene.ts';

let scene: FakeGroupScene;
let ask: Ask;

beforeEach(async () => {
  scene = new FakeGroupScene();
  ask = await scene.ask();
  await scene.topic('t', 10, 10);
});

function post(url: string, payload: object) {
  return ask({ method: 'POST', url, payload });
}

async function cursor(more: Partial<Cursor> = {}): Promise<string> {
  const { topicId, partitionCount } = await scene.memory.topic('t');
  return encodeCursor({
    group: 'g',
    subscription: { kind: 'topics', topics: ['t'] },
    autoOffsetReset: 'earliest',
    fingerprint: fingerprintOf(new Map([['t', { topicId, partitionCount }]])),
    assigned: [{ topic: 't', partitions: [0, 1] }],
    generation: 1,
    positions: [{ topic: 't', topicId, partition: 1, offset: 4 }],
    ...more,
  });
}

describe('which groups there are', () => {
  test('is a list sorted by name, with states', async () => {
    expect((await ask('/groups')).json()).toEqual({ groups: [] });
    await scene.commit('z', 't', 0, 1);
    scene.groups.addMember('a', 'm');
    expect((await ask('/groups')).json()).toEqual({
      groups: [
        { group: 'a', state: 'Stable', protocol_type: 'consumer' },
        { group: 'z', state: 'Empty', protocol_type: '' },
      ],
    });
  });

  test('and who is in one, with what each of them reads', async () => {
    scene.groups.addMember('g', 'm', [{ topic: 't', partitions: [0, 1] }]);
    scene.groups.addMember('g', 'n', Buffer.from('no consumer'));
    expect((await ask('/groups/g')).json()).toEqual({
      group: 'g',
      state: 'Stable',
      protocol_type: 'consumer',
      protocol: 'range',
      generation: 1,
      leader: 'm',
      members: [
        {
          member_id: 'm',
          group_instance_id: null,
          client_id: 'client-of-m',
          client_host: '/127.0.0.1',
          session_timeout_ms: 30_000,
          rebalance_timeout_ms: 60_000,
          assignment: [{ topic: 't', partitions: [0, 1] }],
        },
        expect.objectContaining({ member_id: 'n', assignment: [] }),
      ],
    });
  });

  test('one that is not there is said to be so', async () => {
    for (const url of ['/groups/none', '/groups/none/lag']) {
      const answer = await ask(url);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'GROUP_ID_NOT_FOUND']);
    }
  });

  test('one is forgotten with its offsets, unless it has members', async () => {
    await scene.commit('g', 't', 0, 1);
    expect((await ask({ method: 'DELETE', url: '/groups/g' })).statusCode).toBe(204);
    expect(await scene.committed('g')).toEqual([]);
    expect((await ask({ method: 'DELETE', url: '/groups/g' })).statusCode).toBe(404);
    scene.groups.addMember('g', 'm');
    const answer = await ask({ method: 'DELETE', url: '/groups/g' });
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'NON_EMPTY_GROUP']);
  });
});

describe('names', () => {
  test.each([
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['a%20b', 'a b'],
    ['a%2Fb', 'a/b'],
    ['..%2f..%2fetc', '../../etc'],
    ['gr%C3%BCn', 'grün'],
    ['%F0%9F%98%80', '\u{1f600}'],
    ['%2525', '%25'],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('%s is just one', async (encoded, name) => {
    const offsets = [{ topic: 't', partition: 0, offset: 3 }];
    expect((await post(`/groups/${encoded}/offsets`, { offsets })).statusCode).toBe(200);
    expect(await scene.committed(name)).toEqual(['t/0=3']);
    expect((await ask(`/groups/${encoded}`)).json().group).toBe(name);
    expect((await ask(`/groups/${encoded}/offsets`)).json().offsets).toHaveLength(1);
    expect((await ask(`/groups/${encoded}/lag`)).json().total_lag).toBe(7);
    expect((await ask({ method: 'DELETE', url: `/groups/${encoded}` })).statusCode).toBe(204);
  });

  test.each(['a%0ab', '%00', '%C2%85', 'x'.repeat(256)])('%s is none', async (name) => {
    for (const path of ['', '/lag', '/offsets']) {
      const answer = await ask(`/groups/${name}${path}`);
      expect([answer.statusCode, answer.json().code]).toEqual([422, 'INVALID_GROUP_ID']);
    }
  });

  test('a parameter that no route knows is refused', async () => {
    for (const path of ['/groups', '/groups/g', '/groups/g/lag', '/groups/g/offsets']) {
      expect((await ask(`${path}?colour=red`)).json()).toMatchObject({
        code: 'INVALID_REQUEST',
        details: { parameter: 'colour' },
      });
    }
  });
});

describe('lag', () => {
  test('is told in records and seconds, with the owner, and summed up', async () => {
    await scene.commit('g', 't', 0, 4);
    scene.groups.addMember('g', 'm', [{ topic: 't', partitions: [1] }]);
    scene.clock.advance(1_250);
    expect((await ask('/groups/g/lag')).json()).toEqual({
      group: 'g',
      state: 'Stable',
      total_lag: 16,
      max_lag: 10,
      max_lag_seconds: 1.25,
      partitions: [
        {
          topic: 't',
          partition: 0,
          current_offset: 4,
          log_start_offset: 0,
          log_end_offset: 10,
          lag: 6,
          lag_seconds: 1.25,
          owner: null,
          client_id: null,
        },
        {
          topic: 't',
          partition: 1,
          current_offset: null,
          log_start_offset: 0,
          log_end_offset: 10,
          lag: 10,
          lag_seconds: 1.25,
          owner: 'm',
          client_id: 'client-of-m',
        },
      ],
    });
  });

  test('in seconds is null where it is not known', async () => {
    await scene.commit('g', 't', 0, 4);
    scene.memory.setPartitionState({ topic: 't', partition: 0 }, 'offline');
    const answer = (await ask('/groups/g/lag')).json();
    expect(answer).toMatchObject({ max_lag_seconds: null, partitions: [{ lag_seconds: null }] });
  });
});

describe('committed offsets', () => {
  test('come back sorted, with what was written beside them', async () => {
    await scene.topic('u', 5);
    const offsets = [
      { topic: 'u', partition: 0, offset: 5 },
      { topic: 't', partition: 1, offset: 0, metadata: 'grün' },
      { topic: 't', partition: 0, offset: 10, metadata: null },
    ];
    expect((await post('/groups/g/offsets', { offsets })).json()).toEqual({
      offsets: offsets.map((each) => ({ ...each, metadata: each.metadata ?? '' })),
    });
    const all = (await ask('/groups/g/offsets')).json().offsets;
    expect(all).toEqual([
      { topic: 't', partition: 0, offset: 10, metadata: '' },
      { topic: 't', partition: 1, offset: 0, metadata: 'grün' },
      { topic: 'u', partition: 0, offset: 5, metadata: '' },
    ]);
    expect((await ask('/groups/g/offsets?topic=u')).json().offsets).toEqual([all[2]]);
    expect((await ask('/groups/g/offsets?topic=none')).json()).toEqual({ offsets: [] });
    expect((await ask('/groups/none/offsets')).json()).toEqual({ offsets: [] });
  });

  test("are a cursor's as well", async () => {
    const answer = await post('/groups/g/offsets', { cursor: await cursor() });
    expect(answer.json()).toEqual({
      offsets: [{ topic: 't', partition: 1, offset: 4, metadata: '' }],
    });
    expect(await scene.committed('g')).toEqual(['t/1=4']);
  });

  test('are taken of a member, and of nobody only where there is none', async () => {
    scene.groups.addMember('g', 'm');
    const offsets = [{ topic: 't', partition: 0, offset: 1 }];
    const nobody = await post('/groups/g/offsets', { offsets });
    expect([nobody.statusCode, nobody.json().code]).toEqual([404, 'UNKNOWN_MEMBER_ID']);
    const member = { member_id: 'm', generation: 1, group_instance_id: 'i' };
    expect((await post('/groups/g/offsets', { ...member, offsets })).statusCode).toBe(200);
    expect(scene.groups.commits.at(-1)).toMatchObject({
      memberId: 'm',
      generation: 1,
      groupInstanceId: 'i',
    });
    const older = await post('/groups/g/offsets', { ...member, generation: 0, offsets });
    expect([older.statusCode, older.json().code]).toEqual([409, 'ILLEGAL_GENERATION']);
  });
});

describe('a reset', () => {
  test('says where it was and where it is, and whether that was the nearer end', async () => {
    await scene.commit('g', 't', 0, 4);
    const wish = { topic: 't', to: { offset: 12 }, dry_run: true };
    const bounds = { log_start_offset: 0, log_end_offset: 10 };
    const expected = {
      group: 'g',
      topic: 't',
      dry_run: true,
      partitions: [
        { partition: 0, before: 4, after: 10, clamped: true, ...bounds },
        { partition: 1, before: null, after: 10, clamped: true, ...bounds },
      ],
    };
    expect((await post('/groups/g/offsets/reset', wish)).json()).toEqual(expected);
    expect(await scene.committed('g')).toEqual(['t/0=4']);
    const done = await post('/groups/g/offsets/reset', { ...wish, dry_run: false });
    expect(done.json()).toEqual({ ...expected, dry_run: false });
    expect(await scene.committed('g')).toEqual(['t/0=10', 't/1=10']);
  });

  test.each([
    [{ to: 'latest' }, 409, 'NON_EMPTY_GROUP'],
    [{ to: { shift: 1 }, dry_run: true }, 409, 'NO_COMMITTED_OFFSET'],
    [{ to: 'latest', topic: 'none' }, 404, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ to: 'latest', topic: 'a b' }, 422, 'INVALID_TOPIC_EXCEPTION'],
    [{ to: 'latest', partitions: [2] }, 404, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ to: 'nowhere' }, 400, 'INVALID_REQUEST'],
  ])('to %j of a group with members is a %d %s', async (wish, status, code) => {
    scene.groups.addMember('g', 'm');
    const answer = await post('/groups/g/offsets/reset', { topic: 't', ...wish });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });
});
