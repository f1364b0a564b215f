/** Each thing that a broker must not do to topics, commits and members, planted in a small history. */
import { expect, test } from 'vitest';
import type { FindingKind } from './history-checker.ts';
import { AGAIN, commit, HistoryBuilder, T0 } from './history-builder.ts';

const NO = { kind: 'refused', code: 'ILLEGAL_GENERATION' } as const;
const DELETE_GROUP = { kind: 'delete group', group: 'g' } as const;
const DELETE_TOPIC = { kind: 'delete topic', topic: 't', topicId: T0.topicId } as const;
const DONE = { kind: 'done' } as const;

const PLANTED: readonly (readonly [FindingKind, string, (history: HistoryBuilder) => void])[] = [
  [
    'lost commit',
    'an older one is read after a crash',
    (h) => {
      h.committed('1').committed('2').powerCut().read('1');
    },
  ],
  [
    'lost commit',
    'none is read after a crash',
    (h) => {
      h.committed('1').powerCut().read(undefined);
    },
  ],
  [
    'stale',
    'a read does not see what was committed before',
    (h) => {
      h.committed('1').committed('2').read('1');
    },
  ],
  [
    'zombie commit',
    'a refused one is read',
    (h) => {
      h.call(commit('1'), NO).read('1');
    },
  ],
  [
    'zombie commit',
    'one that was read is refused afterwards',
    (h) => {
      const open = h.begin(commit('1'));
      h.read('1');
      open(NO);
    },
  ],
  [
    'zombie commit',
    'one that nobody made is read',
    (h) => {
      h.read('1');
    },
  ],
  [
    'zombie commit',
    'one of a topic that had the name before is read',
    (h) => {
      h.committed('1').read('1', AGAIN);
    },
  ],
  [
    'zombie commit',
    'one of a deleted group is read',
    (h) => {
      h.committed('1').call(DELETE_GROUP, DONE).read('1');
    },
  ],
  [
    'zombie commit',
    'one of an old generation is taken',
    (h) => {
      h.joined('m', 1).assigned('m', 1, 't').joined('n', 2);
      h.committed('1', { memberId: 'm', generation: 1 });
    },
  ],
  [
    'commit went back',
    'one that was read is replaced, and read again',
    (h) => {
      const one = h.begin(commit('1'));
      const other = h.begin(commit('2'));
      h.read('1').read('2').read('1');
      for (const open of [one, other]) open({ kind: 'committed', refusals: [undefined] });
    },
  ],
  [
    'double ownership',
    'a partition has two owners in one generation',
    (h) => {
      h.joined('m', 1).assigned('m', 1, '0 1').assigned('n', 1, '1 2');
    },
  ],
  [
    'double ownership',
    'a member of an old generation is told to go on, also after a crash',
    (h) => {
      h.joined('n', 2).assigned('n', 2, '0').powerCut();
      h.call({ kind: 'heartbeat', group: 'g', memberId: 'm', generation: 1 }, DONE);
    },
  ],
  [
    'double ownership',
    'an assignment of another generation',
    (h) => {
      const ask = { kind: 'sync', group: 'g', memberId: 'm', generation: 3 } as const;
      h.call(ask, { kind: 'assigned', generation: 2, owned: [] });
    },
  ],
  [
    'lost topic',
    'one that was made is not listed',
    (h) => {
      h.topics({ place: T0 }).powerCut().topics();
    },
  ],
  [
    'lost topic',
    'added partitions are gone',
    (h) => {
      const grown = { topic: 't', topicId: T0.topicId, partitions: 3, retentionMs: -1 };
      h.call(
        { kind: 'add partitions', topic: 't', partitions: 3 },
        { kind: 'topics', topics: [{ ...grown, retentionBytes: -1 }] },
      ).topics({ place: T0 });
    },
  ],
  [
    'zombie topic',
    'a deleted one is listed',
    (h) => {
      h.topics({ place: T0 }).call(DELETE_TOPIC, DONE).powerCut().topics({ place: T0 });
    },
  ],
  [
    'broken',
    'an answer that is none',
    (h) => {
      h.call({ kind: 'producer id' }, { kind: 'broken', reason: 'EIO' });
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
  history.topics({ place: T0 }).read(undefined).committed('1').read('1');
  const unanswered = history.begin(commit('2'));
  const deletion = history.begin(DELETE_GROUP);
  history.read('1').read('2').committed('3').read(undefined);
  deletion({ kind: 'refused', code: 'KAFKA_STORAGE_ERROR', written: 'unknown' });
  unanswered({ kind: 'refused', code: 'KAFKA_STORAGE_ERROR', written: 'unknown' });
  history.committed('4').powerCut().read('4');
  history.call(DELETE_GROUP, DONE).read(undefined);
  // A generation that was told and not stored may come again after a crash.
  history.joined('m', 1).assigned('m', 1, '0').joined('n', 2).powerCut();
  history.committed('5', { memberId: 'm', generation: 1 }).joined('n', 2).assigned('n', 2, '0');
  // A group that was forgotten begins anew.
  history.joined('o', 1).assigned('o', 1, '0').call(DELETE_TOPIC, DONE).topics();
  expect(history.findings()).toEqual([]);
});
