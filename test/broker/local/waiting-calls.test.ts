import { expect, test } from 'vitest';
import { WaitingCalls } from '../../../src/broker/local/waiting-calls.ts';
import type { SyncGroupResult } from '../../../src/broker/groups.ts';
import { shuttingDown } from '../../../src/broker/refusals.ts';
import { codeOf } from '../../support/coordinator-scene.ts';
import { diskFull } from '../../support/played-group.ts';

const RESULT: SyncGroupResult = { protocolType: '', protocol: '', assignment: Buffer.from('a') };

test('a call waits until it is answered, once', async () => {
  const calls = new WaitingCalls();
  const { ticket, answer } = calls.open<SyncGroupResult>();
  expect(calls.count).toBe(1);
  calls.answer(ticket, RESULT);
  calls.refuse(ticket, diskFull());
  expect([await answer, calls.count]).toEqual([RESULT, 0]);
});

test('each is answered for itself', async () => {
  const calls = new WaitingCalls();
  const [one, other] = [calls.open<SyncGroupResult>(), calls.open<SyncGroupResult>()];
  calls.refuse(other.ticket, diskFull());
  calls.answer(one.ticket, RESULT);
  expect(await codeOf(other.answer)).toBe('DISK_FULL');
  expect(await one.answer).toBe(RESULT);
});

test('that a caller goes away is told while its call waits, and not after', async () => {
  const calls = new WaitingCalls();
  const controllers = [new AbortController(), new AbortController()];
  const gone: number[] = [];
  const [waiting, answered] = controllers.map(({ signal }) =>
    calls.open<SyncGroupResult>({ signal, gone: (ticket) => gone.push(ticket) }),
  );
  if (waiting === undefined || answered === undefined) throw new Error('there are two');
  calls.answer(answered.ticket, RESULT);
  await answered.answer;
  for (const controller of controllers) controller.abort();
  expect([gone, calls.count]).toEqual([[waiting.ticket], 1]);
});

test('closing refuses all that wait', async () => {
  const calls = new WaitingCalls();
  const waiting = [1, 2, 3].map(() => calls.open<SyncGroupResult>().answer);
  calls.close(shuttingDown());
  const codes = await Promise.all(waiting.map(codeOf));
  expect([new Set(codes), calls.count]).toEqual([new Set(['SHUTTING_DOWN']), 0]);
});
