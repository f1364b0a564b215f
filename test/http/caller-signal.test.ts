import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { callerSignal } from '../../src/http/caller-signal.ts';

function response(destroyed = false): ServerResponse {
  return Object.assign(new EventEmitter(), { destroyed }) as unknown as ServerResponse;
}

test('the signal fires when the connection of the answer closes', () => {
  const answer = response();
  const { signal } = callerSignal(answer, new AbortController().signal);
  expect(signal.aborted).toBe(false);
  answer.emit('close');
  expect(signal.aborted).toBe(true);
});

test('it fires when the server stops, and at once when either has happened', () => {
  const stopping = new AbortController();
  const { signal } = callerSignal(response(), stopping.signal);
  stopping.abort();
  expect(signal.aborted).toBe(true);
  expect(callerSignal(response(), stopping.signal).signal.aborted).toBe(true);
  expect(callerSignal(response(true), new AbortController().signal).signal.aborted).toBe(true);
});

test('nothing is left behind when the wait is over', () => {
  const answer = response();
  const stopping = new AbortController();
  const { signal, dispose } = callerSignal(answer, stopping.signal);
  dispose();
  expect(answer.listenerCount('close')).toBe(0);
  stopping.abort();
  expect(signal.aborted).toBe(false);
});
