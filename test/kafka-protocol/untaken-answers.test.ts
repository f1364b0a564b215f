import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { UntakenAnswers } from '../../src/kafka-protocol/untaken-answers.ts';

interface State {
  bytesWritten: number;
  writableLength: number;
  _handle?: { writeQueueSize: number } | null;
}

function watched(state: State) {
  return { state, untaken: new UntakenAnswers(state as unknown as Socket) };
}

test('a peer that takes everything never stalls', () => {
  const { untaken } = watched({ bytesWritten: 0, writableLength: 0 });
  expect([untaken.stalledMs(5), untaken.stalledMs(100_000)]).toEqual([0, 0]);
});

test('a peer that takes nothing stalls from the first look on', () => {
  const { untaken } = watched({
    bytesWritten: 10,
    writableLength: 10,
    _handle: { writeQueueSize: 10 },
  });
  expect([untaken.stalledMs(5), untaken.stalledMs(6), untaken.stalledMs(9)]).toEqual([0, 1, 4]);
});

test('a part of one large answer that was taken counts, though the socket does not know it', () => {
  const handle = { writeQueueSize: 10 };
  const { untaken } = watched({ bytesWritten: 10, writableLength: 10, _handle: handle });
  untaken.stalledMs(5);
  handle.writeQueueSize = 9;
  expect([untaken.stalledMs(15), untaken.stalledMs(16)]).toEqual([0, 1]);
});

test('without a handle the length that waits is looked at', () => {
  const { state, untaken } = watched({ bytesWritten: 10, writableLength: 10, _handle: null });
  untaken.stalledMs(5);
  expect(untaken.stalledMs(7)).toBe(2);
  state.writableLength = 4;
  expect(untaken.stalledMs(8)).toBe(0);
});
