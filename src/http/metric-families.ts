/**
 * What `/metrics` shows, as plain data made from counters and snapshots. Offsets carry
 * kafka_exporter's names, so that its dashboards and alerts work; the rest is `millrace_...`.
 *
 * Labels are bounded: routes are patterns, and partitions above a limit are only counted.
 */
import type { BrokerHealth, BrokerStats, PartitionDescription } from '../broker/broker.ts';
import type { Family, Series } from '../model/metric-family.ts';
import { counter, family, gauge } from '../model/metric-family.ts';
import type { HttpCounters, RouteCounter } from './http-counters.ts';
import { DURATION_BUCKETS_S } from './http-counters.ts';

/** The partitions of one topic. */
export interface TopicSnapshot {
  readonly topic: string;
  readonly partitions: readonly PartitionDescription[];
}

export function brokerFamilies(stats: BrokerStats, health: BrokerHealth): Family[] {
  return [
    counter('records_appended', 'Records appended.', stats.recordsAppended),
    counter('bytes_appended', 'Bytes of record batches appended.', stats.bytesAppended),
    counter('flushes', 'Group commits: one write and one fdatasync each.', stats.flushes),
    counter('flush_errors', 'Group commits that failed.', stats.flushErrors),
    counter(
      'duplicate_batches',
      'Batches of idempotent producers that were recognised as repeated.',
      stats.duplicateBatches,
    ),
    counter('bytes_fetched', 'Bytes of record batches given to readers.', stats.bytesFetched),
    counter(
      'bytes_fetched_from_memory',
      'Of which came from the tail in memory.',
      stats.bytesFetchedFromTail,
    ),
    counter(
      'segments_deleted',
      'Segments removed by retention and purging.',
      stats.segmentsDeleted,
    ),
    gauge('topics', 'Topics.', stats.topics),
    gauge('partitions', 'Partitions of all topics.', stats.partitions),
    gauge(
      'partitions_not_online',
      'Partitions that are offline or read-only.',
      health.notOnline.length,
    ),
    gauge('parked_fetches', 'Fetches waiting for records.', stats.parkedFetches),
    gauge(
      'produce_in_flight_bytes',
      'Bytes of produce requests not yet answered.',
      stats.produceInFlightBytes,
    ),
    gauge('open_files', 'Segment files that are open.', stats.openFiles),
    gauge('groups', 'Consumer groups with members or with anything kept of them.', stats.groups),
    gauge('group_members', 'Members of all consumer groups.', stats.groupMembers),
    gauge('parked_joins', 'Joins and syncs waiting for the other members.', stats.parkedJoins),
    counter('offsets_committed', 'Offsets that groups have committed.', stats.offsetsCommitted),
  ];
}

export function topicFamilies(
  topics: readonly TopicSnapshot[],
  omittedPartitions: number,
): Family[] {
  const bytesOf = ({ partitions }: TopicSnapshot): number =>
    partitions.reduce((sum, each) => sum + each.bytes, 0);
  return [
    family('kafka_brokers', 'Number of Brokers in the Kafka Cluster.', 'gauge', [{ value: 1 }]),
    family(
      'kafka_topic_partitions',
      'Number of partitions for this Topic',
      'gauge',
      topics.map(({ topic, partitions }) => ({ labels: { topic }, value: partitions.length })),
    ),
    family(
      'kafka_topic_partition_current_offset',
      'Current Offset of a Broker at Topic/Partition',
      'gauge',
      partitionSeries(topics, (each) => each.highWatermark),
    ),
    family(
      'kafka_topic_partition_oldest_offset',
      'Oldest Offset of a Broker at Topic/Partition',
      'gauge',
      partitionSeries(topics, (each) => each.logStartOffset),
    ),
    family(
      'millrace_topic_bytes',
      'Bytes of the segments of a topic.',
      'gauge',
      topics.map((each) => ({ labels: { topic: each.topic }, value: bytesOf(each) })),
    ),
    gauge(
      'partitions_without_series',
      'Partitions too many to have series of their own here.',
      omittedPartitions,
    ),
  ];
}

function partitionSeries(
  topics: readonly TopicSnapshot[],
  valueOf: (partition: PartitionDescription) => number,
): Series[] {
  return topics.flatMap(({ topic, partitions }) =>
    partitions.map((each) => ({
      labels: { topic, partition: each.partition },
      value: valueOf(each),
    })),
  );
}

export function httpFamilies(counters: HttpCounters): Family[] {
  const routes = counters.routes.filter((route) => route.answers.some((count) => count > 0));
  return [
    family(
      'millrace_http_requests_total',
      'Requests answered, by route and class of status.',
      'counter',
      routes.flatMap(answerSeries),
    ),
    family(
      'millrace_http_request_duration_seconds',
      'From the headers of a request to its answer being handed to the socket.',
      'histogram',
      routes.flatMap(durationSeries),
    ),
    counter('http_connections_opened', 'Connections accepted.', counters.connectionsOpened),
    counter(
      'http_connections_refused',
      'Connections refused with 503, too many being open.',
      counters.connectionsRefused,
    ),
    counter(
      'http_unreadable_requests',
      'Requests that were no HTTP, too slow or too large.',
      counters.requestsUnreadable,
    ),
    counter(
      'http_unrouted_requests',
      'Requests for what is not served, and with URLs that cannot be decoded.',
      counters.requestsUnrouted,
    ),
    counter('http_streams_opened', 'Streams begun.', counters.streamsOpened),
    gauge('http_connections', 'Connections that are open.', counters.connectionsOpen),
    gauge('http_streams', 'Streams being followed.', counters.streamsOpen),
  ];
}

function answerSeries({ method, route, answers }: RouteCounter): Series[] {
  return answers.flatMap((count, statusClass) =>
    count === 0 ? [] : [{ labels: { method, route, status: `${statusClass}xx` }, value: count }],
  );
}

function durationSeries({ method, route, durations, durationSumS }: RouteCounter): Series[] {
  const name = 'millrace_http_request_duration_seconds';
  let count = 0;
  const buckets = durations.map((each, index): Series => {
    count += each;
    const le = DURATION_BUCKETS_S[index] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { method, route, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { method, route }, value: durationSumS },
    { metricName: `${name}_count`, labels: { method, route }, value: count },
  ];
}

export function versionFamily(version: string): Family {
  return family('millrace_info', 'The version of the server.', 'gauge', [
    { labels: { version }, value: 1 },
  ]);
}
