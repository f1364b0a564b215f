/**
 * A client of a real server over HTTP that notes in a history what it asks and what it is told. A
 * connection that breaks leaves its call without an answer, as a caller would see it.
 */
import type { Answer, Ask, CommitValue, History, KnownTopic, Place } from './history.ts';
import { encodedBatch, textRecord } from './batches.ts';

/** How records are sent; each is one value, its text. */
export type Sending = 'json' | 'raw batch';

export interface Identity {
  readonly producerId: number;
  readonly sequence: number;
}

export class NotedClient {
  readonly name: string;
  readonly #history: History;
  /** Where the server of this life listens. */
  url = '';

  constructor(history: History, name: string) {
    this.#history = history;
    this.name = name;
  }

  produce(
    place: Place,
    texts: readonly string[],
    { as = 'json', identity }: { readonly as?: Sending; readonly identity?: Identity } = {},
  ): Promise<Answer | undefined> {
    const path = `/topics/${place.topic}/partitions/${place.partition}`;
    const request = as === 'json' ? jsonRecords(texts, identity) : rawBatch(texts);
    const sequence = identity && { sequence: identity.sequence };
    return this.#call({ kind: 'produce', place, texts, ...sequence }, path, request, (body) =>
      produced(body, texts.length),
    );
  }

  /**
   * What is there from the offset on, up to 10,000 records; waits a while when there is nothing.
   * A partition that is not online shows less than there is.
   */
  fetch(place: Place, offset: number, isOnline = true): Promise<Answer | undefined> {
    const query = `offset=${offset}&max_records=10000&max_bytes=16777216&timeout=100`;
    const path = `/topics/${place.topic}/partitions/${place.partition}/records?${query}`;
    return this.#call({ kind: 'fetch', place, offset }, path, { method: 'GET' }, (body) =>
      fetched(body, isOnline),
    );
  }

  deleteRecords(place: Place, before: number): Promise<Answer | undefined> {
    const path = `/topics/${place.topic}/partitions/${place.partition}/records?before=${before}`;
    const request = { method: 'DELETE' };
    return this.#call({ kind: 'delete records', place, before }, path, request, (body) => {
      const [purged] = body['partitions'] as [{ log_start_offset: number }];
      return { kind: 'log start', offset: purged.log_start_offset };
    });
  }

  /** Notes what is known of topics that were made elsewhere. */
  noteTopics(topics: readonly KnownTopic[]): void {
    this.#history.begin(this.name, { kind: 'list topics' }, 0)({ kind: 'topics', topics }, 0);
  }

  producerId(): Promise<Answer | undefined> {
    return this.#call({ kind: 'producer id' }, '/producers', json({}), (body) => ({
      kind: 'producer id',
      producerId: body['producer_id'] as number,
    }));
  }

  /** Of nobody, or of a member. The offset is 0; the value is the text beside it. */
  commit(
    group: string,
    offsets: readonly CommitValue[],
    { memberId = '', generation = -1 }: { readonly memberId?: string; generation?: number } = {},
  ): Promise<Answer | undefined> {
    const ask: Ask = { kind: 'commit', group, memberId, generation, offsets };
    const body = {
      ...(memberId !== '' && { member_id: memberId, generation }),
      offsets: offsets.map(({ place: { topic, partition }, value }) => ({
        topic,
        partition,
        offset: 0,
        metadata: value,
      })),
    };
    return this.#call(ask, `/groups/${group}/offsets`, json(body), () => ({
      kind: 'committed',
      refusals: offsets.map(() => undefined),
    }));
  }

  fetchOffsets(group: string, places: readonly Place[]): Promise<Answer | undefined> {
    const request = { method: 'GET' };
    const ask: Ask = { kind: 'fetch offsets', group };
    return this.#call(ask, `/groups/${group}/offsets`, request, (body) => {
      const rows = body['offsets'] as { topic: string; partition: number; metadata: string }[];
      const valueAt = ({ topic, partition }: Place): string | undefined =>
        rows.find((row) => row.topic === topic && row.partition === partition)?.metadata;
      return { kind: 'offsets', places: places.map((place) => ({ place, value: valueAt(place) })) };
    });
  }

  /** The answer; undefined when the connection broke before it was there. */
  async #call(
    ask: Ask,
    path: string,
    request: RequestInit,
    read: (body: { readonly [member: string]: unknown }) => Answer,
  ): Promise<Answer | undefined> {
    const note = this.#history.begin(this.name, ask, 0);
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${this.url}${path}`, request);
      status = response.status;
      text = await response.text();
    } catch (error) {
      // fetch has no other word for a connection that broke.
      if (error instanceof TypeError) return undefined;
      throw error;
    }
    const answer = status === 200 ? read(JSON.parse(text)) : refused(status, text);
    note(answer, 0);
    return answer;
  }
}

function json(body: object, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

function jsonRecords(texts: readonly string[], identity: Identity | undefined): RequestInit {
  const headers = identity && {
    'producer-id': String(identity.producerId),
    'producer-epoch': '0',
    'producer-seq': String(identity.sequence),
  };
  return json({ records: texts.map((value) => ({ value })) }, headers);
}

function rawBatch(texts: readonly string[]): RequestInit {
  const batch = encodedBatch(texts.map((text) => textRecord(JSON.stringify(text))));
  return {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.kafka.recordbatch' },
    body: new Uint8Array(batch),
  };
}

/** The records of one request in one partition are contiguous. */
function produced(body: { readonly [member: string]: unknown }, count: number): Answer {
  const [first] = (body['partitions'] ?? []) as { base_offset: number }[];
  if (first !== undefined) return { kind: 'produced', baseOffset: first.base_offset };
  const offsets = (body['offsets'] as { offset: number }[]).map(({ offset }) => offset);
  const [baseOffset = -1] = offsets;
  const isWhole = offsets.length === count && offsets.at(-1) === baseOffset + count - 1;
  if (!isWhole) return { kind: 'broken', reason: `${count} records went to ${offsets.join()}` };
  return { kind: 'produced', baseOffset };
}

function fetched(body: { readonly [member: string]: unknown }, isOnline: boolean): Answer {
  const records = body['records'] as { offset: number; value: string }[];
  return {
    kind: 'fetched',
    logStartOffset: body['log_start_offset'] as number,
    highWatermark: body['high_watermark'] as number,
    isOnline,
    records: records.map(({ offset, value }) => ({ offset, text: value })),
  };
}

/** Nobody may be told anything but the closed list, and of 5xx but 503 and 507. */
function refused(status: number, text: string): Answer {
  const { code, written } = JSON.parse(text) as { code?: string; written?: string };
  if (code === undefined || (status >= 500 && status !== 503 && status !== 507)) {
    return { kind: 'broken', reason: `${status} ${text}` };
  }
  return { kind: 'refused', code, ...(written !== undefined && { written }) };
}
