/** What membership and everything about groups needs of a broker. */
import type { Broker } from '../broker/broker.ts';
import type { Groups } from '../broker/groups.ts';

export type GroupBroker = Pick<
  Broker,
  'listTopics' | 'topic' | 'describePartitions' | 'listOffset' | 'fetch' | keyof Groups
>;
