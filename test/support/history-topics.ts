/** What a history says about topics: none is lost, none comes back, none shrinks. */
import { aboutOf } from './history.ts';
import type { Answer, KnownTopic, Operation } from './history.ts';
import type { Report, Rules } from './history-checker.ts';

interface Fate {
  topic: string;
  partitions: number;
  /** Whether anybody asked for its end, and when that was answered. */
  isAtRisk: boolean;
  goneAt: number | undefined;
}

export class TopicRules implements Rules {
  readonly #report: Report;
  /** By topic id, of those that were acknowledged or shown. */
  readonly #fates = new Map<string, Fate>();
  /** What a list that began then had to show. */
  readonly #expected = new Map<Operation, readonly [string, number][]>();
  readonly #atRisk = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  began(operation: Operation): void {
    const { ask } = operation;
    if (ask.kind === 'delete topic') this.#risk(ask.topicId);
    if (ask.kind !== 'list topics') return;
    const expected = [...this.#fates]
      .filter(([, { goneAt }]) => goneAt === undefined)
      .map(([topicId, { partitions }]): [string, number] => [topicId, partitions]);
    this.#expected.set(operation, expected);
  }

  ended(operation: Operation, answer: Answer): void {
    const { ask } = operation;
    if (ask.kind === 'delete topic' && answer.kind === 'done') {
      const fate = this.#fates.get(ask.topicId);
      if (fate !== undefined) fate.goneAt = operation.ended;
    }
    if (answer.kind !== 'topics') return;
    for (const topic of answer.topics) this.#seen(topic, operation);
    if (ask.kind === 'list topics') this.#compare(operation, answer.topics);
  }

  #risk(topicId: string): void {
    this.#atRisk.add(topicId);
    const fate = this.#fates.get(topicId);
    if (fate !== undefined) fate.isAtRisk = true;
  }

  #seen({ topic, topicId, partitions }: KnownTopic, { began, ask }: Operation): void {
    const fate = this.#fates.get(topicId);
    const isAtRisk = this.#atRisk.has(topicId);
    if (fate === undefined) {
      this.#fates.set(topicId, { topic, partitions, isAtRisk, goneAt: undefined });
      return;
    }
    if (fate.goneAt !== undefined && fate.goneAt < began) {
      this.#report('zombie topic', `topic ${topic}`, `${topicId} is back (${ask.kind})`);
    }
    fate.partitions = Math.max(fate.partitions, partitions);
  }

  #compare(operation: Operation, topics: readonly KnownTopic[]): void {
    const listed = new Map(topics.map((each) => [each.topicId, each]));
    for (const [topicId, partitions] of this.#expected.get(operation) ?? []) {
      const { topic, isAtRisk } = this.#fates.get(topicId) as Fate;
      const found = listed.get(topicId);
      if (found === undefined && !isAtRisk) {
        this.#report(
          'lost topic',
          `topic ${topic}`,
          `${topicId} is not in ${aboutOf(operation.ask)}`,
        );
      }
      if (found !== undefined && found.partitions < partitions) {
        const text = `${found.partitions} partitions, and there were ${partitions}`;
        this.#report('lost topic', `topic ${topic}`, text);
      }
    }
  }
}
