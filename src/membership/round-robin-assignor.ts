/**
 * All partitions of all topics are dealt out one at a time, going around the members and passing
 * over those that do not subscribe to the topic (Java's RoundRobinAssignor).
 */
import { AssignmentBuilder } from './assignment-builder.ts';
import type { AssignInput, Assignor } from './assignor.ts';
import { inOrder, sharedTopics } from './subscribers.ts';

export const roundRobinAssignor: Assignor = {
  name: 'roundrobin',
  isCooperative: false,
  assign: dealAround,
};

/**
 * kafkajs's name for its own, which deals in a slightly different order. All that its members ask
 * of a leader is that every partition is given to somebody.
 */
export const kafkajsRoundRobinAssignor: Assignor = {
  name: 'RoundRobinAssigner',
  isCooperative: false,
  assign: dealAround,
};

function dealAround({ members, partitionCounts }: AssignInput): ReturnType<Assignor['assign']> {
  const ordered = inOrder(members);
  const builder = new AssignmentBuilder(ordered);
  /** The member whose turn it is. */
  let turn = 0;
  for (const { name, partitionCount, subscribers } of sharedTopics(ordered, partitionCounts)) {
    const first = subscribers.findIndex((member) => member >= turn);
    let at = first === -1 ? 0 : first;
    for (let partition = 0; partition < partitionCount; partition += 1) {
      const member = subscribers[at] as number;
      builder.give(member, name, partition);
      at = (at + 1) % subscribers.length;
      turn = (member + 1) % ordered.length;
    }
  }
  return builder.build();
}
