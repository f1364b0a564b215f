/** Any words of a consumer group, for property tests. */
import * as fc from 'fast-check';
import type { TopicPartitions } from '../../src/codec/consumer-protocol.ts';

export const anyTopicPartitions: fc.Arbitrary<TopicPartitions[]> = fc.array(
  fc.record({
    topic: fc.string({ unit: 'grapheme', maxLength: 20 }),
    partitions: fc.array(fc.integer({ min: 0 })),
  }),
  { maxLength: 5 },
);
