/**
 * What clients asked a broker and what they were told, in the order in which it happened: the log
 * of operations that `history-checker.ts` judges. A crash leaves operations without an answer.
 *
 * Every record that is written has a text of its own, and every commit a value of its own; so what
 * is shown later can be traced to who wrote it. It only notes; it judges nothing.
 */
export interface Place {
  readonly topic: string;
  /** Of the topic that had the name when the call was made; empty when there was none. */
  readonly topicId: string;
  readonly partition: number;
}

export interface ShownRecord {
  readonly offset: number;
  readonly text: string;
  /** Of the bytes of its batch, where they are known: they must never change. */
  readonly crc?: number;
}

export interface KnownTopic {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: number;
  /** -1: nothing leaves by age. */
  readonly retentionMs: number;
  /** -1: nothing leaves by size. */
  readonly retentionBytes: number;
}

export interface CommitValue {
  readonly place: Place;
  readonly value: string;
}

export type Ask =
  | { readonly kind: 'start' }
  | { readonly kind: 'list topics' }
  | { readonly kind: 'create topic'; readonly topic: string }
  | { readonly kind: 'delete topic'; readonly topic: string; readonly topicId: string }
  | { readonly kind: 'add partitions'; readonly topic: string; readonly partitions: number }
  | { readonly kind: 'producer id' }
  /** `sequence`: of an idempotent producer, which repeats what it has no answer for. */
  | {
      readonly kind: 'produce';
      readonly place: Place;
      readonly texts: readonly string[];
      readonly sequence?: number;
    }
  | { readonly kind: 'fetch'; readonly place: Place; readonly offset: number }
  | { readonly kind: 'delete records'; readonly place: Place; readonly before: number }
  /** `memberId` empty: a simple commit. */
  | {
      readonly kind: 'commit';
      readonly group: string;
      readonly memberId: string;
      readonly generation: number;
      readonly offsets: readonly CommitValue[];
    }
  | { readonly kind: 'fetch offsets'; readonly group: string }
  | { readonly kind: 'delete group'; readonly group: string }
  | { readonly kind: 'join'; readonly group: string; readonly memberId: string }
  | {
      readonly kind: 'sync' | 'heartbeat';
      readonly group: string;
      readonly memberId: string;
      readonly generation: number;
    }
  | { readonly kind: 'leave'; readonly group: string; readonly memberId: string };

export type Answer =
  | { readonly kind: 'done' }
  /** `written`: what is known about the effect of a write. */
  | { readonly kind: 'refused'; readonly code: string; readonly written?: string }
  /** An error that no caller may ever see: not one of the closed list. */
  | { readonly kind: 'broken'; readonly reason: string }
  /** The topic's name changed hands meanwhile: it cannot be said which one was meant. */
  | { readonly kind: 'unclear' }
  | { readonly kind: 'topics'; readonly topics: readonly KnownTopic[] }
  | { readonly kind: 'producer id'; readonly producerId: number }
  | { readonly kind: 'produced'; readonly baseOffset: number }
  | {
      readonly kind: 'fetched';
      readonly logStartOffset: number;
      readonly highWatermark: number;
      /** One that is not online shows less than there is. */
      readonly isOnline: boolean;
      readonly records: readonly ShownRecord[];
      readonly code?: string;
    }
  | { readonly kind: 'log start'; readonly offset: number }
  /** For each offset, in the order asked: undefined when it was taken. */
  | { readonly kind: 'committed'; readonly refusals: readonly (string | undefined)[] }
  /** `places`: all that was looked for; one without a value has none. */
  | {
      readonly kind: 'offsets';
      readonly places: readonly { readonly place: Place; readonly value: string | undefined }[];
    }
  | { readonly kind: 'joined'; readonly memberId: string; readonly generation: number }
  | { readonly kind: 'assigned'; readonly generation: number; readonly owned: readonly string[] };

export interface Operation {
  readonly kind: 'operation';
  readonly life: number;
  readonly client: string;
  readonly ask: Ask;
  /** Place in the order of everything that happened, and the simulated wall clock. */
  readonly began: number;
  readonly beganMs: number;
  ended: number | undefined;
  endedMs: number;
  answer: Answer | undefined;
}

/** Something that is no client's doing; `life ends` also ends what had no answer. */
export interface Happening {
  readonly kind: 'life ends' | 'trouble';
  readonly life: number;
  readonly at: number;
  readonly text: string;
}

export type Entry = Operation | Happening;

export class History {
  readonly entries: Entry[] = [];
  #now = 0;
  #life = 0;

  /** Whatever the life that ends still hears is not noted. */
  get life(): number {
    return this.#life;
  }

  /** Answers how to note the answer; of the last one only. */
  begin(client: string, ask: Ask, nowMs: number): (answer: Answer, nowMs: number) => void {
    const operation: Operation = {
      kind: 'operation',
      life: this.#life,
      client,
      ask,
      began: this.#tick(),
      beganMs: nowMs,
      ended: undefined,
      endedMs: nowMs,
      answer: undefined,
    };
    this.entries.push(operation);
    return (answer, endedMs) => {
      if (operation.life !== this.#life) return;
      Object.assign(operation, { answer, ended: this.#tick(), endedMs });
    };
  }

  trouble(text: string): void {
    this.entries.push({ kind: 'trouble', life: this.#life, at: this.#tick(), text });
  }

  endLife(text: string): void {
    this.entries.push({ kind: 'life ends', life: this.#life, at: this.#tick(), text });
    this.#life += 1;
  }

  #tick(): number {
    this.#now += 1;
    return this.#now;
  }
}

export function aboutPlace({ topic, topicId, partition }: Place): string {
  return `${topic}#${topicId.slice(0, 6)}/${partition}`;
}

export function aboutGroup(group: string): string {
  return `group ${group}`;
}

/** The partition, topic or group that an operation is about. */
export function aboutOf(ask: Ask): string {
  if ('place' in ask) return aboutPlace(ask.place);
  if ('group' in ask) return aboutGroup(ask.group);
  if ('topic' in ask) return `topic ${ask.topic}`;
  return 'the server';
}
