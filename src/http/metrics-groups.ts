/**
 * Groups in `/metrics`, under kafka_exporter's names and by its rules: series for every partition
 * of a topic in which the group has committed anything, -1 where it has not committed in that one.
 * It differs in one thing: the sums leave such partitions out, where kafka_exporter adds the -1s.
 *
 * The number of series is bounded: the offsets of a group are shown as a whole or not at all, and
 * the groups left out are counted. No record is read: for the age of a lag ask the group's route.
 */
import type { CommittedOffset } from '../broker/groups.ts';
import type { GroupBroker } from '../membership/group-broker.ts';
import { MillraceError } from '../model/errors.ts';
import { METRICS_GROUP_PARTITIONS_MAX } from '../model/limits.ts';
import { Pace } from '../model/pace.ts';
import type { Family, Series } from '../model/metric-family.ts';

const BOUND = `. Groups are left out beyond ${METRICS_GROUP_PARTITIONS_MAX} partitions of groups, see millrace_groups_without_series`;

/** Of one group, in partitions: it is asked for twice. */
const GROUP_COST = 5;

/** What the committed offsets of a group lie in. */
type MetricsBroker = Pick<
  GroupBroker,
  'listGroups' | 'describeGroup' | 'fetchOffsets' | 'describePartitions'
>;

export async function groupFamilies(broker: MetricsBroker): Promise<Family[]> {
  const ends = new LogEnds(broker);
  const series = new GroupSeries();
  const pace = new Pace();
  for (const { group } of await broker.listGroups()) {
    const members = await unlessGone('GROUP_ID_NOT_FOUND', async () => {
      return (await broker.describeGroup(group)).members.length;
    });
    if (members === undefined) continue;
    await pace.did(GROUP_COST);
    series.addMembers(group, members);
    // Damage to the log of commits is told by the health; the rest is still to be seen.
    const offsets = await unlessGone('KAFKA_STORAGE_ERROR', () => broker.fetchOffsets(group));
    if (offsets === undefined) continue;
    await addOffsets(series, ends, { group, offsets });
    await pace.did(offsets.length);
  }
  return series.families();
}

interface CommittedInGroup {
  readonly group: string;
  readonly offsets: readonly CommittedOffset[];
}

/** All of the group, or none of it where that would be too much. */
async function addOffsets(
  series: GroupSeries,
  ends: LogEnds,
  { group, offsets }: CommittedInGroup,
): Promise<void> {
  const topics = new Map<string, Map<number, number>>();
  for (const { topic, partition, offset } of offsets) {
    const partitions = topics.get(topic) ?? new Map<number, number>();
    topics.set(topic, partitions.set(partition, offset));
  }
  const shown: TopicOffsets[] = [];
  for (const [topic, committed] of topics) {
    shown.push({ group, topic, committed, ends: await ends.of(topic) });
  }
  series.addOffsets(shown);
}

interface TopicOffsets {
  readonly group: string;
  readonly topic: string;
  /** By partition. */
  readonly committed: ReadonlyMap<number, number>;
  /** High watermarks, by partition. */
  readonly ends: readonly number[];
}

/** Of each topic once a scrape, however many groups read it. */
class LogEnds {
  readonly #broker: MetricsBroker;
  readonly #ends = new Map<string, readonly number[]>();

  constructor(broker: MetricsBroker) {
    this.#broker = broker;
  }

  /** None of a topic that was deleted meanwhile. */
  async of(topic: string): Promise<readonly number[]> {
    const known = this.#ends.get(topic);
    if (known !== undefined) return known;
    const partitions = await unlessGone('UNKNOWN_TOPIC_OR_PARTITION', () =>
      this.#broker.describePartitions(topic),
    );
    const ends = (partitions ?? []).map(({ highWatermark }) => highWatermark);
    this.#ends.set(topic, ends);
    return ends;
  }
}

class GroupSeries {
  readonly #members: Series[] = [];
  readonly #offsets: Series[] = [];
  readonly #offsetSums: Series[] = [];
  readonly #lags: Series[] = [];
  readonly #lagSums: Series[] = [];
  #groupsLeftOut = 0;

  addMembers(consumergroup: string, value: number): void {
    this.#members.push({ labels: { consumergroup }, value });
  }

  /** Of one group. */
  addOffsets(topics: readonly TopicOffsets[]): void {
    const count = topics.reduce((sum, { ends }) => sum + ends.length, 0);
    if (this.#offsets.length + count > METRICS_GROUP_PARTITIONS_MAX) this.#groupsLeftOut += 1;
    else for (const topic of topics) this.#addTopic(topic);
  }

  #addTopic({ group: consumergroup, topic, committed, ends }: TopicOffsets): void {
    if (ends.length === 0) return;
    let offsetSum = 0;
    let lagSum = 0;
    for (const [partition, end] of ends.entries()) {
      const labels = { consumergroup, topic, partition };
      const offset = committed.get(partition);
      const lag = offset === undefined ? -1 : Math.max(0, end - offset);
      this.#offsets.push({ labels, value: offset ?? -1 });
      this.#lags.push({ labels, value: lag });
      offsetSum += offset ?? 0;
      lagSum += Math.max(0, lag);
    }
    const labels = { consumergroup, topic };
    this.#offsetSums.push({ labels, value: offsetSum });
    this.#lagSums.push({ labels, value: lagSum });
  }

  families(): Family[] {
    const gauge = (name: string, help: string, values: readonly Series[]): Family => ({
      name,
      help,
      type: 'gauge',
      values,
    });
    return [
      gauge('kafka_consumergroup_members', 'Amount of members in a consumer group', this.#members),
      gauge(
        'kafka_consumergroup_current_offset',
        `Current Offset of a ConsumerGroup at Topic/Partition${BOUND}`,
        this.#offsets,
      ),
      gauge(
        'kafka_consumergroup_current_offset_sum',
        `Current Offset of a ConsumerGroup at Topic for all partitions${BOUND}`,
        this.#offsetSums,
      ),
      gauge(
        'kafka_consumergroup_lag',
        `Current Approximate Lag of a ConsumerGroup at Topic/Partition${BOUND}`,
        this.#lags,
      ),
      gauge(
        'kafka_consumergroup_lag_sum',
        `Current Approximate Lag of a ConsumerGroup at Topic for all partitions${BOUND}`,
        this.#lagSums,
      ),
      gauge(
        'millrace_groups_without_series',
        'Groups whose offsets are too many to have series of their own here.',
        [{ value: this.#groupsLeftOut }],
      ),
    ];
  }
}

/** undefined when what was listed before is gone by now. */
async function unlessGone<T>(
  code: 'GROUP_ID_NOT_FOUND' | 'UNKNOWN_TOPIC_OR_PARTITION' | 'KAFKA_STORAGE_ERROR',
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof MillraceError && error.code === code) return undefined;
    throw error;
  }
}
