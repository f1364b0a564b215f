/** Each thing that a broker must not do to records, planted in a small history. */
import { expect, test } from 'vitest';
import type { FindingKind } from './history-checker.ts';
import { AGAIN, HistoryBuilder, T0, T1 } from './history-builder.ts';

const PLANTED: readonly (readonly [FindingKind, string, (history: HistoryBuilder) => void])[] = [
  [
    'lost',
    'an acknowledged record is beyond the end after a crash',
    (h) => {
      h.produced('a b', 0).powerCut().fetched('0=a');
    },
  ],
  [
    'lost',
    'another record stands in its place',
    (h) => {
      const open = h.begin({ kind: 'produce', place: T0, texts: ['b'] });
      h.produced('a', 0).powerCut().fetched('0=b');
      open({ kind: 'done' });
    },
  ],
  [
    'lost',
    'the log start moved, and nobody asked for it',
    (h) => {
      h.produced('a b', 0).fetched('1=b', { start: 1 });
    },
  ],
  [
    'lost',
    'the log start moved further than was asked',
    (h) => {
      h.produced('a b c', 0).deleted(1, 2);
    },
  ],
  [
    'lost',
    'a record left before its time',
    (h) => {
      h.topics({ place: T0, retentionMs: 1_000 }).produced('a b', 0);
      h.nowMs += 999;
      h.fetched('1=b', { start: 1 });
    },
  ],
  [
    'lost',
    'what a producer sent before is forgotten',
    (h) => {
      const ask = { kind: 'produce', place: T0, texts: ['a'], sequence: 4 } as const;
      h.call(ask, { kind: 'refused', code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', written: 'no' });
    },
  ],
  [
    'duplicate',
    'a record is there twice',
    (h) => {
      h.produced('a', 0).fetched('0=a 1=a');
    },
  ],
  [
    'duplicate',
    'a repeated record is given another offset',
    (h) => {
      h.refused('a', 'unknown').fetched('0=a').produced('a', 1);
    },
  ],
  [
    'reordered',
    'a later call has the earlier offset',
    (h) => {
      h.produced('a', 1).produced('b', 0);
    },
  ],
  [
    'reordered',
    'two calls of one producer have changed places',
    (h) => {
      const first = h.begin({ kind: 'produce', place: T0, texts: ['a'] });
      const second = h.begin({ kind: 'produce', place: T0, texts: ['b'] });
      first({ kind: 'produced', baseOffset: 1 });
      second({ kind: 'produced', baseOffset: 0 });
    },
  ],
  [
    'reordered',
    'the records of one call have changed places',
    (h) => {
      h.refused('a b', 'unknown').fetched('0=b 1=a');
    },
  ],
  [
    'fabricated',
    'nobody wrote the record',
    (h) => {
      h.fetched('0=a');
    },
  ],
  [
    'fabricated',
    'it was written to another partition',
    (h) => {
      h.refused('a', 'unknown', T1).fetched('0=a');
    },
  ],
  [
    'fabricated',
    'it was acknowledged in a topic that had the name before',
    (h) => {
      h.produced('a', 0).fetched('0=a', { place: AGAIN });
    },
  ],
  [
    'gap',
    'an offset between two records is missing',
    (h) => {
      h.produced('a b c', 0).fetched('0=a 2=c');
    },
  ],
  [
    'gap',
    'the first record lies above the offset asked for',
    (h) => {
      h.produced('a b', 0).fetched('1=b', { offset: 0 });
    },
  ],
  [
    'gap',
    'there is nothing below the end',
    (h) => {
      h.produced('a', 0).fetched('', { offset: 0, end: 1 });
    },
  ],
  [
    'dirty',
    'what a reader saw is gone after a power cut',
    (h) => {
      h.refused('a', 'unknown').fetched('0=a').powerCut().fetched('');
    },
  ],
  [
    'dirty',
    'what a reader saw is another record after a power cut',
    (h) => {
      h.refused('a b', 'unknown').fetched('0=a').powerCut().fetched('0=b');
    },
  ],
  [
    'dirty',
    'the batch of a record has changed',
    (h) => {
      h.produced('a', 0).fetched('0=a~1').fetched('0=a~2');
    },
  ],
  [
    'dirty',
    'a record is shown above the high watermark',
    (h) => {
      h.produced('a', 0).fetched('0=a').produced('b', 1).fetched('0=a 1=b', { end: 1 });
    },
  ],
  [
    'stale',
    'a read does not see what was acknowledged before',
    (h) => {
      h.produced('a', 0).fetched('');
    },
  ],
  [
    'stale',
    'the high watermark goes back',
    (h) => {
      h.refused('a b', 'unknown').fetched('0=a', { end: 2 }).fetched('0=a');
    },
  ],
  [
    'stale',
    'the log start goes back',
    (h) => {
      h.produced('a b', 0).deleted(1).powerCut().fetched('0=a 1=b');
    },
  ],
  [
    'refused but appeared',
    'a refused record is shown',
    (h) => {
      h.refused('a', 'no').fetched('0=a');
    },
  ],
  [
    'refused but appeared',
    'a shown record is refused afterwards',
    (h) => {
      const open = h.begin({ kind: 'produce', place: T0, texts: ['a'] });
      h.fetched('0=a');
      open({ kind: 'refused', code: 'DISK_FULL', written: 'no' });
    },
  ],
  [
    'offset given twice',
    'two records were acknowledged at one offset',
    (h) => {
      h.produced('a', 0).powerCut().produced('b', 0);
    },
  ],
  [
    'offset given twice',
    'an offset shows two records in one life',
    (h) => {
      h.refused('a b', 'unknown').fetched('0=a').fetched('0=b');
    },
  ],
  [
    'producer id given twice',
    'after a crash',
    (h) => {
      const given = { kind: 'producer id', producerId: 7 } as const;
      h.call({ kind: 'producer id' }, given).powerCut().call({ kind: 'producer id' }, given);
    },
  ],
];

test.each(PLANTED)('%s: %s', (kind, _, plant) => {
  const history = new HistoryBuilder();
  plant(history);
  expect(history.findings().map((each) => each.split(':')[0])).toContain(kind);
});

test('what could be right is not reported', () => {
  const history = new HistoryBuilder();
  history.topics({ place: T0, retentionMs: 1_000 }).produced('a', 0);
  const slow = history.begin({ kind: 'produce', place: T0, texts: ['late'] }, 'another client');
  const early = history.begin({ kind: 'fetch', place: T0, offset: 0 }, 'reader');
  history.produced('b', 1).refused('maybe', 'unknown');
  // A read that began before has not to see it, and one on a partition that is not online neither.
  const none = { kind: 'fetched', logStartOffset: 0, isOnline: true, records: [] } as const;
  early({ ...none, highWatermark: 1, records: [{ offset: 0, text: 'a' }] });
  history.fetched('0=a', { isOnline: false, end: 0 });
  history.fetched('0=a 1=b 2=maybe').powerCut();
  slow({ kind: 'produced', baseOffset: 9 });
  history.fetched('0=a 1=b 2=maybe 3=late').produced('maybe', 2);
  history.nowMs += 1_000;
  history.fetched('3=late', { start: 2, offset: 3 });
  history.refused('x', 'no').produced('x', 4).refused('y', 'no', AGAIN);
  expect(history.findings()).toEqual([]);
});
