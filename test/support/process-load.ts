/**
 * Load on a real server from several connections at once, life after life: single records, JSON
 * and raw batches, idempotent batches that are repeated until they are answered, a reader that
 * follows, delete-records, commits of nobody and of a member. Small segments, so that every life
 * rolls. All of it is noted in one history.
 *
 * What is sent is drawn from a seed; how the connections interleave is the machine's.
 */
import type { Answer, CommitValue, KnownTopic, Place } from './history.ts';
import { History } from './history.ts';
import { NotedClient } from './noted-client.ts';
import { SeededRandom } from './seeded-random.ts';

const TOPICS = [
  { topic: 'rolls', partitions: 3, retentionMs: -1, retentionBytes: -1 },
  { topic: 'retained', partitions: 1, retentionMs: -1, retentionBytes: 16_384 },
  { topic: 'trimmed', partitions: 1, retentionMs: -1, retentionBytes: -1 },
] as const;

/** Does one thing; undefined when the connection broke. */
type Step = () => Promise<Answer | undefined>;

export class ProcessLoad {
  readonly history = new History();
  readonly #random: SeededRandom;
  readonly #places = new Map<string, Place>();
  readonly #clients: NotedClient[] = [];
  readonly #steps: Step[] = [];
  #textCount = 0;
  #url = '';

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** Makes the topics. */
  async begin(url: string): Promise<void> {
    const known: KnownTopic[] = [];
    for (const { topic, partitions, retentionMs, retentionBytes } of TOPICS) {
      const configs = {
        'segment.bytes': '4096',
        'retention.ms': String(retentionMs),
        'retention.bytes': String(retentionBytes),
      };
      const made = await send(`${url}/topics/${topic}`, 'PUT', { partitions, configs });
      const { topic_id: topicId } = made.body as { topic_id: string };
      known.push({ topic, topicId, partitions, retentionMs, retentionBytes });
      for (let partition = 0; partition < partitions; partition += 1) {
        this.#places.set(`${topic}/${partition}`, { topic, topicId, partition });
      }
    }
    this.#client('makes topics').noteTopics(known);
    for (const where of ['rolls/0', 'rolls/1', 'retained/0', 'trimmed/0']) this.#addSingles(where);
    this.#addBatches('rolls/1', 'json');
    this.#addBatches('rolls/2', 'raw batch');
    this.#addBatches('retained/0', 'raw batch');
    this.#addIdempotent('rolls/2');
    this.#addReader('rolls/0');
    this.#addTrimmer('trimmed/0');
    for (const group of ['g0', 'g1', 'g2']) this.#addCommits(group);
    this.#addMember('members');
  }

  /** Resolves when every connection has broken; `acknowledged` hears of each effect that is sure. */
  async run(url: string, acknowledged: () => void): Promise<void> {
    this.#useServer(url);
    await Promise.all(
      this.#steps.map(async (step) => {
        for (let answer = await step(); answer !== undefined; answer = await step()) {
          if (answer.kind === 'refused') throw new Error(`refused: ${JSON.stringify(answer)}`);
          if (answer.kind === 'produced' || answer.kind === 'committed') acknowledged();
        }
      }),
    );
  }

  /** Reads everything: each partition from its log start to its end, and all that is committed. */
  async readBack(url: string): Promise<void> {
    const reader = this.#client('reads back');
    this.#useServer(url);
    for (const place of this.#places.values()) {
      const start = await reader.deleteRecords(place, 0);
      if (start?.kind !== 'log start') throw new Error(`no log start: ${JSON.stringify(start)}`);
      for (let offset = start.offset; ;) {
        const answer = await reader.fetch(place, offset);
        if (answer?.kind !== 'fetched') throw new Error(`no records: ${JSON.stringify(answer)}`);
        offset += answer.records.length;
        if (answer.records.length === 0) break;
      }
    }
    await this.readCommits(url);
  }

  async readCommits(url: string): Promise<void> {
    const reader = this.#client('reads commits');
    this.#useServer(url);
    for (const group of ['g0', 'g1', 'g2', 'members']) {
      await reader.fetchOffsets(group, [this.#place('rolls/0')]);
    }
  }

  #useServer(url: string): void {
    this.#url = url;
    for (const client of this.#clients) client.url = url;
  }

  #client(name: string): NotedClient {
    const client = new NotedClient(this.history, name);
    client.url = this.#url;
    this.#clients.push(client);
    return client;
  }

  #place(where: string): Place {
    return this.#places.get(where) as Place;
  }

  #texts(count: number): string[] {
    const padding = '.'.repeat(this.#random.below(200));
    return Array.from({ length: count }, () => `${(this.#textCount += 1)}${padding}`);
  }

  #addSingles(where: string): void {
    const client = this.#client(`singles ${where}`);
    this.#steps.push(() => client.produce(this.#place(where), this.#texts(1)));
  }

  #addBatches(where: string, as: 'json' | 'raw batch'): void {
    const client = this.#client(`${as} ${where}`);
    const count = (): number => this.#random.between(1, 40);
    this.#steps.push(() => client.produce(this.#place(where), this.#texts(count()), { as }));
  }

  /** Exactly once: what has no answer is sent again, in the next life too. */
  #addIdempotent(where: string): void {
    const client = this.#client(`idempotent ${where}`);
    let identity: { readonly producerId: number; readonly sequence: number } | undefined;
    let texts = this.#texts(1);
    this.#steps.push(async () => {
      if (identity === undefined) {
        const answer = await client.producerId();
        if (answer?.kind === 'producer id') identity = { ...answer, sequence: 0 };
        return answer;
      }
      const answer = await client.produce(this.#place(where), texts, { identity });
      if (answer?.kind !== 'produced') return answer;
      identity = { ...identity, sequence: identity.sequence + texts.length };
      texts = this.#texts(this.#random.between(1, 20));
      return answer;
    });
  }

  #addReader(where: string): void {
    const client = this.#client(`reader ${where}`);
    let offset = 0;
    this.#steps.push(async () => {
      const answer = await client.fetch(this.#place(where), offset);
      if (answer?.kind === 'fetched') offset += answer.records.length;
      return answer;
    });
  }

  #addTrimmer(where: string): void {
    const client = this.#client(`trimmer ${where}`);
    const writer = this.#client(`trimmed ${where}`);
    this.#steps.push(async () => {
      const answer = await writer.produce(this.#place(where), this.#texts(20));
      if (answer?.kind !== 'produced') return answer;
      const before = answer.baseOffset - this.#random.below(20);
      return client.deleteRecords(this.#place(where), Math.max(0, before));
    });
  }

  #addCommits(group: string): void {
    const client = this.#client(`commits ${group}`);
    let count = 0;
    this.#steps.push(() => client.commit(group, this.#nextCommit((count += 1))));
  }

  /** After a kill it goes on with the generation that it has, or joins again where it must. */
  #addMember(group: string): void {
    const client = this.#client(`member of ${group}`);
    let count = 0;
    let member: { readonly memberId: string; readonly generation: number } | undefined;
    this.#steps.push(async () => {
      if (member === undefined) {
        const wish = { topics: ['rolls'], session_timeout_ms: 60_000 };
        const joined = await send(`${this.#url}/groups/${group}/members`, 'POST', wish);
        if (joined.status === 0) return undefined;
        const { member_id: memberId, generation } = joined.body as Joined;
        member = { memberId, generation };
      }
      return client.commit(group, this.#nextCommit((count += 1)), member);
    });
  }

  #nextCommit(count: number): CommitValue[] {
    return [{ place: this.#place('rolls/0'), value: String(count) }];
  }
}

interface Joined {
  readonly member_id: string;
  readonly generation: number;
}

/** Status 0: the connection broke. */
async function send(
  url: string,
  method: string,
  body: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const headers = { 'content-type': 'application/json' };
  try {
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { status: 0, body: undefined };
  }
}
