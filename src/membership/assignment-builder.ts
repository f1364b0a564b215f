/** Collects who gets what. To be told topic by topic in order of name, partitions ascending. */
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import type { AssignedMember } from './assignor.ts';

interface GrowingPartitions {
  readonly topic: string;
  readonly partitions: number[];
}

export class AssignmentBuilder {
  readonly #members: readonly AssignedMember[];
  readonly #assigned: readonly GrowingPartitions[][];

  constructor(members: readonly AssignedMember[]) {
    this.#members = members;
    this.#assigned = members.map(() => []);
  }

  /** `member` is a position in the list of members. */
  give(member: number, topic: string, partition: number): void {
    const assigned = this.#assigned[member] as GrowingPartitions[];
    const last = assigned.at(-1);
    if (last?.topic === topic) last.partitions.push(partition);
    else assigned.push({ topic, partitions: [partition] });
  }

  /** By member id, everybody. */
  build(): Map<string, readonly TopicPartitions[]> {
    return new Map(
      this.#members.map(({ memberId }, index) => [
        memberId,
        this.#assigned[index] as GrowingPartitions[],
      ]),
    );
  }
}
