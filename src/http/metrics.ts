/**
 * The text of `/metrics`. prom-client is taken for the exposition format and for the metrics of
 * the Node process, and is loaded by the first scrape: a server that nobody scrapes does not pay.
 */
import type { Registry } from 'prom-client';
import type { Broker } from '../broker/broker.ts';
import { MillraceError } from '../model/errors.ts';
import { METRICS_PARTITIONS_MAX } from '../model/limits.ts';
import { Pace } from '../model/pace.ts';
import type { HttpCounters } from './http-counters.ts';
import type { Family } from '../model/metric-family.ts';
import type { TopicSnapshot } from './metric-families.ts';
import { groupFamilies } from './metrics-groups.ts';
import { brokerFamilies, httpFamilies, topicFamilies, versionFamily } from './metric-families.ts';

/** Samples of the event loop's delay, in milliseconds apart: few enough to let a laptop sleep. */
const EVENT_LOOP_SAMPLING_MS = 100;

export interface Metrics {
  /** The media type of the text. */
  readonly contentType: string;
  readonly scrape: () => Promise<string>;
}

export interface Measured {
  readonly broker: Broker;
  readonly counters: HttpCounters;
  readonly version: string;
  /** What others have counted. */
  readonly moreFamilies: () => readonly Family[];
}

export async function loadMetrics({
  broker,
  counters,
  version,
  moreFamilies,
}: Measured): Promise<Metrics> {
  const { Registry, collectDefaultMetrics } = await import('prom-client');
  const ofProcess = new Registry();
  collectDefaultMetrics({
    register: ofProcess,
    eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLING_MS,
  });
  return {
    contentType: ofProcess.contentType,
    async scrape() {
      const pace = new Pace();
      const families = [
        versionFamily(version),
        ...brokerFamilies(broker.stats(), broker.health()),
        ...(await describeTopics(broker, pace)),
        ...(await groupFamilies(broker)),
        ...httpFamilies(counters),
        ...moreFamilies(),
      ];
      let text = '';
      for (const family of families) {
        // The largest have as many series as there are partitions shown: one to a turn.
        const ofFamily = new Registry();
        register(ofFamily, family);
        text += await ofFamily.metrics();
        await pace.did(family.values.length);
      }
      return text + (await ofProcess.metrics());
    },
  };
}

/** A metric is to prom-client whatever can be asked for its values. */
function register(registry: Registry, family: Family): void {
  const metric = { name: family.name, get: () => Promise.resolve(family) };
  registry.registerMetric(metric as never);
}

async function describeTopics(broker: Broker, pace: Pace): Promise<Family[]> {
  const snapshots: TopicSnapshot[] = [];
  let shown = 0;
  let omitted = 0;
  for (const topic of await broker.listTopics()) {
    if (shown + topic.partitionCount > METRICS_PARTITIONS_MAX) {
      omitted += topic.partitionCount;
      continue;
    }
    const partitions = await describeUnlessDeleted(broker, topic.name);
    if (partitions === undefined) continue;
    shown += partitions.length;
    await pace.did(partitions.length);
    snapshots.push({ topic: topic.name, partitions });
  }
  return topicFamilies(snapshots, omitted);
}

async function describeUnlessDeleted(
  broker: Broker,
  topic: string,
): Promise<TopicSnapshot['partitions'] | undefined> {
  try {
    return await broker.describePartitions(topic);
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION') {
      return undefined;
    }
    throw error;
  }
}
