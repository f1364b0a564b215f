/**
 * Topic by topic, each subscriber gets a run of neighbouring partitions; where they do not come
 * out even, the first subscribers get one more (Java's RangeAssignor without racks).
 *
 * Topics with as many partitions and the same subscribers are shared out alike, so that records
 * with one key come to one member from all of them. The price: with many topics the first members
 * collect all the odd partitions.
 */
import { AssignmentBuilder } from './assignment-builder.ts';
import type { Assignor } from './assignor.ts';
import { inOrder, sharedTopics } from './subscribers.ts';

export const rangeAssignor: Assignor = {
  name: 'range',
  isCooperative: false,
  assign({ members, partitionCounts }) {
    const ordered = inOrder(members);
    const builder = new AssignmentBuilder(ordered);
    for (const { name, partitionCount, subscribers } of sharedTopics(ordered, partitionCounts)) {
      const share = Math.floor(partitionCount / subscribers.length);
      const odd = partitionCount % subscribers.length;
      let partition = 0;
      for (const [index, member] of subscribers.entries()) {
        const end = partition + share + (index < odd ? 1 : 0);
        for (; partition < end; partition += 1) builder.give(member, name, partition);
      }
    }
    return builder.build();
  },
};
