import { expect, test } from 'vitest';
import { openTopics } from '../../../src/broker/local/open-topics.ts';
import { parseTopicConfig } from '../../../src/model/topic-config.ts';
import { fakePartition } from '../../support/fake-partition.ts';

const ROW = { topicId: 'id', name: 't', partitions: 2, configs: new Map(), state: 'live' } as const;

test('every partition of every topic is opened with its place and its config, all together', async () => {
  const configs = new Map([['retention.ms', '7']]);
  const rows = [
    { ...ROW, name: 'a', topicId: 'A', configs },
    { ...ROW, name: 'b', topicId: 'B' },
  ];
  const opened: unknown[] = [];
  const topics = await openTopics(
    { topics: () => rows },
    {
      open: async (places) => {
        opened.push(places);
        return places.map((each) => fakePartition({ reason: `${each.topicId}${each.partition}` }));
      },
    },
  );
  const config = parseTopicConfig(configs);
  const place = { partition: 0, topicId: 'A', config };
  const other = { ...place, topicId: 'B', config: parseTopicConfig(new Map()) };
  expect(opened).toEqual([[place, { ...place, partition: 1 }, other, { ...other, partition: 1 }]]);
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
