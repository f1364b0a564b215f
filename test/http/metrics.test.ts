import { describe, expect, test } from 'vitest';
import { METRICS_PARTITIONS_MAX } from '../../src/model/limits.ts';
import { gauge } from '../../src/model/metric-family.ts';
import { NO_HEADERS } from '../../src/model/record.ts';
import { conformingAsk } from '../support/conformance.ts';
import { testApp } from '../support/http-app.ts';

/** Series by name and labels, as they are written. */
async function scrape(app: ReturnType<typeof testApp>['app']): Promise<Map<string, number>> {
  const answer = await conformingAsk(app)('/metrics');
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = answer.body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line): [string, number] => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

const record = { key: null, value: Buffer.from('v'), headers: NO_HEADERS, timestamp: Date.now() };

describe('/metrics', () => {
  test("shows offsets under kafka_exporter's names", async () => {
    const { app, broker } = testApp();
    await broker.createTopic({ name: 'flights', partitionCount: 2 });
    const payload = { kind: 'records' as const, records: [record, record, record] };
    await broker.produce([{ topic: 'flights', partition: 1, payload }]);
    await broker.deleteRecords('flights', 1, 1);
    const series = await scrape(app);
    expect(Object.fromEntries(series)).toMatchObject({
      kafka_brokers: 1,
      'kafka_topic_partitions{topic="flights"}': 2,
      'kafka_topic_partition_current_offset{topic="flights",partition="0"}': 0,
      'kafka_topic_partition_current_offset{topic="flights",partition="1"}': 3,
      'kafka_topic_partition_oldest_offset{topic="flights",partition="1"}': 1,
      'millrace_info{version="0.0.0-test"}': 1,
      millrace_records_appended_total: 3,
      millrace_partitions: 2,
      millrace_partitions_not_online: 0,
      millrace_partitions_without_series: 0,
    });
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  test('shows what others have counted', async () => {
    const moreFamilies = () => [gauge('fish', 'Fish in the pond.', 7)];
    const { app } = testApp({ moreFamilies });
    expect((await scrape(app)).get('millrace_fish')).toBe(7);
  });

  test('counts requests by route and class of status, never by URL', async () => {
    const { app } = testApp();
    for (const url of ['/topics/a', '/topics/b', '/topics/c']) await app.inject(url);
    await app.inject({ method: 'PUT', url: '/topics/a' });
    await app.inject('/topics/a');
    const series = await scrape(app);
    const labels = 'method="GET",route="/topics/:topic"';
    const duration = 'millrace_http_request_duration_seconds';
    expect(Object.fromEntries(series)).toMatchObject({
      [`millrace_http_requests_total{${labels},status="4xx"}`]: 3,
      [`millrace_http_requests_total{${labels},status="2xx"}`]: 1,
      'millrace_http_requests_total{method="PUT",route="/topics/:topic",status="2xx"}': 1,
      [`${duration}_bucket{${labels},le="+Inf"}`]: 4,
      [`${duration}_count{${labels}}`]: 4,
    });
    expect([...series.keys()].filter((each) => each.includes('/topics/a'))).toEqual([]);
  });

  test('counts what is not served, without its URL', async () => {
    const { app } = testApp();
    for (const url of ['/nope', '/%zz']) await app.inject(url);
    await app.inject({ method: 'DELETE', url: '/topics' });
    const series = await scrape(app);
    expect(series.get('millrace_http_unrouted_requests_total')).toBe(3);
    expect([...series.keys()].filter((each) => each.includes('nope'))).toEqual([]);
  });

  test('counts do not fall between two scrapes, and buckets rise', async () => {
    const { app } = testApp();
    await scrape(app);
    const first = await scrape(app);
    const second = await scrape(app);
    const total = 'millrace_http_requests_total{method="GET",route="/metrics",status="2xx"}';
    expect([first.get(total), second.get(total)]).toEqual([1, 2]);
    const buckets = [...second].filter(([name]) => name.includes('_bucket{method="GET",route="/m'));
    expect(buckets.map(([, value]) => value)).toEqual(
      buckets.map(([, value]) => value).toSorted((a, b) => a - b),
    );
  });

  test('leaves out partitions above the limit and says how many', async () => {
    const { app, broker } = testApp();
    await broker.createTopic({ name: 'big', partitionCount: METRICS_PARTITIONS_MAX });
    await broker.createTopic({ name: 'more', partitionCount: 7 });
    const series = await scrape(app);
    expect(series.get('millrace_partitions_without_series')).toBe(7);
    expect(series.get('kafka_topic_partitions{topic="big"}')).toBe(METRICS_PARTITIONS_MAX);
    expect(series.has('kafka_topic_partitions{topic="more"}')).toBe(false);
  });
});
