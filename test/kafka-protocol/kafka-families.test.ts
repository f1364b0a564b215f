import { expect, test } from 'vitest';
import { KafkaCounters } from '../../src/kafka-protocol/kafka-counters.ts';
import { kafkaFamilies } from '../../src/kafka-protocol/kafka-families.ts';

test('what was counted is shown, requests by their API', () => {
  const counters = new KafkaCounters();
  counters.countRequest('Fetch');
  counters.countRequest('Produce');
  counters.countRequest('Fetch');
  Object.assign(counters, { connectionsOpen: 1, connectionsOpened: 2 });
  Object.assign(counters, { connectionsRefused: 3, connectionsFaulted: 4 });
  const shown = kafkaFamilies(counters).map(({ name, values }) => [name, ...values]);
  expect(shown).toEqual([
    [
      'millrace_kafka_requests_total',
      { labels: { api: 'Fetch' }, value: 2 },
      { labels: { api: 'Produce' }, value: 1 },
    ],
    ['millrace_kafka_connections_opened_total', { value: 2 }],
    ['millrace_kafka_connections_refused_total', { value: 3 }],
    ['millrace_kafka_connections_faulted_total', { value: 4 }],
    ['millrace_kafka_connections', { value: 1 }],
  ]);
});
