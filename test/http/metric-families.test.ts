import { expect, test } from 'vitest';
import { DURATION_BUCKETS_S, HttpCounters, countAnswer } from '../../src/http/http-counters.ts';
import { httpFamilies, topicFamilies } from '../../src/http/metric-families.ts';

const partition = {
  partition: 0,
  logStartOffset: 2,
  highWatermark: 9,
  durableOffset: 9,
  bytes: 100,
  segmentCount: 1,
  state: 'online' as const,
};

test('the partitions of a topic become series, and their bytes a sum', () => {
  const partitions = [partition, { ...partition, partition: 1, highWatermark: 5 }];
  const families = topicFamilies([{ topic: 'a', partitions }], 3);
  const values = (name: string) => families.find((each) => each.name === name)?.values;
  expect(values('kafka_topic_partitions')).toEqual([{ labels: { topic: 'a' }, value: 2 }]);
  expect(values('kafka_topic_partition_current_offset')).toEqual([
    { labels: { topic: 'a', partition: 0 }, value: 9 },
    { labels: { topic: 'a', partition: 1 }, value: 5 },
  ]);
  expect(values('millrace_topic_bytes')).toEqual([{ labels: { topic: 'a' }, value: 200 }]);
  expect(values('millrace_partitions_without_series')).toEqual([{ value: 3 }]);
});

test('a histogram is cumulated, and routes that nobody asked are left out', () => {
  const counters = new HttpCounters();
  counters.route('GET', '/never');
  const counter = counters.route('GET', '/x');
  countAnswer(counter, 200, 0.1);
  countAnswer(counter, 200, 2);
  countAnswer(counter, 404, 120_000);
  const [requests, durations] = httpFamilies(counters);
  expect(requests?.values).toEqual([
    { labels: { method: 'GET', route: '/x', status: '2xx' }, value: 2 },
    { labels: { method: 'GET', route: '/x', status: '4xx' }, value: 1 },
  ]);
  const series = durations?.values ?? [];
  expect(series).toHaveLength(DURATION_BUCKETS_S.length + 3);
  expect(series[0]).toMatchObject({ labels: { le: 0.0005 }, value: 1 });
  expect(series.at(-3)).toMatchObject({ labels: { le: '+Inf' }, value: 3 });
  expect(series.at(-1)).toMatchObject({ value: 3 });
});

test('names are counters that end in _total, or gauges that do not', () => {
  for (const { name, type } of httpFamilies(new HttpCounters())) {
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
  }
});
