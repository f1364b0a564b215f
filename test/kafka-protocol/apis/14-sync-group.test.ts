import { describe, expect, test } from 'vitest';
import { answerFrame } from '../../../src/kafka-protocol/answer-frame.ts';
import { callerOf, kafkaParts } from '../../support/kafka-face.ts';
import {
  join,
  joined,
  stable,
  sync,
  versionsTo,
  writeAll,
  writeMember,
} from '../../support/kafka-groups.ts';
import { requestFrame, wholeFrame } from '../../support/kafka-wire.ts';

describe.each(versionsTo(5))('in version %i', (version) => {
  test('the leader brings assignments and gets its own', async () => {
    const parts = kafkaParts();
    const { memberId, generation } = await joined(parts, 'g');
    const assignments = [[memberId, 'mine']] as const;
    expect(await sync(parts, version, 'g', { memberId, generation, assignments })).toEqual({
      error: 0,
      protocolType: version >= 5 ? 'consumer' : undefined,
      protocol: version >= 5 ? 'range' : undefined,
      assignment: 'mine',
    });
  });

  test('a refusal has its number and nothing else', async () => {
    const parts = kafkaParts();
    const { memberId } = await stable(parts, 'g');
    expect(await sync(parts, version, 'g', { memberId, generation: 7 })).toEqual({
      error: 22,
      protocolType: version >= 5 ? null : undefined,
      protocol: version >= 5 ? null : undefined,
      assignment: '',
    });
    expect((await sync(parts, version, 'g', { memberId: 'ghost', generation: 1 })).error).toBe(25);
  });
});

test('another protocol than the one chosen is refused where it is said', async () => {
  const parts = kafkaParts();
  const { memberId, generation } = await joined(parts, 'g');
  const member = { memberId, generation, assignments: [[memberId, '']] } as const;
  const wrong = await sync(parts, 5, 'g', { ...member, protocolType: 'consumer', protocol: 'x' });
  expect(wrong.error).toBe(23);
  expect((await sync(parts, 5, 'g', { ...member, protocolType: 'connect' })).error).toBe(23);
  const right = { ...member, protocolType: 'consumer', protocol: 'range' };
  expect((await sync(parts, 5, 'g', right)).error).toBe(0);
});

test('those who follow wait for the leader', async () => {
  const parts = kafkaParts();
  const { memberId: leader } = await stable(parts, 'g');
  const joining = joined(parts, 'g');
  await join(parts, 7, 'g', { memberId: leader });
  const { memberId: follower } = await joining;
  const waiting = sync(parts, 5, 'g', { memberId: follower, generation: 2 });
  const assignments = [
    [leader, 'one'],
    [follower, 'two'],
  ] as const;
  await sync(parts, 5, 'g', { memberId: leader, generation: 2, assignments });
  expect(await waiting).toMatchObject({ error: 0, assignment: 'two' });
});

test('a server that stops sends who waits to another coordinator', async () => {
  const parts = kafkaParts();
  const { memberId: leader } = await stable(parts, 'g');
  const joining = joined(parts, 'g');
  await join(parts, 7, 'g', { memberId: leader });
  const { memberId } = await joining;
  const frame = requestFrame({
    key: 14,
    version: 0,
    body(writer) {
      writeMember(writer, 'g', { memberId, generation: 2 }, false);
      writeAll(writer, [], () => {});
    },
  });
  const stop = new AbortController();
  const answer = answerFrame(frame.subarray(4), callerOf(parts.context, { signal: stop.signal }));
  stop.abort();
  expect(wholeFrame(await answer).readInt16BE(8)).toBe(16);
});
