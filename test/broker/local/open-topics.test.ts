import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openTopics, PARTITIONS_IN_PARALLEL } from '../../../src/broker/local/open-topics.ts';
import { parseTopicConfig } from '../../../src/model/topic-config.ts';
import { fakePartition } from '../../support/fake-partition.ts';

const ROW = { topicId: 'id', name: 't', partitions: 2, configs: new Map(), state: 'live' } as const;

test('every partition of every topic is opened with its place and its config', async () => {
  const configs = new Map([['retention.ms', '7']]);
  const rows = [
    { ...ROW, name: 'a', topicId: 'A', configs },
    { ...ROW, name: 'b', topicId: 'B' },
  ];
  const opened: unknown[] = [];
  const topics = await openTopics(
    { topics: () => rows },
    {
      open: async (place) => {
        opened.push(place);
        // The later ones are done first.
        if (place.partition === 0) await nextTurn();
        return fakePartition({ reason: `${place.topicId}${place.partition}` });
      },
    },
  );
  const config = parseTopicConfig(configs);
  expect(opened).toContainEqual({ topicId: 'A', partition: 1, config });
  expect(topics.get('a').topic).toEqual({
    name: 'a',
    topicId: 'A',
    partitionCount: 2,
    config,
    configOverrides: configs,
  });
  const reasons = topics.list().map((each) => each.partitions.map(({ reason }) => reason));
  expect(reasons).toEqual([
    ['A0', 'A1'],
    ['B0', 'B1'],
  ]);
});

test('a thousand partitions are opened side by side, but not all at once', async () => {
  let running = 0;
  let most = 0;
  const topics = await openTopics(
    { topics: () => [{ ...ROW, partitions: 1000 }] },
    {
      open: async () => {
        running += 1;
        most = Math.max(most, running);
        await nextTurn();
        running -= 1;
        return fakePartition();
      },
    },
  );
  expect(topics.partitionCount).toBe(1000);
  expect(most).toBe(PARTITIONS_IN_PARALLEL);
});
