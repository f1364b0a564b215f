/** A member of a group over plain HTTP, as a program would be written: read, commit; on 409 join again. */
import type { ReadRecord, TopicPartition } from './driver.ts';

interface Answer {
  readonly status: number;
  readonly body: { readonly [name: string]: unknown };
}

interface Assignment {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export class HttpMember {
  readonly records: ReadRecord[] = [];
  assigned: readonly TopicPartition[] = [];
  readonly #group: string;
  readonly #topics: readonly string[];
  #memberId: string | undefined;
  #generation = -1;
  #cursor: unknown;

  constructor(url: string, group: string, topics: readonly string[]) {
    this.#group = `${url}/groups/${group}`;
    this.#topics = topics;
  }

  /** One read, committed; or one join when the group says so. */
  async turn(): Promise<void> {
    if (this.#memberId === undefined) return this.#join();
    const generation = this.#generation;
    const wish = { generation, cursor: this.#cursor, timeout_ms: 100, format: 'text' };
    const path = `/members/${this.#memberId}/fetch`;
    const { status, body } = await this.#send(path, wish);
    if (status !== 200) return this.#join();
    const { records, cursor } = body as { records: ReadRecord[]; cursor: string };
    const commit = { member_id: this.#memberId, generation, cursor };
    if ((await this.#send('/offsets', commit)).status !== 200) return;
    this.#cursor = cursor;
    this.records.push(...records);
  }

  async leave(): Promise<void> {
    await fetch(`${this.#group}/members/${this.#memberId}`, { method: 'DELETE' });
    this.#memberId = undefined;
    this.assigned = [];
  }

  async #join(): Promise<void> {
    const { status, body } = await this.#send('/members', {
      topics: this.#topics,
      session_timeout_ms: 6_000,
      member_id: this.#memberId,
      cursor: this.#cursor,
    });
    if (status === 404) this.#memberId = undefined;
    if (status !== 200) return;
    this.#memberId = body['member_id'] as string;
    this.#generation = body['generation'] as number;
    this.#cursor = body['cursor'];
    this.assigned = (body['assignment'] as Assignment[]).flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    );
  }

  async #send(path: string, body: unknown): Promise<Answer> {
    const answer = await fetch(this.#group + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    // Anything else says that this program is wrong.
    if (![200, 404, 409].includes(answer.status)) throw new Error(`${path}: ${text}`);
    return { status: answer.status, body: JSON.parse(text) as Answer['body'] };
  }
}
