import { describe, expect, test } from 'vitest';
import { askFace, callerOf, kafkaFace, kafkaParts } from '../../support/kafka-face.ts';
import { answerFrame } from '../../../src/kafka-protocol/answer-frame.ts';
import { answerBody, requestFrame, wholeFrame } from '../../support/kafka-wire.ts';
import { join, joinBody, joined, readJoin, sync, versionsTo } from '../../support/kafka-groups.ts';

describe.each(versionsTo(7))('in version %i', (version) => {
  test('a new member leads its group and is told of itself', async () => {
    const parts = kafkaParts();
    const instance = version >= 5 ? 'i' : null;
    let answer = await join(parts, version, 'g', { instance });
    if (version === 4) answer = await join(parts, version, 'g', { memberId: answer.memberId });
    const { memberId } = answer;
    expect(memberId).toMatch(/^test-|^i-/);
    expect(answer).toEqual({
      error: 0,
      generation: 1,
      protocolType: version >= 7 ? 'consumer' : undefined,
      protocol: 'range',
      leader: memberId,
      memberId,
      members: [{ memberId, instance: version >= 5 ? 'i' : undefined, metadata: 'topics' }],
    });
  });

  test('a refusal has its number and nothing else', async () => {
    const answer = await join(kafkaParts(), version, 'g', { sessionMs: 5, memberId: 'm' });
    expect(answer).toEqual({
      error: 26,
      generation: -1,
      protocolType: version >= 7 ? null : undefined,
      protocol: version >= 7 ? null : '',
      leader: '',
      memberId: 'm',
      members: [],
    });
  });
});

test('from version 4 a new member must come back with the id it is given', async () => {
  const parts = kafkaParts();
  for (const version of [4, 5, 6, 7]) {
    const first = await join(parts, version, `g${version}`);
    expect(first).toMatchObject({ error: 79, memberId: expect.stringMatching(/^test-/) });
    const again = await join(parts, version, `g${version}`, { memberId: first.memberId });
    expect(again).toMatchObject({ error: 0, memberId: first.memberId });
  }
  expect((await join(parts, 3, 'g3')).error).toBe(0);
});

test.each([
  ['a name that cannot be one', '', {}, 24],
  ['a member that nobody knows', 'g', { memberId: 'ghost' }, 25],
  ['no protocol', 'g', { protocols: [] }, 23],
  ['more protocols than a member may have', 'g', { protocols: many(33) }, 'closed'],
])('%s is refused', async (_, group, joining, number) => {
  const parts = kafkaParts();
  const answer = join(parts, 3, group, joining);
  if (number === 'closed') await expect(answer).rejects.toThrow('protocols');
  else expect((await answer).error).toBe(number);
});

function many(count: number): [string, string][] {
  return Array.from({ length: count }, (_, index) => [`p${index}`, '']);
}

test('members that have no protocol in common are refused', async () => {
  const parts = kafkaParts();
  await joined(parts, 'g');
  const other = await joined(parts, 'g', { protocols: [['roundrobin', '']] });
  expect(other.error).toBe(23);
});

test('it is parked until the others have come, and only the leader is told of them', async () => {
  const parts = kafkaParts();
  const first = await joined(parts, 'g');
  const { memberId } = first;
  const assignments = [[memberId, 'x']] as const;
  await sync(parts, 5, 'g', { memberId, generation: 1, assignments });
  const second = joined(parts, 'g', { protocols: [['range', 'others']] });
  const again = await join(parts, 7, 'g', { memberId });
  expect(again).toMatchObject({ error: 0, generation: 2, leader: memberId });
  expect(again.members.map((each) => each.metadata).toSorted()).toEqual(['others', 'topics']);
  expect(await second).toMatchObject({ generation: 2, leader: memberId, members: [] });
});

test("the member's client and address are shown to others", async () => {
  const parts = kafkaParts();
  await joined(parts, 'g');
  const { members } = await parts.broker.describeGroup('g');
  expect(members).toMatchObject([{ clientId: 'test', clientHost: '/127.0.0.1' }]);
});

/** A group of one, and the join of a second member that waits for it. */
async function parked() {
  const parts = kafkaParts();
  const { memberId } = await joined(parts, 'g');
  await sync(parts, 5, 'g', { memberId, generation: 1, assignments: [[memberId, 'x']] });
  const given = await join(parts, 7, 'g');
  const request = { key: 11, version: 7, body: joinBody(7, 'g', { memberId: given.memberId }) };
  const [gone, stop] = [new AbortController(), new AbortController()];
  const signal = AbortSignal.any([gone.signal, stop.signal]);
  const caller = callerOf(parts.context, { signal, gone: gone.signal });
  const answer = answerFrame(requestFrame(request).subarray(4), caller);
  const members = async () => (await parts.broker.describeGroup('g')).members.length;
  return { ...parts, gone, stop, answer, request, members };
}

test('a connection that goes away takes its waiting member along', async () => {
  const { gone, answer, members } = await parked();
  expect(await members()).toBe(2);
  gone.abort();
  await answer;
  expect(await members()).toBe(1);
});

test('a server that stops tells it to look for another coordinator, and keeps its place', async () => {
  const { stop, answer, request, members } = await parked();
  stop.abort();
  const frame = wholeFrame(await answer);
  expect(readJoin(answerBody(frame, request), 7).error).toBe(16);
  expect(await members()).toBe(2);
});

test('requests behind a parked join are carried out, and answered after it', async () => {
  await using face = await kafkaFace();
  const wire = await face.connect();
  const { memberId } = await joined(face, 'g');
  await sync(face, 5, 'g', { memberId, generation: 1, assignments: [[memberId, 'x']] });
  const given = await join(face, 7, 'g');
  const joining = { key: 11, version: 7, body: joinBody(7, 'g', { memberId: given.memberId }) };
  const waiting = wire.ask(joining);
  const behind = wire.ask({ key: 18, version: 0 });
  const reader = await askFace(face.context, { key: 18, version: 0 });
  expect(reader.left).toBeGreaterThan(0);
  await join(face, 7, 'g', { memberId });
  expect(readJoin(await waiting, 7)).toMatchObject({ error: 0, generation: 2 });
  expect((await behind).readInt16('error_code')).toBe(0);
});
