/**
 * One life of a simulated broker as its clients see it: what they ask and are told is noted in the
 * history. Once the life is over nobody hears anything any more, as in a process that is gone.
 */
import type { Topic } from '../../src/broker/broker.ts';
import type { LocalBroker } from '../../src/broker/local/local-broker.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { BrokerMachine } from './broker-machine.ts';
import type { Answer, Ask, History, KnownTopic, Place } from './history.ts';

/** A topic at the moment of a call. */
export interface SeenTopic {
  readonly topicId: string;
  readonly partitionCount: number;
}

const NO_TOPIC: SeenTopic = { topicId: '', partitionCount: 1 };

export class World {
  readonly broker: LocalBroker;
  readonly machine: BrokerMachine;
  readonly #history: History;
  readonly #life: number;

  constructor(broker: LocalBroker, machine: BrokerMachine, history: History) {
    this.broker = broker;
    this.machine = machine;
    this.#history = history;
    this.#life = history.life;
  }

  get nowMs(): number {
    return this.machine.clock.wallMs();
  }

  get isOver(): boolean {
    return this.#history.life !== this.#life;
  }

  /** Never answers once the life is over. */
  async ask(client: string, ask: Ask, call: () => Promise<Answer>): Promise<Answer> {
    if (this.isOver) return new Promise(() => undefined);
    const note = this.#history.begin(client, ask, this.nowMs);
    let answer: Answer;
    try {
      answer = await call();
    } catch (error) {
      answer = refusalOf(error);
    }
    if (this.isOver) return new Promise(() => undefined);
    note(answer, this.nowMs);
    return answer;
  }

  /**
   * About one place, which is the topic's that has the name now; `unclear` when another one has it
   * in the end, since the call only knew the name.
   */
  async askAt(
    client: string,
    at: { readonly topic: string; readonly partition: number },
    question: (place: Place) => { readonly ask: Ask; readonly call: () => Promise<Answer> },
  ): Promise<Answer> {
    const { topic } = at;
    const { topicId, partitionCount } = await this.seen(topic);
    const { ask, call } = question({ topic, topicId, partition: at.partition % partitionCount });
    return this.ask(client, ask, async () => {
      const answer = await call();
      return answer.kind === 'refused' || (await this.seen(topic)).topicId === topicId
        ? answer
        : { kind: 'unclear' };
    });
  }

  async seen(topic: string): Promise<SeenTopic> {
    try {
      return await this.broker.topic(topic);
    } catch {
      return NO_TOPIC;
    }
  }

  isOnline({ topic, partition }: Place): boolean {
    const { notOnline } = this.broker.health();
    return !notOnline.some((each) => each.topic === topic && each.partition === partition);
  }

  trouble(text: string): void {
    this.#history.trouble(text);
  }
}

export function refusalOf(error: unknown): Answer {
  if (!(error instanceof MillraceError)) {
    return { kind: 'broken', reason: error instanceof Error ? error.message : String(error) };
  }
  const { code, written } = error;
  return { kind: 'refused', code, ...(written !== undefined && { written }) };
}

export function knownTopic({ name, topicId, partitionCount, config }: Topic): KnownTopic {
  const { retentionMs, retentionBytes } = config;
  return { topic: name, topicId, partitions: partitionCount, retentionMs, retentionBytes };
}
