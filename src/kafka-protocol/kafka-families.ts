/** What the Kafka face has counted, for `/metrics`. */
import type { Family } from '../model/metric-family.ts';
import { counter, family, gauge } from '../model/metric-family.ts';
import type { KafkaCounters } from './kafka-counters.ts';

export function kafkaFamilies(counters: KafkaCounters): Family[] {
  return [
    family(
      'millrace_kafka_requests_total',
      'Requests of Kafka clients begun, by API.',
      'counter',
      [...counters.requests].map(([api, value]) => ({ labels: { api }, value })),
    ),
    counter('kafka_connections_opened', 'Connections accepted.', counters.connectionsOpened),
    counter(
      'kafka_connections_refused',
      'Connections closed at once, too many being open.',
      counters.connectionsRefused,
    ),
    counter(
      'kafka_connections_faulted',
      'Connections ended because of what they sent, or because they took no answers.',
      counters.connectionsFaulted,
    ),
    gauge('kafka_connections', 'Connections that are open.', counters.connectionsOpen),
  ];
}
